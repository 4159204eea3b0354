package host

import (
	"fmt"
	"net/netip"
	"strconv"
)

// nics checks what vmadm checks of a NIC, and whether both forms of its
// addresses agree.
func (c *check) nics() {
	nics := c.source.get("nics")
	if !nics.is(list) {
		return
	}
	primary := -1
	for i, nic := range nics.list {
		path := fmt.Sprintf("nics[%d]", i)
		if !nic.is(object) {
			c.bad(path, "", "%s, where an object is expected", nic.kind)
			continue
		}
		c.nic(path, nic)
		if !nic.yes("primary") {
			continue
		}
		if primary >= 0 {
			c.bad(path+".primary", "", "true, as for nics[%d] already; one NIC is the primary one", primary)
		}
		primary = i
	}
}

func (c *check) nic(path string, nic *value) {
	if v := nic.get("primary"); v != nil && !v.is(boolean) {
		c.bad(path+".primary", "true, or leave it out", "%s, where a boolean is expected", v.kind)
	}
	for _, name := range []string{"interface", "mac", "nic_tag", "ip", "netmask", "gateway", "network_uuid"} {
		if v := nic.get(name); v != nil && !v.is(text) {
			c.bad(member(path, name), "", "%s, where a string is expected", v.kind)
		}
	}
	if _, ok := macNumber(nic.str("mac")); !ok && nic.str("mac") != "" {
		c.bad(path+".mac", "six bytes in hexadecimal: 90:b8:d0:aa:bb:cc", "%q: not a MAC address", nic.str("mac"))
	}
	c.mtu(path+".mtu", nic.get("mtu"))
	c.strings(member(path, "ips"), nic.get("ips"), func(at, s string) { c.address(at, s, nic) })
	c.strings(member(path, "gateways"), nic.get("gateways"), func(at, s string) { c.gateway(at, s) })
	if gateway := nic.str("gateway"); gateway != "" && nic.get("gateways") == nil {
		c.gateway(path+".gateway", gateway)
	}
	c.old(path, nic)
}

func (c *check) mtu(path string, v *value) {
	switch {
	case v == nil:
	case !v.is(number):
		c.bad(path, "a number without quotes", "%s, where a number is expected", v.kind)
	default:
		if n, err := strconv.Atoi(v.number()); err != nil || n < 576 || n > 9000 {
			c.bad(path, "", "%s: not from 576 to 9000", v.number())
		}
	}
}

// strings checks an array of strings, and each of them with each.
func (c *check) strings(path string, v *value, each func(path, s string)) {
	switch {
	case v == nil:
	case v.is(text):
		c.bad(path, "an array with this one element", "a string, where an array of strings is expected")
	case !v.is(list):
		c.bad(path, "", "%s, where an array of strings is expected", v.kind)
	default:
		for i, e := range v.list {
			at := fmt.Sprintf("%s[%d]", path, i)
			if !e.is(text) {
				c.bad(at, "", "%s, where a string is expected", e.kind)
				continue
			}
			each(at, e.text)
		}
	}
}

// address checks one element of ips.
func (c *check) address(path, s string, nic *value) {
	if s == "dhcp" || s == "addrconf" {
		return
	}
	if a, err := netip.ParseAddr(s); err == nil {
		bits, ok := maskBits(nic.str("netmask"))
		switch {
		case a.Is6():
			bits = 64
		case !ok:
			bits = 24
		}
		c.bad(path, fmt.Sprintf("meant: %s/%d", s, bits), "%q: an address without prefix", s)
		return
	}
	p, err := netip.ParsePrefix(s)
	switch {
	case err != nil:
		c.bad(path, "dhcp, addrconf, A.B.C.D/24 or an IPv6 address with prefix", "%q: not an address with prefix", s)
	case p.Addr().Is4() && p.Bits() < 8:
		c.bad(path, "", "%q: the prefix of an IPv4 address is from 8 to 32", s)
	}
}

