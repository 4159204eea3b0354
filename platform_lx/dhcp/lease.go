//go:build linux

package dhcp

import (
	"encoding/binary"
	"fmt"
	"math/bits"
	"net/netip"
	"slices"
	"strings"
	"time"
)

// A Lease is what a server gave an interface.
type Lease struct {
	Address  netip.Prefix
	Server   netip.Addr
	Since    time.Time     // when it was asked for: its times count from there
	Duration time.Duration // 0: for ever
	Renew    time.Duration // after that its server is asked for more (T1)
	Rebind   time.Duration // and after that any server (T2)
	Routes   []Route       // in the order in which they are to be added
	DNS      []netip.Addr
	Search   []string
	MTU      int // 0: none was given

	// Warnings are what made no sense and was left out.
	Warnings []string

	surplus int // routes beyond what is believed
}

// A Route of a lease leads to a gateway, or, where that is invalid, to whoever is
// on the link itself.
type Route struct {
	Dst     netip.Prefix
	Gateway netip.Addr
}

// Default tells whether the route is one.
func (r Route) Default() bool { return r.Dst.Bits() == 0 }

// How much of a lease is believed. resolv.conf takes three servers (man 5
// resolv.conf, MAXNS) and six domains.
const (
	mostRoutes  = 64
	mostServers = 3
	mostDomains = 6
	leastPrefix = 8   // of a route; two of length 1 would be a default route by another name
	leastMTU    = 576 // RFC 2132, 5.1 allows 68; an IPv4 host must take 576
	mostMTU     = 65535
	leastTime   = 4 * time.Second // a shorter lease would be asked for all the time
)

// parse reads the lease out of a server's acknowledgement, or its offer.
func parse(a answer) (l Lease, err error) {
	if !usable(a.yours) {
		return l, fmt.Errorf("the address %s cannot be an interface's", a.yours)
	}
	length := 32
	if mask := a.options[optionSubnetMask]; len(mask) > 0 {
		if length, err = prefixLength(mask); err != nil {
			return l, err
		}
	}
	l.Address, l.Server = netip.PrefixFrom(a.yours, length), a.options.server()
	if n, ok := a.options.number(optionLeaseTime); ok && n != 0xffffffff { // RFC 2131, 3.3: for ever
		l.Duration = max(time.Duration(n)*time.Second, leastTime)
	}
	l.times(a.options)
	if mtu := a.options[optionMTU]; len(mtu) == 2 {
		if n := int(binary.BigEndian.Uint16(mtu)); n >= leastMTU && n <= mostMTU {
			l.MTU = n
		} else {
			l.odd("mtu %d: not from %d to %d", n, leastMTU, mostMTU)
		}
	}
	l.routes(a.options)
	if l.surplus > 0 {
		l.odd("%d routes more than %d: they are left out", l.surplus, mostRoutes)
	}
	l.servers(a.options[optionNameServers])
	l.domains(a.options)
	return l, nil
}

func (l *Lease) odd(format string, args ...any) {
	l.Warnings = append(l.Warnings, fmt.Sprintf(format, args...))
}

// times are those of the server where they make sense, else RFC 2131's. 4.4.5
func (l *Lease) times(o options) {
	at := func(code byte) time.Duration {
		seconds, _ := o.number(code)
		return time.Duration(seconds) * time.Second
	}
	l.Renew, l.Rebind = at(optionRenewalTime), at(optionRebindingTime)
	if l.Renew <= 0 || l.Renew >= l.Rebind || l.Rebind >= l.Duration {
		l.Renew, l.Rebind = l.Duration/2, l.Duration/8*7
	}
}

// same tells whether there is nothing to change on the link.
func (l Lease) same(o Lease) bool {
	return l.Address == o.Address && l.MTU == o.MTU && slices.Equal(l.Routes, o.Routes) &&
		slices.Equal(l.DNS, o.DNS) && slices.Equal(l.Search, o.Search)
}

// End is when it is over.
func (l Lease) End() time.Time { return l.Since.Add(l.Duration) }

// usable tells whether a host can have the address.
func usable(a netip.Addr) bool {
	return a.Is4() && !a.IsUnspecified() && !a.IsLoopback() && !a.IsMulticast() && a.As4()[0] < 240
}

// prefixLength is that of a mask whose ones all stand in front.
func prefixLength(mask []byte) (int, error) {
	if len(mask) != 4 {
		return 0, fmt.Errorf("a mask of %d bytes", len(mask))
	}
	n := binary.BigEndian.Uint32(mask)
	ones := bits.LeadingZeros32(^n)
	if n == 0 || n<<ones != 0 {
		return 0, fmt.Errorf("the mask %d.%d.%d.%d is none", mask[0], mask[1], mask[2], mask[3])
	}
	return ones, nil
}

