//go:build linux

package lxkernel

import (
	"encoding/binary"
	"net/netip"
	"slices"

	"golang.org/x/sys/unix"
)

// What LX's rtnetlink answers. illumos-joyent:
// usr/src/uts/common/brand/lx/io/lx_netlink.c

const (
	notSupported = 122 // EOPNOTSUPP of illumos, and not negated
	protocol     = 71  // EPROTO
	mostDatagram = 4096
)

var order = binary.NativeEndian

// serveNetlink answers one request with one message a datagram. Lists end with
// NLMSG_DONE whether a list was asked for or not; nothing is acknowledged.
func (k *Kernel) serveNetlink(request []byte, port uint32) (answers [][]byte) {
	if len(request) < unix.SizeofNlMsghdr {
		return nil
	}
	kind, seq := order.Uint16(request[4:]), order.Uint32(request[8:])
	say := func(kind uint16, body []byte) {
		m := make([]byte, unix.SizeofNlMsghdr, unix.SizeofNlMsghdr+len(body))
		order.PutUint32(m, uint32(len(m)+len(body)))
		order.PutUint16(m[4:], kind)
		if kind != unix.NLMSG_ERROR {
			order.PutUint16(m[6:], unix.NLM_F_MULTI)
		}
		order.PutUint32(m[8:], seq)
		order.PutUint32(m[12:], port)
		if m = append(m, body...); len(m) > mostDatagram {
			panic("lxkernel: a datagram is too long")
		}
		answers = append(answers, m)
	}
	refuse := func(errno uint32) {
		say(unix.NLMSG_ERROR, append(order.AppendUint32(nil, errno), request[:unix.SizeofNlMsghdr]...))
	}
	switch kind {
	case unix.RTM_GETLINK:
		for i, l := range k.Links {
			if l.plumbed {
				say(unix.RTM_NEWLINK, l.message(i+1))
			}
		}
	case unix.RTM_GETADDR:
		for i, l := range k.Links {
			for _, a := range append(l.unset(), l.addresses...) {
				say(unix.RTM_NEWADDR, addressMessage(i+1, a))
			}
		}
	case unix.RTM_GETROUTE:
		if len(request) > unix.SizeofNlMsghdr && request[unix.SizeofNlMsghdr] == unix.AF_INET6 {
			refuse(protocol)
			return answers
		}
	default:
		k.Refused++
		refuse(notSupported)
		return answers
	}
	say(unix.NLMSG_DONE, make([]byte, 4))
	return answers
}

func (l *Link) message(index int) []byte {
	name, kind, flags := l.Name, uint16(unix.ARPHRD_ETHER), uint32(unix.IFF_BROADCAST|unix.IFF_MULTICAST)
	if l.loopback() {
		name, kind, flags = "lo", unix.ARPHRD_LOOPBACK, unix.IFF_LOOPBACK
	}
	if len(l.addresses) > 0 {
		flags |= unix.IFF_UP | unix.IFF_RUNNING
	}
	m := make([]byte, unix.SizeofIfInfomsg)
	order.PutUint16(m[2:], kind)
	order.PutUint32(m[4:], uint32(index))
	order.PutUint32(m[8:], flags)
	m = attribute(m, unix.IFLA_IFNAME, append([]byte(name), 0))
	m = attribute(m, unix.IFLA_MTU, order.AppendUint32(nil, uint32(l.MTU)))
	if len(l.MAC) > 0 {
		m = attribute(m, unix.IFLA_ADDRESS, l.MAC)
	}
	return attribute(m, unix.IFLA_TXQLEN, order.AppendUint32(nil, 1))
}

// unset are the addresses of the sides that have none.
func (l *Link) unset() (all []netip.Prefix) {
	for _, none := range []netip.Addr{netip.IPv4Unspecified(), netip.IPv6Unspecified()} {
		if l.plumbed && !slices.ContainsFunc(l.addresses, func(p netip.Prefix) bool { return p.Addr().Is4() == none.Is4() }) {
			all = append(all, netip.PrefixFrom(none, 0))
		}
	}
	return all
}

func addressMessage(index int, p netip.Prefix) []byte {
	family, scope := uint8(unix.AF_INET), uint8(unix.RT_SCOPE_UNIVERSE)
	if p.Addr().Is6() {
		family = unix.AF_INET6
	}
	if p.Addr().IsLoopback() {
		scope = unix.RT_SCOPE_HOST
	} else if p.Addr().IsLinkLocalUnicast() {
		scope = unix.RT_SCOPE_LINK
	}
	m := []byte{family, uint8(p.Bits()), 0, scope}
	m = order.AppendUint32(m, uint32(index))
	return attribute(m, unix.IFA_ADDRESS, p.Addr().AsSlice())
}

func attribute(m []byte, kind uint16, value []byte) []byte {
	m = order.AppendUint16(m, uint16(unix.SizeofRtAttr+len(value)))
	m = append(order.AppendUint16(m, kind), value...)
	for len(m)%unix.RTA_ALIGNTO != 0 {
		m = append(m, 0)
	}
	return m
}