// gateway checks one gateway. IPv6 works in the zone, but vmadm does not take it.
func (c *check) gateway(path, s string) {
	a, err := netip.ParseAddr(s)
	switch {
	case err != nil:
		c.bad(path, "", "%q: not an address", s)
	case a.Is6():
		c.odd(path, "", "%q: today's vmadm takes only IPv4 gateways; the zone would use it", s)
	}
}

// old checks ip and netmask, alone or beside ips.
func (c *check) old(path string, nic *value) {
	ip := nic.str("ip")
	if ip == "" || ip == "dhcp" || ip == "addrconf" {
		return
	}
	ips := nic.get("ips")
	if ips == nil {
		if _, err := netip.ParseAddr(ip); err != nil {
			c.bad(path+".ip", "", "%q: not an address", ip)
		} else if _, ok := maskBits(nic.str("netmask")); !ok {
			c.bad(path+".netmask", "such as 255.255.255.0; or ips with a prefix", "%q: not the netmask of an ip", nic.str("netmask"))
		}
		return
	}
	if !ips.is(list) {
		return
	}
	for _, e := range ips.list {
		if first, _, ok := split(e.text); ok {
			if first != ip {
				c.odd(path+".ip", "", "%q, but ips says %q, which counts", ip, first)
			}
			return
		}
	}
}

// routes checks the map of static routes as vmadm does.
func (c *check) routes() {
	for _, f := range c.source.get("routes").members() {
		path := member("routes", f.name)
		c.destination(path, f.name)
		if !f.value.is(text) {
			c.bad(path, "", "%s, where a string is expected", f.value.kind)
			continue
		}
		c.nextHop(path, f.value.text)
	}
}

func (c *check) destination(path, dst string) {
	a, addrErr := netip.ParseAddr(dst)
	p, prefixErr := netip.ParsePrefix(dst)
	switch {
	case addrErr == nil && a.Is4():
	case addrErr == nil, prefixErr == nil && p.Addr().Is6():
		c.odd(path, "", "today's vmadm takes only IPv4 destinations; the zone would use it")
	case prefixErr != nil:
		c.bad(path, "10.2.0.0/16, or an address alone", "%q: not an address or network", dst)
	case p.Bits() == 0:
		c.bad(path, "gateways of the primary NIC", "a default route, which vmadm does not take here")
	case p.Bits() < 8:
		c.bad(path, "", "%q: the prefix of a destination is from 8 to 32", dst)
	case p.Masked() != p:
		c.odd(path, "meant: "+p.Masked().String(), "%q: has bits beyond its prefix", dst)
	}
}

func (c *check) nextHop(path, gateway string) {
	var nic *value
	if m := byIndex.FindStringSubmatch(gateway); m != nil {
		if i, err := strconv.Atoi(m[1]); err == nil {
			nic = c.vm.get("nics").at(i)
		}
	} else if m := byMAC.FindStringSubmatch(gateway); m != nil {
		if _, ok := macNumber(m[1]); !ok {
			c.bad(path, "", "%q: not a MAC address", m[1])
			return
		}
		nic = nicByMAC(c.vm, m[1])
	} else {
		a, err := netip.ParseAddr(gateway)
		switch {
		case err != nil:
			c.bad(path, "an IPv4 address, nics[0] or macs[90:b8:d0:aa:bb:cc]", "%q: not a gateway", gateway)
		case a.Is6():
			c.odd(path, "", "%q: today's vmadm takes only IPv4 gateways; the zone would use it", gateway)
		}
		return
	}
	if ip := nic.str("ip"); nic == nil {
		c.odd(path, "", "%q: there is no such NIC; the zone never hears of this route", gateway)
	} else if ip == "" || ip == "dhcp" {
		c.odd(path, "", "%q: that NIC has no IPv4 address of its own; the zone never hears of this route", gateway)
	}
}
