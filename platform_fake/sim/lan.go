//go:build linux

package sim

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"slices"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"dockerinit/core/zone"
)

// openLAN gives the zone whose network namespace is ns its interfaces, as the host
// does, and plays what is at the other end of their links: this process's own
// network namespace has every gateway's address and a way to each of the zone's.
func openLAN(_ context.Context, _ *slog.Logger, ns *os.File, z *zone.Zone) error {
	if lo, err := netlink.LinkByName("lo"); err != nil {
		return err
	} else if err := netlink.LinkSetUp(lo); err != nil {
		return fmt.Errorf("bring up the switch: %w", err)
	}
	for i, nic := range z.Network.NICs {
		if err := openLink(i, nic, ns, z.Network.Routes); err != nil {
			return fmt.Errorf("%s: %w", nic.Interface, err)
		}
	}
	return nil
}

func openLink(i int, nic zone.NIC, ns *os.File, routes []zone.Route) error {
	if len(nic.Interface) >= unix.IFNAMSIZ {
		return fmt.Errorf("a name of %d bytes, and Linux takes %d", len(nic.Interface), unix.IFNAMSIZ-1)
	}
	ours := &netlink.Veth{
		LinkAttrs: netlink.LinkAttrs{Name: fmt.Sprintf("zone%d", i), MTU: max(nic.MTU, 1500)},
		PeerName:  nic.Interface, PeerNamespace: netlink.NsFd(int(ns.Fd())), PeerMTU: uint32(nic.MTU),
	}
	if nic.MTU == 0 {
		ours.PeerMTU = 1500
	}
	if mac, err := net.ParseMAC(nic.MAC); err == nil {
		ours.PeerHardwareAddr = mac
	}
	if err := netlink.LinkAdd(ours); err != nil {
		return fmt.Errorf("make its link (veth): %w", err)
	}
	link, err := netlink.LinkByName(ours.Name)
	if err != nil {
		return err
	}
	if err := netlink.LinkSetUp(link); err != nil {
		return err
	}
	there := neighbours(nic, routes)
	for _, addr := range there {
		// On this link alone, and in use at once: nobody else can have it.
		bits := addr.BitLen()
		if addr.IsLinkLocalUnicast() && addr.Is6() {
			bits = 64
		}
		own := &netlink.Addr{IPNet: ipNet(netip.PrefixFrom(addr, bits)), Flags: unix.IFA_F_NODAD}
		if err := netlink.AddrAdd(link, own); err != nil {
			return fmt.Errorf("the address %s at its other end: %w", addr, err)
		}
	}
	for _, p := range nic.Addresses {
		// A way to the zone's address and no further: two NICs may share a network.
		way := &netlink.Route{LinkIndex: link.Attrs().Index, Scope: netlink.SCOPE_LINK, Dst: ipNet(netip.PrefixFrom(p.Addr(), p.Addr().BitLen()))}
		if source := speaker(p, there); source.IsValid() {
			way.Src = source.AsSlice()
		}
		if err := netlink.RouteReplace(way); err != nil {
			return fmt.Errorf("the way to %s: %w", p, err)
		}
	}
	return nil
}

// neighbours are the addresses that are to answer on the NIC's link: its gateways,
// those of routes that lie in one of its networks, and in a network without any of
// these one that can be asked from.
func neighbours(nic zone.NIC, routes []zone.Route) (all []netip.Addr) {
	add := func(a netip.Addr) {
		own := slices.ContainsFunc(nic.Addresses, func(p netip.Prefix) bool { return p.Addr() == a })
		if a.IsValid() && !own && !slices.Contains(all, a) {
			all = append(all, a)
		}
	}
	for _, g := range nic.Gateways {
		add(g)
	}
	for _, r := range routes {
		if !r.OnLink && slices.ContainsFunc(nic.Addresses, func(p netip.Prefix) bool { return p.Contains(r.Gateway) }) {
			add(r.Gateway)
		}
	}
	for _, p := range nic.Addresses {
		if !slices.ContainsFunc(all, p.Contains) {
			add(another(p))
		}
	}
	return all
}

// speaker is the neighbour from which the zone's address is asked: one of its own
// network, else one of its family that the zone knows a way to.
func speaker(p netip.Prefix, there []netip.Addr) netip.Addr {
	for _, a := range there {
		if p.Contains(a) {
			return a
		}
	}
	for _, a := range there {
		if a.Is4() == p.Addr().Is4() && !a.IsLinkLocalUnicast() {
			return a
		}
	}
	return netip.Addr{}
}

// another is an address of the network that is not the zone's, if there is one.
func another(p netip.Prefix) netip.Addr {
	first := p.Masked().Addr()
	for range 3 {
		first = first.Next()
		if first.IsValid() && p.Contains(first) && first != p.Addr() {
			return first
		}
	}
	return netip.Addr{}
}

func ipNet(p netip.Prefix) *net.IPNet {
	return &net.IPNet{IP: p.Addr().AsSlice(), Mask: net.CIDRMask(p.Bits(), p.Addr().BitLen())}
}
