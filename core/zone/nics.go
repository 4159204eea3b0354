package zone

import (
	"cmp"
	"math/bits"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// What a NIC has for us. Its other fields are the host's: VLAN, tag, spoofing …
var nicFields = []string{"interface", "mac", "primary", "mtu", "ips", "ip", "netmask", "gateways", "gateway"}

// allNICs decodes sdc:nics. The array's order has no meaning: the host sorts it
// by rules that do not fit lx names. We sort it by name, so that the same zone
// boots the same way each time.
func (d *decoder) allNICs(text string) {
	if text == "" {
		d.warn(spot{}, "", "absent; the zone has no network but loopback")
	}
	for at, v := range d.objects(text, "NIC") {
		nic, at := d.nic(at, v)
		d.zone.Network.NICs = append(d.zone.Network.NICs, nic)
		d.nics = append(d.nics, at)
	}
	d.compareNICs()
	sortStable(d.zone.Network.NICs, func(a, b NIC) int { return compareInterfaces(a.Interface, b.Interface) })
}

func (d *decoder) nic(at spot, v value) (NIC, spot) {
	f := d.fields(at, v, nicFields)
	var nic NIC
	name, ok := d.text(at.in("interface"), f[0])
	if ok {
		at.name = name
		if why := badInterface(name); why != "" {
			d.bad(at.in("interface"), name, "%s", why)
		} else if d.zone.Brand == LX && len(name) > 15 { // IFNAMSIZ is 16
			d.warn(at.in("interface"), name, "Linux programs have room for 15 bytes")
		}
		nic.Interface = name
	} else if f[0] == "" {
		d.bad(at.in("interface"), "", "missing")
	}
	if text, ok := d.text(at.in("mac"), f[1]); ok {
		nic.MAC = d.mac(at.in("mac"), text)
	}
	nic.Primary = d.truth(at.in("primary"), f[2])
	d.mtu(at.in("mtu"), f[3], &nic)
	d.addresses(at, f[4], f[5], f[6], &nic)
	d.gateways(at, f[7], f[8], &nic)
	if nic.MTU != 0 && nic.MTU < 1280 && slices.ContainsFunc(nic.Addresses, func(p netip.Prefix) bool { return p.Addr().Is6() }) {
		d.warn(at.in("mtu"), "", "%d is too little for IPv6, which needs 1280", nic.MTU)
	}
	return nic, at
}

// badInterface says why the kernel refuses a name, which has up to 31 bytes
// (LIFNAMSIZ is 32) and ends in the number of its unit.
func badInterface(name string) string {
	const longest = 31
	switch {
	case len(name) > longest:
		return "longer than the " + strconv.Itoa(longest) + " bytes that a name may have"
	case name == "lo" || name == "lo0":
		return "the name of the loopback interface"
	case name == "" || !isLetter(name[0]):
		return "a name begins with a letter"
	}
	for i := range len(name) {
		if c := name[i]; !isLetter(c) && !isDigit(c) && c != '_' && c != '.' && c != '-' {
			return "letters, digits, _ . and - are expected"
		}
	}
	if !isDigit(name[len(name)-1]) {
		return "a name ends in a number, as net0 does"
	}
	return ""
}

// mac is the address with two digits a byte. The host has given it to the link
// already, so one that is odd or none is no obstacle.
func (d *decoder) mac(at spot, text string) string {
	parts := strings.Split(text, ":")
	if len(parts) != 6 || len(text) > 17 {
		d.warn(at, text, "not a MAC address as 90:b8:d0:0a:bb:cc")
		return ""
	}
	for i, part := range parts {
		if len(part) == 0 || len(part) > 2 || hexDigit(part[0]) < 0 || hexDigit(part[len(part)-1]) < 0 {
			d.warn(at, text, "not a MAC address as 90:b8:d0:0a:bb:cc")
			return ""
		}
		if len(part) == 1 {
			part = "0" + part
		}
		parts[i] = strings.ToLower(part)
	}
	switch mac := strings.Join(parts, ":"); {
	case hexDigit(parts[0][1])&1 != 0:
		d.warn(at, text, "a group address, which no single interface has")
		return mac
	case mac == "00:00:00:00:00:00":
		d.warn(at, text, "no interface has this address")
		return mac
	default:
		return mac
	}
}

// mtu takes what any kernel takes. 68 is the least that IPv4 works with, 65535
// the most that a packet has. The host offers 576 to 9000: outside of that a
// link may refuse, but it is the link that knows.
func (d *decoder) mtu(at spot, v value, nic *NIC) {
	n, ok := d.integer(at, v)
	switch {
	case !ok:
	case n < 68 || n > 65535:
		d.bad(at, string(v), "no link has such an MTU; 576 to 9000 is expected")
	default:
		nic.MTU = int(n)
		if n < 576 || n > 9000 {
			d.warn(at, string(v), "576 to 9000 is expected; the link may refuse it")
		}
	}
}

// compareNICs looks for what only shows between two of them.
func (d *decoder) compareNICs() {
	nics := d.zone.Network.NICs
	names := make(map[string]int, len(nics))
	macs := make(map[string]int, len(nics))
	owners := make(map[netip.Addr]int, len(nics))
	primaries, unused := []string(nil), -1
	for i := range nics {
		nic, at := &nics[i], d.nics[i]
		if first, there := names[nic.Interface]; there && nic.Interface != "" {
			d.bad(at.in("interface"), nic.Interface, "NIC %d has it too", d.nics[first].index)
		} else {
			names[nic.Interface] = i
		}
		if first, there := macs[nic.MAC]; there && nic.MAC != "" {
			d.warn(at.in("mac"), nic.MAC, "NIC %d has it too", d.nics[first].index)
		} else {
			macs[nic.MAC] = i
		}
		for _, p := range nic.Addresses {
			addr := p.Addr()
			if addr.IsLinkLocalUnicast() && addr.Is6() {
				continue // means something else on each link
			}
			if first, there := owners[addr]; there {
				d.bad(at.in("ips"), addr.String(), "NIC %d has it too", d.nics[first].index)
			} else {
				owners[addr] = i
			}
		}
		if nic.Primary {
			primaries = append(primaries, bare(nic.Interface))
		} else if len(nic.Gateways) > 0 && unused < 0 {
			unused = i
		}
	}
	switch {
	case len(primaries) > 1:
		sortStable(primaries, compareInterfaces)
		d.warn(spot{}, "", "%d NICs are primary (%s); default routes go through each", len(primaries), strings.Join(primaries[:min(len(primaries), 4)], ", "))
	case len(primaries) == 0 && unused >= 0:
		d.warn(d.nics[unused], "", "its gateway is not used, because no NIC is primary")
	}
}

// compareInterfaces puts net2 before net10.
func compareInterfaces(a, b string) int {
	nameA, unitA := splitUnit(a)
	nameB, unitB := splitUnit(b)
	return cmp.Or(
		cmp.Compare(nameA, nameB),
		cmp.Compare(len(unitA), len(unitB)),
		cmp.Compare(unitA, unitB),
		cmp.Compare(a, b),
	)
}

func splitUnit(name string) (word, unit string) {
	end := len(name)
	for end > 0 && isDigit(name[end-1]) {
		end--
	}
	return name[:end], strings.TrimLeft(name[end:], "0")
}

// maskBits is the prefix length of a dotted netmask.
func maskBits(mask netip.Addr) (n int, ok bool) {
	b := mask.As4()
	m := uint32(b[0])<<24 | uint32(b[1])<<16 | uint32(b[2])<<8 | uint32(b[3])
	n = bits.LeadingZeros32(^m)
	return n, m != 0 && m<<n == 0
}
