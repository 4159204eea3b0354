package fake

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"syscall"

	"dockerinit/core/zone"
)

// AddRoute adds a route whose gateway can be reached. The same route again is no
// error; another gateway for the same destination is a second route.
func (n *Network) AddRoute(_ context.Context, r zone.Route) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if !n.open {
		return fmt.Errorf("ipmgmtd does not run: %w", syscall.ENOENT)
	}
	if err := wellFormed(r); err != nil {
		return err
	}
	if r.Interface != "" {
		l := n.link(r.Interface)
		if l == nil {
			return fmt.Errorf("%q: no such interface: %w", r.Interface, syscall.ENXIO)
		}
		if !l.up {
			return fmt.Errorf("%s is down: %w", r.Interface, syscall.ENETDOWN)
		}
	}
	owner := n.owner(r.Gateway)
	switch {
	case r.OnLink && owner == nil:
		return fmt.Errorf("on-link from %s: no interface has that address: %w", r.Gateway, syscall.ENETUNREACH)
	case r.OnLink && r.Interface != "" && owner.Interface != r.Interface:
		return fmt.Errorf("on-link from %s: %s has that address, not %s: %w", r.Gateway, owner.Interface, r.Interface, syscall.ENETUNREACH)
	case r.OnLink:
	case owner != nil:
		return fmt.Errorf("gateway %s: the zone's own address: %w", r.Gateway, syscall.EINVAL)
	case !n.onLink(r.Gateway, r.Interface):
		return fmt.Errorf("gateway %s is on no link: %w", r.Gateway, syscall.ENETUNREACH)
	}
	if !slices.Contains(n.routes, r) {
		n.routes = append(n.routes, r)
	}
	return nil
}

// wellFormed refuses what no kernel makes a route of.
func wellFormed(r zone.Route) error {
	switch {
	case !r.Dst.IsValid() || !r.Gateway.IsValid():
		return fmt.Errorf("no destination or no gateway: %w", syscall.EINVAL)
	case r.Dst.Addr().Is4() != r.Gateway.Is4():
		return fmt.Errorf("gateway %s: of the other IP version: %w", r.Gateway, syscall.EINVAL)
	case r.Dst.Masked() != r.Dst:
		return fmt.Errorf("destination %s: has bits beyond its prefix: %w", r.Dst, syscall.EINVAL)
	case r.Gateway.IsUnspecified():
		return fmt.Errorf("gateway %s: %w", r.Gateway, syscall.ENETUNREACH)
	case r.Gateway.IsMulticast():
		return fmt.Errorf("gateway %s: a multicast address: %w", r.Gateway, syscall.EINVAL)
	case r.Gateway.IsLinkLocalUnicast() && r.Gateway.Is6() && r.Interface == "":
		return fmt.Errorf("gateway %s: which link? %w", r.Gateway, syscall.EINVAL)
	}
	return nil
}

// owner is the interface that has the address; nil where it is nobody's here.
func (n *Network) owner(a netip.Addr) *link {
	for _, l := range n.links {
		if l.up && slices.ContainsFunc(l.addresses, func(p netip.Prefix) bool { return p.Addr() == a }) {
			return l
		}
	}
	return nil
}

// onLink tells whether a is a neighbour: in the network of an interface that is
// up, or behind an on-link route. An empty name stands for any interface.
func (n *Network) onLink(a netip.Addr, name string) bool {
	for _, l := range n.links {
		if !l.up || l.loopback || name != "" && l.Interface != name {
			continue
		}
		if a.Is6() && a.IsLinkLocalUnicast() && l.mtu >= leastMTU6 {
			return true
		}
		for _, p := range l.addresses {
			if p.Contains(a) {
				return true
			}
		}
	}
	for _, r := range n.routes {
		if owner := n.owner(r.Gateway); r.OnLink && r.Dst.Contains(a) && owner != nil && (name == "" || owner.Interface == name) {
			return true
		}
	}
	return false
}

// Reaches tells whether a packet to a would find a way out of the zone.
func (n *Network) Reaches(a netip.Addr) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.owner(a) != nil || n.onLink(a, "") ||
		slices.ContainsFunc(n.routes, func(r zone.Route) bool { return r.Dst.Contains(a) })
}
