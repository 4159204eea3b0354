package zone

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// The most addresses and gateways that a NIC may have. The host takes 20, and a
// kernel hundreds; what is above is a mistake that would cost a boot minutes.
const maxAddresses = 1024

// addresses decodes ips, or where that is absent the older ip and netmask. The
// host derives the older ones from the first IPv4 entry of ips; where they
// disagree, somebody edited one of them, and ips counts.
func (d *decoder) addresses(at spot, ips, ip, netmask value, nic *NIC) {
	here := at.in("ips")
	entries := 0
	if ips != "" && ips.kind() != isArray {
		d.mistyped(here, ips, isArray)
	} else if ips != "" {
		for here, text := range d.texts(here, ips) {
			if entries++; entries > maxAddresses {
				d.bad(here, "", "more than %d addresses", maxAddresses)
				break
			}
			d.address(here, text, nic)
		}
	}
	oldIP, hasIP := d.text(at.in("ip"), ip)
	oldMask, hasMask := d.text(at.in("netmask"), netmask)
	if entries == 0 {
		if hasIP {
			d.oldAddress(at, oldIP, oldMask, hasMask, nic)
		}
		return
	}
	if hasIP {
		d.compareOld(at, oldIP, oldMask, nic)
	}
}

// address decodes one entry of ips.
func (d *decoder) address(at spot, text string, nic *NIC) {
	switch text {
	case "dhcp":
		nic.DHCP = true
		return
	case "addrconf":
		nic.Addrconf = true
		return
	}
	p, why := parsePrefix(text)
	if why == "" {
		why = badOwn(p.Addr())
	}
	if why != "" {
		d.bad(at, text, "%s", why)
		return
	}
	if slices.ContainsFunc(nic.Addresses, func(o netip.Prefix) bool { return o.Addr() == p.Addr() }) {
		d.warn(at, text, "for the second time; it is set once")
		return
	}
	switch {
	case p.Bits() == 0:
		d.warn(at, text, "every other address is on this link then")
	case p.Addr().Is4() && p.Bits() < 31 && p == p.Masked():
		d.warn(at, text, "the address of the network itself")
	case p.Addr().IsLoopback():
		d.warn(at, text, "a loopback address")
	}
	nic.Addresses = append(nic.Addresses, p)
}

func (d *decoder) oldAddress(at spot, ip, mask string, hasMask bool, nic *NIC) {
	if ip == "dhcp" || ip == "addrconf" {
		d.address(at.in("ip"), ip, nic)
		return
	}
	addr, err := netip.ParseAddr(ip)
	switch {
	case err != nil:
		d.bad(at.in("ip"), ip, "not an IP address")
		return
	case !addr.Is4():
		d.bad(at.in("ip"), ip, "an IPv6 address stands in ips, with its prefix length")
		return
	case !hasMask:
		d.bad(at.in("netmask"), "", "missing; an ip needs one, and ips would need none")
		return
	}
	m, err := netip.ParseAddr(mask)
	n, ok := 0, err == nil && m.Is4()
	if ok {
		n, ok = maskBits(m)
	}
	if !ok {
		d.bad(at.in("netmask"), mask, "not a netmask as 255.255.255.0")
		return
	}
	if why := badOwn(addr); why != "" {
		d.bad(at.in("ip"), ip, "%s", why)
		return
	}
	nic.Addresses = append(nic.Addresses, netip.PrefixFrom(addr, n))
}

// compareOld looks whether ip and netmask say what ips says.
func (d *decoder) compareOld(at spot, ip, mask string, nic *NIC) {
	if ip == "dhcp" && nic.DHCP || ip == "addrconf" && nic.Addrconf {
		return
	}
	addr, err := netip.ParseAddr(ip)
	i := slices.IndexFunc(nic.Addresses, func(p netip.Prefix) bool { return p.Addr() == addr })
	if err != nil || i < 0 {
		d.warn(at.in("ip"), ip, "not among ips; ips counts")
		return
	}
	if m, err := netip.ParseAddr(mask); mask != "" && err == nil && m.Is4() {
		if n, ok := maskBits(m); !ok || n != nic.Addresses[i].Bits() {
			d.warn(at.in("netmask"), mask, "ips says /%d; ips counts", nic.Addresses[i].Bits())
		}
	}
}

// gateways decodes gateways, or where that is absent the older gateway. One
// outside of every prefix is fine: some providers route through such a one. One
// that is no address is a default route less, and no reason not to boot.
func (d *decoder) gateways(at spot, list, single value, nic *NIC) {
	here := at.in("gateways")
	entries := 0
	if list != "" && list.kind() != isArray {
		d.mistyped(here, list, isArray)
	} else if list != "" {
		for here, text := range d.texts(here, list) {
			if entries++; entries > maxAddresses {
				d.bad(here, "", "more than %d gateways", maxAddresses)
				break
			}
			d.gateway(here, text, nic)
		}
	}
	old, ok := d.text(at.in("gateway"), single)
	if !ok {
		return
	}
	if entries == 0 {
		d.gateway(at.in("gateway"), old, nic)
		return
	}
	if addr, err := netip.ParseAddr(old); err != nil || !slices.Contains(nic.Gateways, addr) {
		d.warn(at.in("gateway"), old, "not among gateways; gateways counts")
	}
}

func (d *decoder) gateway(at spot, text string, nic *NIC) {
	addr, why := parseAddr(text)
	switch {
	case why != "":
		d.warn(at, text, "%s; left out", why)
	case slices.Contains(nic.Gateways, addr):
		d.warn(at, text, "for the second time; it is set once")
	default:
		nic.Gateways = append(nic.Gateways, addr)
	}
}

// parseAddr is the address of another machine.
func parseAddr(text string) (netip.Addr, string) {
	addr, err := netip.ParseAddr(text)
	if err != nil || addr.Zone() != "" {
		if host, _, cut := strings.Cut(text, "/"); cut {
			if _, err := netip.ParseAddr(host); err == nil {
				return netip.Addr{}, "an address without prefix length is expected"
			}
		}
		return netip.Addr{}, "not an IP address"
	}
	return addr, badOwn(addr)
}

// parsePrefix is an address with its prefix length, in strict digits: "/" alone
// is not 0, and "/24x" is not 24.
func parsePrefix(text string) (netip.Prefix, string) {
	p, err := netip.ParsePrefix(text)
	if err == nil {
		return p, ""
	}
	host, length, cut := strings.Cut(text, "/")
	addr, err := netip.ParseAddr(host)
	switch {
	case err != nil || addr.Zone() != "":
		return p, "not an IP address"
	case !cut && addr.Is4():
		return p, "no prefix length; " + quote(text+"/24") + " perhaps"
	case !cut:
		return p, "no prefix length; " + quote(text+"/64") + " perhaps"
	}
	return p, "prefix length " + quote(length) + " is not a number from 0 to " + strconv.Itoa(addr.BitLen())
}

// badOwn says why no machine can have an address.
func badOwn(addr netip.Addr) string {
	switch {
	case addr.IsUnspecified():
		return "no machine has this address"
	case addr.IsMulticast():
		return "a multicast address, which no machine has for itself"
	case addr.Is4In6():
		return "an IPv4 address is written " + addr.Unmap().String()
	case addr == netip.AddrFrom4([4]byte{255, 255, 255, 255}):
		return "the broadcast address, which no machine has for itself"
	}
	return ""
}
