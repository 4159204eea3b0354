package native

import (
	"fmt"
	"net/netip"
	"strconv"
	"time"

	"dockerinit/core/zone"
)

// Every argument list configures what runs (-t) and not what the next boot finds:
// that asks the host again. illumos: ipadm(8), ifconfig(8), route(8)

func createInterface(name string) []string { return []string{"ipadm", "create-if", "-t", name} }

func createStatic(object string, addr netip.Prefix) []string {
	return []string{"ipadm", "create-addr", "-t", "-T", "static", "-a", "local=" + addr.String(), object}
}

// createAddrconf gives the link its link-local address too.
func createAddrconf(object string) []string {
	return []string{"ipadm", "create-addr", "-t", "-T", "addrconf", object}
}

func createDHCP(object string, wait time.Duration) []string {
	return []string{"ipadm", "create-addr", "-t", "-T", "dhcp", "-w", strconv.Itoa(int(wait / time.Second)), object}
}

// setMTU is of one IP version: each has its own.
func setMTU(name string, mtu int, version string) []string {
	return []string{"ipadm", "set-ifprop", "-t", "-p", "mtu=" + strconv.Itoa(mtu), "-m", version, name}
}

// raiseIPv6 brings the IPv6 side up, which makes the link-local address.
func raiseIPv6(name string) []string { return []string{"ifconfig", name, "inet6", "up"} }

// addRoute adds a route. One that is on-link names an address of the zone's own
// as its gateway, which the tool has to be told.
func addRoute(r zone.Route) []string {
	args := []string{"route", "-n", "add"}
	if r.Dst.Addr().Is6() {
		args = append(args, "-inet6")
	}
	if r.OnLink {
		args = append(args, "-interface")
	}
	dst := r.Dst.String()
	if r.Default() {
		dst = "default"
	}
	args = append(args, dst, r.Gateway.String())
	if r.Gateway.Is6() && r.Gateway.IsLinkLocalUnicast() && !r.OnLink && r.Interface != "" {
		args = append(args, "-ifp", r.Interface) // each link has such a neighbour
	}
	return args
}

func findProcesses(name string) []string { return []string{"pgrep", "-x", name} }

// nativeName is what illumos calls the NIC's link.
func nativeName(nic zone.NIC) string {
	if nic.Loopback {
		return "lo0"
	}
	return nic.Interface
}

// object is the name of an address object, "eth0/addr3". What stands after the
// slash begins with a letter, and has letters, digits and _, at most 32 of them.
// illumos: ipadm(8)
func object(link, name string) (string, error) {
	if len(name) > longestObject {
		return "", fmt.Errorf("address object %s/%s: the name is longer than %d bytes", link, name, longestObject)
	}
	for i := range len(name) {
		c := name[i]
		letter := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
		if !letter && (i == 0 || c != '_' && (c < '0' || '9' < c)) {
			return "", fmt.Errorf("address object %s/%s: %q where letters, digits and _ are expected", link, name, c)
		}
	}
	if name == "" {
		return "", fmt.Errorf("address object of %s: no name", link)
	}
	return link + "/" + name, nil
}

const longestObject = 32
