//go:build linux

package rtnl

import (
	"encoding/binary"

	"golang.org/x/sys/unix"
)

// A request is a message to the kernel: a header, whose length and number are
// written when it is sent, a fixed head, and attributes.
// Linux: include/uapi/linux/netlink.h and rtnetlink.h
type request []byte

// changes are the flags of a request that is answered with success or a reason.
const changes = unix.NLM_F_REQUEST | unix.NLM_F_ACK

func newRequest(kind, flags uint16, head []byte) request {
	r := make(request, unix.NLMSG_HDRLEN, 128)
	binary.NativeEndian.PutUint16(r[4:], kind)
	binary.NativeEndian.PutUint16(r[6:], flags)
	return append(r, head...)
}

// with has the attribute too. What follows one is aligned.
func (r request) with(kind uint16, value []byte) request {
	r = binary.NativeEndian.AppendUint16(r, uint16(unix.SizeofRtAttr+len(value)))
	r = append(binary.NativeEndian.AppendUint16(r, kind), value...)
	for len(r)%unix.RTA_ALIGNTO != 0 {
		r = append(r, 0)
	}
	return r
}

func (r request) withNumber(kind uint16, n uint32) request {
	return r.with(kind, binary.NativeEndian.AppendUint32(nil, n))
}

// numbered is the request as it is sent.
func (r request) numbered(sequence uint32) []byte {
	binary.NativeEndian.PutUint32(r, uint32(len(r)))
	binary.NativeEndian.PutUint32(r[8:], sequence)
	return r
}

// linkHead is a struct ifinfomsg, which sets the flags.
func linkHead(index, flags uint32) []byte {
	b := make([]byte, 4, unix.SizeofIfInfomsg)
	b = binary.NativeEndian.AppendUint32(b, index)
	b = binary.NativeEndian.AppendUint32(b, flags)
	return binary.NativeEndian.AppendUint32(b, flags)
}

// addressHead is a struct ifaddrmsg. Linux: include/uapi/linux/if_addr.h
func addressHead(family, bits, flags, scope uint8, index uint32) []byte {
	return binary.NativeEndian.AppendUint32([]byte{family, bits, flags, scope}, index)
}

// routeHead is a struct rtmsg.
func routeHead(family, bits, protocol, scope uint8) []byte {
	return []byte{family, bits, 0, 0, unix.RT_TABLE_MAIN, protocol, scope, unix.RTN_UNICAST, 0, 0, 0, 0}
}
