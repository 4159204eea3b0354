//go:build linux

package doctor

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
)

// A route is one of the kernel's main table. man 7 rtnetlink
type route struct {
	v6      bool
	isDef   bool // to everywhere
	gateway netip.Addr
	index   int // of the NIC
	metric  uint32
}

// routes finds NICs that are down, and packets that do not know where to go.
func (p *Place) routes(_ context.Context, c *Check) {
	nics, err := net.Interfaces()
	if err != nil {
		c.grave("", "the NICs cannot be listed: %v", err)
		return
	}
	names := map[int]string{}
	has := map[bool]bool{} // addresses of that family
	up := 0
	for _, nic := range nics {
		names[nic.Index] = nic.Name
		if nic.Flags&net.FlagLoopback != 0 {
			if nic.Flags&net.FlagUp == 0 {
				c.grave("the nics step of /var/log/sdc-dockerinit.log", "%s, the loopback, is down", nic.Name)
			}
			continue
		}
		addresses, err := nic.Addrs()
		if err != nil || len(addresses) == 0 && nic.Flags&net.FlagUp == 0 {
			continue // nobody asked for it
		}
		if nic.Flags&net.FlagUp == 0 {
			c.grave("the nics step of /var/log/sdc-dockerinit.log; dladm show-vnic in the global zone", "%s is down", nic.Name)
			continue
		}
		up++
		for _, a := range addresses {
			if prefix, err := netip.ParsePrefix(a.String()); err == nil && !prefix.Addr().IsLinkLocalUnicast() {
				has[prefix.Addr().Is6()] = true
			}
		}
	}
	all, err := kernelRoutes()
	if err != nil {
		c.grave("", "the routes cannot be listed: %v", err)
		return
	}
	c.saw("NICs that are up: %d; routes: %d", up, len(all))
	for _, v6 := range []bool{false, true} {
		defaults := map[uint32][]string{}
		n := 0
		for _, r := range all {
			if r.isDef && r.v6 == v6 {
				defaults[r.metric] = append(defaults[r.metric], fmt.Sprintf("via %s dev %s", r.gateway, names[r.index]))
				n++
			}
		}
		family := map[bool]string{false: "IPv4", true: "IPv6"}[v6]
		// The host gives IPv6 no gateway of its own.
		if n == 0 && has[v6] && (!v6 || !has[false]) {
			c.odd("gateways of the primary NIC in sdc:nics, and the routes step of /var/log/sdc-dockerinit.log", "there is no default route for %s: nobody but the neighbours can be reached", family)
		}
		for _, same := range defaults {
			if len(same) > 1 {
				c.odd("one NIC should be primary, and have the only gateway", "there are %d default routes for %s, and which one is taken is chance: %s", len(same), family, strings.Join(same, ", "))
			}
		}
	}
}

// kernelRoutes reads those that lead out of the zone.
func kernelRoutes() (all []route, err error) {
	table, err := syscall.NetlinkRIB(syscall.RTM_GETROUTE, syscall.AF_UNSPEC)
	if err != nil {
		return nil, err
	}
	messages, err := syscall.ParseNetlinkMessage(table)
	if err != nil {
		return nil, err
	}
	for _, m := range messages {
		// struct rtmsg: family, dst_len, src_len, tos, table, protocol, scope, type
		if m.Header.Type != syscall.RTM_NEWROUTE || len(m.Data) < syscall.SizeofRtMsg || m.Data[4] != syscall.RT_TABLE_MAIN || m.Data[7] != syscall.RTN_UNICAST {
			continue
		}
		attributes, err := syscall.ParseNetlinkRouteAttr(&m)
		if err != nil {
			return nil, err
		}
		r := route{v6: m.Data[0] == syscall.AF_INET6, isDef: m.Data[1] == 0}
		for _, a := range attributes {
			switch a.Attr.Type {
			case syscall.RTA_GATEWAY:
				r.gateway, _ = netip.AddrFromSlice(a.Value)
			case syscall.RTA_OIF:
				if len(a.Value) == 4 {
					r.index = int(binary.NativeEndian.Uint32(a.Value))
				}
			case syscall.RTA_PRIORITY:
				if len(a.Value) == 4 {
					r.metric = binary.NativeEndian.Uint32(a.Value)
				}
			}
		}
		all = append(all, r)
	}
	return all, nil
}

