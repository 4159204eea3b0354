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
// A default gateway that is on no link is reached by a host route on its NIC's
// own, which comes first: providers with one subnet a customer hand out such
// gateways.
func (n Network) Ordered() []Route {
	var onLink, defaults, others []Route
	links := make(map[netip.Prefix]string) // where the on-link routes lead
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
			nic := n.owner(r.Gateway)
			add(&onLink, r, nic)
			if nic != "" {
				links[r.Dst] = nic
			}
		}
	}
	for _, nic := range n.NICs {
		if !nic.Primary {
			continue
		}
		for _, gateway := range nic.Gateways {
			name, found := n.toward(gateway, links, nic.Interface)
			if !found {
				name = nic.Interface
				if own, ok := nic.source(gateway); ok {
					host := netip.PrefixFrom(gateway, gateway.BitLen())
					add(&onLink, Route{Dst: host, Gateway: own, OnLink: true}, name)
					links[host] = name
				}
			}
			add(&defaults, Route{Dst: everything(gateway), Gateway: gateway}, name)
		}
	}
	for _, r := range n.Routes {
		if r.OnLink {
			continue
		}
		name, _ := n.toward(r.Gateway, links, "")
		if r.Default() {
			add(&defaults, r, name)
		} else {
			add(&others, r, name)
		}
	}
	return append(append(onLink, defaults...), others...)
}

// toward is the interface through which the address is a neighbour: the one with
// the longest prefix, of its addresses and of the on-link routes. Where several
// are as good as each other it is the preferred one if that is among them, else
// "": the kernel is to choose.
func (n Network) toward(addr netip.Addr, links map[netip.Prefix]string, preferred string) (name string, found bool) {
	best := -1
	look := func(p netip.Prefix, nic string) {
		switch {
		case !p.Contains(addr) || p.Bits() < best:
		case p.Bits() > best:
			best, name = p.Bits(), nic
		case nic == preferred:
			name = nic
		case nic != name && name != preferred:
			name = ""
		}
	}
	for _, nic := range n.NICs {
		if linkLocal.Contains(addr) {
			look(linkLocal, nic.Interface)
			continue
		}
		for _, p := range nic.Addresses {
			look(p, nic.Interface)
		}
	}
	for bits := addr.BitLen(); bits >= 0 && len(links) > 0; bits-- {
		p, _ := addr.Prefix(bits) // there may be very many links
		if nic, there := links[p]; there {
			look(p, nic)
			break
		}
	}
	return name, best >= 0
}

// linkLocal is on each link, whatever addresses its NIC has. RFC 4291
var linkLocal = netip.PrefixFrom(netip.AddrFrom16([16]byte{0xfe, 0x80}), 10)

// source is the NIC's address from which a host route to the gateway goes out.
// Where the NIC has no static one of that IP version there is none, and a lease
// may yet bring the gateway on the link.
func (n NIC) source(gateway netip.Addr) (own netip.Addr, ok bool) {
	for _, p := range n.Addresses {
		if own = p.Addr(); own.Is4() == gateway.Is4() && !own.IsLinkLocalUnicast() {
			return own, true
		}
	}
	return netip.Addr{}, false
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
