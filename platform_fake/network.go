package fake

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"sync"
	"syscall"

	"dockerinit/core/zone"
	"dockerinit/platform_fake/host"
)

// Network is an IP stack in memory. It does what it is told and refuses what a
// kernel would.
type Network struct {
	mu      sync.Mutex
	links   []*link
	routes  []zone.Route
	want    zone.Network
	open    bool     // Up, and not yet closed
	daemons []string // those that run
	started bool
}

// A link is a network card and what is configured on it.
type link struct {
	host.Link
	loopback  bool
	plumbed   bool
	up        bool
	mtu       int
	addresses []netip.Prefix
	number    int // counts the cards, for leases that are the same each time
}

// NewNetwork is the stack of a zone whose host has made these links.
func NewNetwork(brand zone.Brand, links []host.Link) *Network {
	n := &Network{}
	n.links = append(n.links, &link{
		Link:     host.Link{Interface: zone.Lo(brand).Interface, MTU: loopbackMTU, Unlimited: true},
		loopback: true,
	})
	for i, l := range links {
		n.links = append(n.links, &link{Link: l, number: i + 1})
	}
	return n
}

const (
	loopbackMTU = 8232 // as illumos has it, in LX zones too
	leastMTU    = 68   // RFC 791
	leastMTU6   = 1280 // RFC 8200
	mostMTU     = 9000
)

// Up starts the daemons that want needs. Started again it adds what is missing.
func (n *Network) Up(_ context.Context, want zone.Network) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.open, n.started, n.want = true, true, want
	n.start("ipmgmtd")
	for _, nic := range want.NICs {
		if nic.DHCP {
			n.start("dhcpagent")
		}
		if nic.Addrconf {
			n.start("in.ndpd")
		}
	}
	return nil
}

func (n *Network) start(daemon string) {
	if !slices.Contains(n.daemons, daemon) {
		n.daemons = append(n.daemons, daemon)
	}
}

// Close ends ipmgmtd where docker:noipmgmtd asks for it. An agent that holds a
// lease stays: its address would go with it.
func (n *Network) Close(context.Context) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.open = false
	if n.want.StopDaemons {
		n.daemons = slices.DeleteFunc(n.daemons, func(d string) bool { return d == "ipmgmtd" })
	}
	return nil
}

// Configure plumbs the NIC, sets its MTU and addresses and brings it up, in this
// order; what was done before a step that fails stays done, as in a kernel.
func (n *Network) Configure(_ context.Context, nic zone.NIC) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if !n.open {
		return fmt.Errorf("ipmgmtd does not run: %w", syscall.ENOENT)
	}
	l := n.link(nic.Interface)
	if l == nil {
		return fmt.Errorf("%q: the host made no link of that name: %w", nic.Interface, syscall.ENXIO)
	}
	if err := l.plumb(nic); err != nil {
		return err
	}
	for _, a := range nic.Addresses {
		if err := n.add(l, a); err != nil {
			return err
		}
	}
	l.up = true
	if nic.DHCP {
		if err := n.lease(l); err != nil {
			return err
		}
	}
	if nic.Addrconf {
		return n.addrconf(l)
	}
	return nil
}

// plumb makes the interface and sets its MTU.
func (l *link) plumb(nic zone.NIC) error {
	mtu := nic.MTU
	if mtu == 0 {
		mtu = l.MTU
	}
	least := leastMTU
	if nic.Addrconf || slices.ContainsFunc(nic.Addresses, func(a netip.Prefix) bool { return a.Addr().Is6() }) {
		least = leastMTU6
	}
	if mtu < least || mtu > mostMTU {
		return fmt.Errorf("mtu %d: not from %d to %d: %w", mtu, least, mostMTU, syscall.EINVAL)
	}
	l.plumbed, l.mtu = true, mtu
	return nil
}

// add sets one address. To set it again is no error.
func (n *Network) add(l *link, a netip.Prefix) error {
	addr := a.Addr()
	if err := l.judge(a); err != nil {
		return err
	}
	for _, other := range n.links {
		for _, have := range other.addresses {
			switch {
			case have.Addr() != addr:
			case other != l:
				return fmt.Errorf("address %s: %s has it: %w", a, other.Interface, syscall.EADDRINUSE)
			case have != a:
				return fmt.Errorf("address %s: there with another prefix, as %s: %w", a, have, syscall.EEXIST)
			default:
				return nil
			}
		}
	}
	l.addresses = append(l.addresses, a)
	return nil
}

// judge refuses what no interface, or not this one, may have.
func (l *link) judge(a netip.Prefix) error {
	addr := a.Addr()
	switch {
	case !a.IsValid() || addr.IsUnspecified() || addr.IsMulticast() || addr.Is4In6() || addr.Zone() != "",
		addr.Is4() && (addr.As4()[0] == 0 || addr.As4()[0] >= 240):
		return fmt.Errorf("address %s: not one that an interface can have: %w", a, syscall.EADDRNOTAVAIL)
	case addr.IsLoopback() != l.loopback && !l.Unlimited:
		return fmt.Errorf("address %s: a loopback address on a link: %w", a, syscall.EADDRNOTAVAIL)
	case !l.allows(addr):
		return fmt.Errorf("address %s: not among the allowed-ips of %s: %w", a, l.Interface, syscall.EPERM)
	}
	return nil
}

// allows is the host's link protection.
func (l *link) allows(addr netip.Addr) bool {
	if l.Unlimited || addr.IsLinkLocalUnicast() && addr.Is6() {
		return true
	}
	return slices.ContainsFunc(l.Allowed, func(p netip.Prefix) bool { return p.Contains(addr) })
}

func (n *Network) link(name string) *link {
	for _, l := range n.links {
		if l.Interface == name {
			return l
		}
	}
	return nil
}

// linkLocal is the address that IPv6 gives every link.
func (l *link) linkLocal() netip.Prefix {
	return netip.PrefixFrom(eui64(netip.MustParsePrefix("fe80::/64"), l.MAC), 64)
}

// eui64 is the address that a MAC has in a network. RFC 4291, appendix A
func eui64(network netip.Prefix, mac net.HardwareAddr) netip.Addr {
	a := network.Addr().As16()
	if len(mac) == 6 {
		copy(a[8:], []byte{mac[0] ^ 2, mac[1], mac[2], 0xff, 0xfe, mac[3], mac[4], mac[5]})
	} else {
		a[15] = 1
	}
	return netip.AddrFrom16(a)
}