// used is how many name servers a libc asks. man 5 resolv.conf
const used = 3

// resolvers asks the name servers of the zone for those of the root.
func (p *Place) resolvers(ctx context.Context, c *Check) {
	const hint = "resolvers of the zone: vmadm update UUID, and the next boot writes them"
	text, err := p.image.ReadFile("/etc/resolv.conf", 64<<10)
	if err != nil {
		c.odd(hint, "%v", err)
		return
	}
	var servers []string
	for line := range strings.Lines(string(text)) {
		if f := strings.Fields(line); len(f) > 1 && f[0] == "nameserver" {
			servers = append(servers, f[1])
		}
	}
	if len(servers) == 0 && !online() {
		c.saw("none, and no network")
		return
	}
	if len(servers) == 0 {
		c.odd(hint, "/etc/resolv.conf names no name server: no name can be looked up")
		return
	}
	if len(servers) > used {
		c.odd("", "/etc/resolv.conf names %d name servers, of which programs ask the first %d", len(servers), used)
		servers = servers[:used]
	}
	errs := make([]error, len(servers))
	took := make([]time.Duration, len(servers))
	var wg sync.WaitGroup
	for i, s := range servers {
		wg.Go(func() {
			begun := time.Now()
			errs[i] = question(ctx, s)
			took[i] = time.Since(begun)
		})
	}
	wg.Wait()
	var well []string
	for i, s := range servers {
		if errs[i] == nil {
			well = append(well, fmt.Sprintf("%s answers after %v", s, took[i].Round(time.Millisecond)))
			continue
		}
		c.find(len(servers) == 1, "can it be reached from this zone: its route, and the firewall; programs wait seconds for it", "the name server %s does not answer: %v", s, errs[i])
	}
	if len(well) == 0 {
		c.saw("none answers")
		for i := range c.Findings {
			c.Findings[i].Grave = true
		}
		return
	}
	c.saw("%s", strings.Join(well, ", "))
}

// online tells whether there is any NIC but the loopback.
func online() bool {
	nics, err := net.Interfaces()
	return err != nil || slices.ContainsFunc(nics, func(n net.Interface) bool {
		return n.Flags&net.FlagLoopback == 0 && n.Flags&net.FlagUp != 0
	})
}

// question asks a name server for the name servers of the root; whatever it answers,
// it is there.
func question(ctx context.Context, server string) error {
	address, err := netip.ParseAddr(server)
	if err != nil {
		return errors.New("not an address")
	}
	// RFC 1035, 4.1: an id, recursion desired, one question: the root, NS, IN.
	packet := []byte{0x5d, 0x0c, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 1}
	d := net.Dialer{Timeout: patience}
	conn, err := d.DialContext(ctx, "udp", netip.AddrPortFrom(address, 53).String())
	if err != nil {
		return cause(err)
	}
	defer conn.Close()
	var answer [512]byte
	for try := 1; ; try++ { // a datagram may be lost
		_ = conn.SetDeadline(time.Now().Add(patience / 2))
		_, err := conn.Write(packet)
		n := 0
		if err == nil {
			n, err = conn.Read(answer[:])
		}
		if err == nil && n >= 12 && slices.Equal(answer[:2], packet[:2]) {
			return nil
		}
		if try == 2 || ctx.Err() != nil {
			if err == nil {
				err = errors.New("what it answers is no DNS")
			}
			return cause(err)
		}
	}
}

// cause is an error of the network without the addresses that stand beside it.
func cause(err error) error {
	if broken, ok := errors.AsType[*net.OpError](err); ok {
		if broken.Timeout() {
			return fmt.Errorf("no answer within %v", patience)
		}
		err = broken.Err
	}
	if broken, ok := errors.AsType[syscall.Errno](err); ok {
		return broken
	}
	return err
}
