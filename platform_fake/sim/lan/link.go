//go:build linux

package lan

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"os"
	"slices"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"dockerinit/core/zone"
)

// makeLink makes the link of the NIC numbered i; our end of it, which is up, is
// called zoneN.
func makeLink(i int, nic zone.NIC, ns *os.File) (netlink.Link, error) {
	if len(nic.Interface) >= unix.IFNAMSIZ {
		return nil, fmt.Errorf("a name of %d bytes, and Linux takes %d", len(nic.Interface), unix.IFNAMSIZ-1)
	}
	ours := &netlink.Veth{
		LinkAttrs: netlink.LinkAttrs{Name: fmt.Sprintf("zone%d", i), MTU: max(nic.MTU, ethernetMTU)},
		PeerName:  nic.Interface, PeerNamespace: netlink.NsFd(int(ns.Fd())), PeerMTU: uint32(cmp.Or(nic.MTU, ethernetMTU)),
	}
	if nic.MAC != "" {
		mac, err := net.ParseMAC(nic.MAC)
		if err != nil || len(mac) != 6 {
			return nil, fmt.Errorf("mac %q: not an Ethernet address", nic.MAC)
		}
		ours.PeerHardwareAddr = mac
	}
	switch err := netlink.LinkAdd(ours); {
	case errors.Is(err, unix.EOPNOTSUPP): // what rtnetlink says of a kind it cannot find
		return nil, fmt.Errorf("make its link: this kernel has no veth (modprobe veth): %w", err)
	case errors.Is(err, unix.EEXIST):
		return nil, fmt.Errorf("make its link: its name, or %s in the switch, is in use: %w", ours.Name, err)
	case err != nil:
		return nil, fmt.Errorf("make its link (veth): %w", err)
	}
	link, err := netlink.LinkByName(ours.Name)
	if err != nil {
		return nil, errors.Join(err, netlink.LinkDel(ours))
	}
	// The kernel takes router advertisements from its own namespace as well, ours here,
	// and whatever a zone sends.
	err = os.WriteFile("/proc/sys/net/ipv6/conf/"+ours.Name+"/accept_ra", []byte("0"), 0)
	if err == nil || errors.Is(err, fs.ErrNotExist) { // a kernel without IPv6
		err = netlink.LinkSetUp(link)
	}
	if err != nil {
		return nil, errors.Join(err, netlink.LinkDel(ours))
	}
	return link, nil
}

// ethernetMTU is what a link without a wish has.
const ethernetMTU = 1500

// populate puts the NIC's neighbours on our end, and the ways to the zone.
func populate(link netlink.Link, nic zone.NIC, routes []zone.Route) error {
	there := neighbours(nic, routes)
	for _, addr := range there {
		bits := addr.BitLen() // on this link alone
		if addr.IsLinkLocalUnicast() && addr.Is6() {
			bits = 64
		}
		if err := addAddress(link, netip.PrefixFrom(addr, bits)); err != nil {
			return err
		}
	}
	for _, p := range nic.Addresses {
		if err := addWay(link, p.Addr(), speaker(p, there)); err != nil {
			return err
		}
	}
	return nil
}

// addAddress gives our end an address, in use at once: nobody else can have it. One
// that is there already stays.
func addAddress(link netlink.Link, p netip.Prefix) error {
	if err := netlink.AddrReplace(link, &netlink.Addr{IPNet: ipNet(p), Flags: unix.IFA_F_NODAD}); err != nil {
		return fmt.Errorf("the address %s at its other end: %w", p, err)
	}
	return nil
}

// addWay is the way to the zone's address and no further, because two NICs may share a
// network. It is asked from source, if that is valid.
func addWay(link netlink.Link, to, source netip.Addr) error {
	way := &netlink.Route{LinkIndex: link.Attrs().Index, Scope: netlink.SCOPE_LINK, Dst: ipNet(netip.PrefixFrom(to, to.BitLen()))}
	if source.IsValid() {
		way.Src = source.AsSlice()
	}
	if err := netlink.RouteReplace(way); err != nil {
		return fmt.Errorf("the way to %s: %w", to, err)
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
