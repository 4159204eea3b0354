package fake

import (
	"fmt"
	"net/netip"
	"slices"
	"syscall"

	"dockerinit/core/zone"
)

// lease is what a DHCP server on the link would give: the same each time, from
// the networks that are set aside for tests. RFC 2544
func (n *Network) lease(l *link) error {
	switch {
	case !slices.Contains(n.daemons, "dhcpagent"):
		return fmt.Errorf("dhcp: dhcpagent does not run: %w", syscall.ECONNREFUSED)
	case !l.DHCP:
		return fmt.Errorf("dhcp: not among the dynamic-methods of %s: %w", l.Interface, syscall.EPERM)
	}
	at := byte(l.number)
	n.learn(l,
		netip.PrefixFrom(netip.AddrFrom4([4]byte{198, 18, at, 10}), 24),
		zone.Route{Dst: netip.PrefixFrom(netip.IPv4Unspecified(), 0), Gateway: netip.AddrFrom4([4]byte{198, 18, at, 1})})
	return nil
}

// addrconf is what a router on the link would announce. RFC 3849
func (n *Network) addrconf(l *link) error {
	switch {
	case !slices.Contains(n.daemons, "in.ndpd"):
		return fmt.Errorf("addrconf: in.ndpd does not run: %w", syscall.ECONNREFUSED)
	case !l.Addrconf:
		return fmt.Errorf("addrconf: not among the dynamic-methods of %s: %w", l.Interface, syscall.EPERM)
	}
	network := netip.MustParsePrefix(fmt.Sprintf("2001:db8:%x::/64", l.number))
	n.learn(l, l.linkLocal(), zone.Route{})
	n.learn(l, netip.PrefixFrom(eui64(network, l.MAC), 64), zone.Route{
		Dst: netip.PrefixFrom(netip.IPv6Unspecified(), 0), Gateway: netip.MustParseAddr("fe80::1"), Interface: l.Interface,
	})
	return nil
}

// learn takes what the link gave; link protection has let it through.
func (n *Network) learn(l *link, a netip.Prefix, r zone.Route) {
	if !slices.Contains(l.addresses, a) {
		l.addresses = append(l.addresses, a)
	}
	if r.Dst.IsValid() && !slices.Contains(n.routes, r) {
		n.routes = append(n.routes, r)
	}
}
