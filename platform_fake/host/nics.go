package host

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// deriveNICs makes each NIC what vmadm makes of it: with a name, a MAC, and both
// the arrays (ips, gateways) and the fields of old (ip, netmask, gateway).
// smartos-live: src/vm/node_modules/nic.js
func deriveNICs(vm *value) {
	nics := vm.get("nics")
	nics.list = slices.DeleteFunc(nics.list, func(n *value) bool { return !n.is(object) })
	prefix := "net"
	if vm.str("brand") == "lx" {
		prefix = "eth"
	}
	taken := map[string]bool{}
	for _, nic := range nics.list {
		taken[nic.str("interface")] = true
	}
	next := 0
	for i, nic := range nics.list {
		if nic.get("interface") == nil {
			for taken[prefix+strconv.Itoa(next)] {
				next++
			}
			nic.set("interface", textValue(prefix+strconv.Itoa(next)))
			taken[nic.str("interface")] = true
		}
		nic.setDefault("mac", textValue(pseudoMAC(vm.str("uuid"), i)))
		deriveAddresses(nic)
		if !nic.yes("primary") {
			nic.remove("primary")
		}
	}
	if len(nics.list) > 0 && !slices.ContainsFunc(nics.list, func(n *value) bool { return n.yes("primary") }) {
		nics.list[0].set("primary", boolValue(true))
	}
	for _, nic := range nics.list {
		slices.SortStableFunc(nic.fields, func(a, b field) int { return cmp.Compare(rank(a.name), rank(b.name)) })
	}
	// The host sorts by number, but knows only names of the form netN.
	slices.SortStableFunc(nics.list, func(a, b *value) int { return cmp.Compare(netNumber(a), netNumber(b)) })
}

// deriveAddresses fills in the form of the addresses that is missing. Where both
// are there the arrays count.
func deriveAddresses(nic *value) {
	if nic.get("ips") == nil {
		if ip := old(nic); ip != "" {
			nic.set("ips", listOf(textValue(ip)))
		}
	}
	if nic.get("gateways") == nil && nic.str("gateway") != "" {
		nic.set("gateways", listOf(textValue(nic.str("gateway"))))
	}
	if ips := nic.get("ips"); ips.is(list) {
		nic.remove("ip")
		nic.remove("netmask")
		for _, e := range ips.list {
			if ip, mask, ok := split(e.text); ok && e.is(text) {
				nic.set("ip", textValue(ip))
				if mask != "" {
					nic.set("netmask", textValue(mask))
				}
				break
			}
		}
	}
	if gateways := nic.get("gateways"); gateways.is(list) {
		nic.remove("gateway")
		for _, e := range gateways.list {
			if a, err := netip.ParseAddr(e.text); err == nil && a.Is4() && e.is(text) {
				nic.set("gateway", textValue(e.text))
				break
			}
		}
	}
}

// old is the element of ips that ip and netmask stand for.
func old(nic *value) string {
	ip := nic.str("ip")
	if ip == "dhcp" || ip == "addrconf" {
		return ip
	}
	bits, ok := maskBits(nic.str("netmask"))
	if _, err := netip.ParseAddr(ip); err != nil || !ok {
		return ""
	}
	return fmt.Sprintf("%s/%d", ip, bits)
}

// split is the ip and netmask of an element of ips, if it is one that has them.
func split(element string) (ip, mask string, ok bool) {
	if element == "dhcp" {
		return element, "", true
	}
	p, err := netip.ParsePrefix(element)
	if err != nil || !p.Addr().Is4() {
		return "", "", false
	}
	return p.Addr().String(), net.IP(net.CIDRMask(p.Bits(), 32)).String(), true
}

// maskBits is the length of a dotted netmask without gaps.
func maskBits(mask string) (bits int, ok bool) {
	a, err := netip.ParseAddr(mask)
	if err != nil || !a.Is4() {
		return 0, false
	}
	four := a.As4()
	ones, size := net.IPMask(four[:]).Size()
	return ones, size == 32
}

// pseudoMAC is an address of the kind that vmadm makes up, the same each time.
func pseudoMAC(uuid string, index int) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %d", uuid, index))
	return fmt.Sprintf("90:b8:d0:%02x:%02x:%02x", sum[0], sum[1], sum[2])
}

// nicFields is the order in which the host prints what a NIC has.
var nicFields = []string{"interface", "mac", "vlan_id", "nic_tag", "gateway", "gateways", "netmask", "ip", "ips",
	"network_uuid", "mtu", "primary"}

func rank(name string) int {
	if i := slices.Index(nicFields, name); i >= 0 {
		return i
	}
	return len(nicFields)
}

// netNumber is N of an interface netN; 0 for all others, which keep their order.
func netNumber(nic *value) int {
	digits, ok := strings.CutPrefix(nic.str("interface"), "net")
	n, err := strconv.Atoi(digits)
	if !ok || err != nil {
		return 0
	}
	return n
}

// A Link is the virtual network card that the host makes for a NIC: what the
// zone may do with it is decided there.
type Link struct {
	Interface string
	MAC       net.HardwareAddr // empty where the payload's is none
	MTU       int
	Allowed   []netip.Prefix // link protection: any other address is refused
	Unlimited bool           // allow_ip_spoofing: it is not
	DHCP      bool           // dynamic-methods
	Addrconf  bool
}

// Links are the cards of the zone, in the order of its NICs.
// illumos-joyent: usr/src/lib/brand/jcommon/statechange
func (p *Payload) Links() (all []Link) {
	for _, nic := range p.vm.get("nics").list {
		l := Link{Interface: nic.str("interface"), MTU: 1500, Unlimited: nic.yes("allow_ip_spoofing")}
		l.MAC, _ = net.ParseMAC(nic.str("mac"))
		if mtu := nic.get("mtu"); mtu.is(number) {
			l.MTU, _ = strconv.Atoi(mtu.number())
		}
		for _, name := range []string{"ips", "allowed_ips"} {
			if !nic.get(name).is(list) {
				continue
			}
			for _, e := range nic.get(name).list {
				l.allow(e.text, name == "ips")
			}
		}
		all = append(all, l)
	}
	return all
}

func (l *Link) allow(element string, whole bool) {
	switch {
	case element == "dhcp":
		l.DHCP = true
	case element == "addrconf":
		l.Addrconf = true
	default:
		p, err := netip.ParsePrefix(element)
		if a, addrErr := netip.ParseAddr(element); addrErr == nil {
			p, err = netip.PrefixFrom(a, a.BitLen()), nil
		}
		if err != nil {
			return
		}
		if whole {
			p = netip.PrefixFrom(p.Addr(), p.Addr().BitLen())
		}
		l.Allowed = append(l.Allowed, p.Masked())
	}
}
