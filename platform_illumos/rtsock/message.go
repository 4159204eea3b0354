package rtsock

import (
	"encoding/binary"
	"net/netip"
)

// illumos: usr/src/uts/common/net/route.h
const (
	Version = 3 // RTM_VERSION

	messageAdd = 1 // RTM_ADD

	flagUp      = 0x1   // RTF_UP
	flagGateway = 0x2   // RTF_GATEWAY
	flagStatic  = 0x800 // RTF_STATIC

	haveDst     = 0x1  // RTA_DST
	haveGateway = 0x2  // RTA_GATEWAY
	haveNetmask = 0x4  // RTA_NETMASK
	haveIfp     = 0x10 // RTA_IFP

	headerSize = 76 // struct rt_msghdr
)

// illumos: usr/src/uts/common/sys/socket.h, usr/src/uts/common/netinet/in.h, usr/src/uts/common/net/if_dl.h
const (
	Family = 24 // PF_ROUTE
	Raw    = 4  // SOCK_RAW
	Inet   = 2  // AF_INET
	Inet6  = 26 // AF_INET6
	link   = 25 // AF_LINK

	inetSize  = 16  // struct sockaddr_in
	inet6Size = 32  // struct sockaddr_in6, with illumos' own source id
	linkSize  = 252 // struct sockaddr_dl
)

// A Route is what is asked for. Dst and Gateway are of one family.
type Route struct {
	Dst     netip.Prefix
	Gateway netip.Addr // of an on-link route: an address of the zone's own
	OnLink  bool
	Index   uint16 // the interface's; 0 where the kernel finds it by the gateway
}

// Add is the message that adds the route.
//
// An on-link route has none of the flags: the kernel takes one without
// RTF_GATEWAY for a route of the interface that has the gateway's address.
//
// Of one through a gateway the kernel looks for the link that the gateway is on,
// and reads neither rtm_index nor a scope. A link-local gateway is on every link: so
// there the interface is an address of the message too, which it goes by.
// illumos: usr/src/uts/common/inet/ip/ip_rts.c, ip6_if.c
func (r Route) Add(pid, seq int32) []byte {
	flags := uint32(flagUp | flagGateway | flagStatic)
	index := r.Index
	if r.OnLink {
		flags, index = 0, 0
	}
	addresses := uint32(haveDst | haveGateway | haveNetmask)
	b := make([]byte, headerSize, headerSize+3*inet6Size+linkSize)
	b[2], b[3] = Version, messageAdd
	binary.LittleEndian.PutUint16(b[4:], index)
	binary.LittleEndian.PutUint32(b[8:], flags)
	binary.LittleEndian.PutUint32(b[16:], uint32(pid))
	binary.LittleEndian.PutUint32(b[20:], uint32(seq))
	// In the order of the bits of rtm_addrs, with nothing between them.
	b = appendAddress(b, r.Dst.Masked().Addr(), 0)
	b = appendAddress(b, r.Gateway, r.scope())
	b = appendAddress(b, netmask(r.Dst), 0)
	if scope := r.scope(); scope != 0 && !r.OnLink {
		addresses |= haveIfp
		b = append(b, link, 0, byte(scope), byte(scope>>8))
		b = append(b, make([]byte, linkSize-4)...)
	}
	binary.LittleEndian.PutUint32(b[12:], addresses)
	binary.LittleEndian.PutUint16(b, uint16(len(b)))
	return b
}

// scope is the link that a link-local gateway is on.
func (r Route) scope() uint32 {
	if r.Gateway.Is6() && r.Gateway.IsLinkLocalUnicast() {
		return uint32(r.Index)
	}
	return 0
}

// appendAddress appends a sockaddr_in or sockaddr_in6; port and flow are 0.
func appendAddress(b []byte, addr netip.Addr, scope uint32) []byte {
	if addr.Is4() {
		return append(append(append(b, Inet, 0, 0, 0), addr.AsSlice()...), make([]byte, inetSize-8)...)
	}
	b = append(append(b, Inet6, 0, 0, 0, 0, 0, 0, 0), addr.AsSlice()...)
	b = binary.LittleEndian.AppendUint32(b, scope)
	return append(b, 0, 0, 0, 0)
}

// netmask is the prefix's length as an address.
func netmask(p netip.Prefix) netip.Addr {
	ones := netip.IPv6Unspecified().AsSlice()
	if p.Addr().Is4() {
		ones = ones[:4]
	}
	for i := range ones {
		ones[i] = 0xff
	}
	all, _ := netip.AddrFromSlice(ones)
	return netip.PrefixFrom(all, p.Bits()).Masked().Addr()
}
