package zone

import "net/netip"

var routeFields = []string{"dst", "gateway", "linklocal"}

// routes decodes sdc:routes. A destination without a prefix length is one
// machine. The host sends IPv4 alone; IPv6 is taken all the same.
//
// The host lets more pass than a kernel makes a route of ("0.0.0.0" as the
// destination, "/24x"). As a route that cannot be added ends no boot, one that
// cannot be understood does not either. smartos-live: src/vm/node_modules/ip.js
func (d *decoder) routes(text string) {
	seen := make(map[Route]int)
	for at, v := range d.objects(text, "route") {
		f := d.fields(at, v, routeFields)
		dst, dstOK := d.destination(at.in("dst"), f[0])
		gateway, gatewayOK := d.nextHop(at.in("gateway"), f[1])
		r := Route{Dst: dst, Gateway: gateway, OnLink: d.truth(at.in("linklocal"), f[2])}
		if !dstOK || !gatewayOK {
			continue
		}
		if dst.Addr().Is4() != gateway.Is4() {
			d.leaveOut(at.in("gateway"), gateway.String(), "dst and gateway are not of the same IP version")
			continue
		}
		if first, there := seen[r]; there {
			d.warn(at, "", "the same as route %d", first)
			continue
		}
		if r.OnLink && d.zone.Network.owner(gateway) == "" {
			d.warn(at.in("gateway"), gateway.String(), "a linklocal route names an address of the zone's own, and no NIC has this one")
		}
		seen[r] = at.index
		d.zone.Network.Routes = append(d.zone.Network.Routes, r)
	}
}

// leaveOut says why there is no such route.
func (d *decoder) leaveOut(at spot, shown, why string) {
	d.warn(at, shown, "%s; the route is left out", why)
}

func (d *decoder) destination(at spot, v value) (dst netip.Prefix, ok bool) {
	text, ok := d.text(at, v)
	if !ok {
		if v == "" {
			d.leaveOut(at, "", "missing")
		}
		return dst, false
	}
	if addr, err := netip.ParseAddr(text); err == nil && addr.Zone() == "" && !addr.Is4In6() {
		if addr.IsUnspecified() {
			d.leaveOut(at, text, "one machine cannot have this address; "+quote(text+"/0")+" is everything")
			return dst, false
		}
		return netip.PrefixFrom(addr, addr.BitLen()), true
	}
	dst, why := parsePrefix(text)
	switch {
	case text == "default":
		why = `"0.0.0.0/0" is expected`
	case why == "" && dst.Addr().Is4In6():
		why = "an IPv4 network is written in the IPv4 way"
	}
	if why != "" {
		d.leaveOut(at, text, why)
		return dst, false
	}
	if masked := dst.Masked(); masked != dst {
		d.warn(at, text, "taken as %s", masked)
		dst = masked
	}
	return dst, true
}

func (d *decoder) nextHop(at spot, v value) (gateway netip.Addr, ok bool) {
	text, ok := d.text(at, v)
	if !ok {
		if v == "" {
			d.leaveOut(at, "", "missing")
		}
		return gateway, false
	}
	gateway, why := parseAddr(text)
	if why != "" {
		d.leaveOut(at, text, why)
	}
	return gateway, why == ""
}

// Ordered is every route of the zone once, in the order in which a kernel takes
// them: on-link ones first, then the default routes through the gateways of the
// primary NIC, then the others.
//
// A default gateway outside of every prefix of its NIC is reached by a host
// route on that NIC's link, which comes first: providers with one subnet a
// customer hand out such gateways.
func (n Network) Ordered() []Route {
	var onLink, defaults, others []Route
	seen := make(map[Route]bool)
	add := func(list *[]Route, r Route, nic string) {
		if !seen[r] {
			seen[r] = true
			r.Interface = nic
			*list = append(*list, r)
		}
	}
	for _, r := range n.Routes {
		if r.OnLink {
			add(&onLink, r, n.owner(r.Gateway))
		}
	}
	for _, nic := range n.NICs {
		if !nic.Primary {
			continue
		}
		for _, gateway := range nic.Gateways {
			if own, needed := nic.offLink(gateway); needed && !covered(onLink, gateway) {
				host := netip.PrefixFrom(gateway, gateway.BitLen())
				add(&onLink, Route{Dst: host, Gateway: own, OnLink: true}, nic.Interface)
			}
			add(&defaults, Route{Dst: everything(gateway), Gateway: gateway}, nic.Interface)
		}
	}
	for _, r := range n.Routes {
		switch {
		case r.OnLink:
		case r.Default():
			add(&defaults, r, n.toward(r.Gateway))
		default:
			add(&others, r, n.toward(r.Gateway))
		}
	}
	return append(append(onLink, defaults...), others...)
}

// offLink tells whether a gateway needs a route of its own, and the NIC's
// address that it goes out from. Where the NIC has no static address of that IP
// version there is none, and a lease may yet bring the gateway on the link.
func (n NIC) offLink(gateway netip.Addr) (own netip.Addr, needed bool) {
	if gateway.IsLinkLocalUnicast() {
		return own, false
	}
	for _, p := range n.Addresses {
		switch {
		case p.Contains(gateway):
			return own, false
		case !own.IsValid() && p.Addr().Is4() == gateway.Is4() && !p.Addr().IsLinkLocalUnicast():
			own = p.Addr()
		}
	}
	return own, own.IsValid()
}

// covered tells whether one of the on-link routes leads to the address.
func covered(onLink []Route, addr netip.Addr) bool {
	for _, r := range onLink {
		if r.Dst.Contains(addr) {
			return true
		}
	}
	return false
}

func everything(addr netip.Addr) netip.Prefix {
	if addr.Is4() {
		return netip.PrefixFrom(netip.IPv4Unspecified(), 0)
	}
	return netip.PrefixFrom(netip.IPv6Unspecified(), 0)
}

// owner is the interface that has the address, "" if none has.
func (n Network) owner(addr netip.Addr) string {
	for _, nic := range n.NICs {
		for _, p := range nic.Addresses {
			if p.Addr() == addr {
				return nic.Interface
			}
		}
	}
	return ""
}

// toward is the interface on whose link the address is: the one with the
// longest prefix, "" if there is none, or if two are as good as each other and
// the kernel is to choose.
func (n Network) toward(addr netip.Addr) string {
	best, name := -1, ""
	for _, nic := range n.NICs {
		for _, p := range nic.Addresses {
			switch {
			case !p.Contains(addr) || p.Bits() < best:
			case p.Bits() > best:
				best, name = p.Bits(), nic.Interface
			case name != nic.Interface:
				name = ""
			}
		}
	}
	return name
}