// routes are the classless ones; where a server gives any, the routers' option
// counts for nothing. RFC 3442
func (l *Lease) routes(o options) {
	raw := o[optionClasslessRoute]
	if len(raw) == 0 {
		for _, g := range addresses(o[optionRouters]) {
			l.route(netip.PrefixFrom(netip.IPv4Unspecified(), 0), g)
		}
		return
	}
	for len(raw) > 0 {
		length := int(raw[0])
		size := (length + 7) / 8
		if length > 32 || len(raw) < 1+size+4 {
			l.odd("the classless routes end in the middle of one")
			return
		}
		var dst [4]byte
		copy(dst[:], raw[1:1+size])
		p := netip.PrefixFrom(netip.AddrFrom4(dst), length)
		gateway := netip.AddrFrom4([4]byte(raw[1+size : 5+size]))
		raw = raw[5+size:]
		if p != p.Masked() {
			l.odd("route to %s: bits behind the prefix; it is left out", p)
			continue
		}
		if gateway.IsUnspecified() { // RFC 3442: on the link itself
			gateway = netip.Addr{}
		}
		l.route(p, gateway)
	}
}

func (l *Lease) route(dst netip.Prefix, gateway netip.Addr) {
	switch {
	case gateway.IsValid() && !usable(gateway):
		l.odd("gateway %s: cannot be one; the route to %s is left out", gateway, dst)
	case dst.Bits() > 0 && dst.Bits() < leastPrefix:
		l.odd("route to %s: for more than any one network; it is left out", dst)
	case len(l.Routes) == mostRoutes:
		l.surplus++
	default:
		l.Routes = append(l.Routes, Route{dst, gateway})
	}
}

func (l *Lease) servers(raw []byte) {
	for _, a := range addresses(raw) {
		switch {
		case !usable(a):
			l.odd("name server %s: cannot be one; it is left out", a)
		case len(l.DNS) < mostServers:
			l.DNS = append(l.DNS, a)
		}
	}
}

// domains are the search list, else the one domain name.
func (l *Lease) domains(o options) {
	names, err := readNames(o[optionDomainSearch])
	if err != nil {
		l.odd("the domains to search: %s", err)
	}
	if len(names) == 0 {
		if name := strings.TrimRight(string(o[optionDomainName]), "\x00"); name != "" {
			names = strings.Fields(name)
			if strings.ContainsAny(name, "\n\r\t") {
				names = []string{name}
			}
		}
	}
	for _, name := range names {
		switch {
		case !isDomain(name):
			l.odd("domain %q: not a name; it is left out", clip(name))
		case len(l.Search) < mostDomains:
			l.Search = append(l.Search, name)
		}
	}
}

func clip(s string) string { return s[:min(len(s), 64)] }

// isDomain is strict: the name goes into a file that others read line by line.
func isDomain(name string) bool {
	if name == "" || len(name) > 253 {
		return false
	}
	for label := range strings.SplitSeq(strings.TrimSuffix(name, "."), ".") {
		if label == "" || len(label) > 63 || label[0] == '-' {
			return false
		}
		for _, c := range []byte(label) {
			if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_') {
				return false
			}
		}
	}
	return true
}

func addresses(raw []byte) (all []netip.Addr) {
	for ; len(raw) >= 4; raw = raw[4:] {
		all = append(all, netip.AddrFrom4([4]byte(raw)))
	}
	return all
}

// ResolvConf is the lease's part of resolv.conf, "" where it has none.
func (l Lease) ResolvConf() string {
	var b strings.Builder
	for _, a := range l.DNS {
		b.WriteString("nameserver " + a.String() + "\n")
	}
	if len(l.Search) > 0 {
		b.WriteString("search " + strings.Join(l.Search, " ") + "\n")
	}
	return b.String()
}

// number is that of an option of four bytes; not ok for any other.
func (o options) number(code byte) (n uint32, ok bool) {
	value := o[code]
	if len(value) != 4 {
		return 0, false
	}
	return binary.BigEndian.Uint32(value), true
}

// server is who gave the answer, invalid where it does not say.
func (o options) server() (a netip.Addr) {
	if value := o[optionServer]; len(value) == 4 {
		a = netip.AddrFrom4([4]byte(value))
	}
	return a
}
