//go:build linux

package rtnl

import (
	"encoding/binary"
	"errors"
	"net/netip"

	"golang.org/x/sys/unix"
)

var errShort = errors.New("the kernel's answer is cut short")

// eachAttribute calls do with every attribute of a message.
// Linux: struct rtattr in include/uapi/linux/rtnetlink.h
func eachAttribute(text []byte, do func(kind uint16, value []byte)) error {
	for len(text) >= unix.SizeofRtAttr {
		size := int(binary.NativeEndian.Uint16(text))
		if size < unix.SizeofRtAttr || size > len(text) {
			return errShort
		}
		do(binary.NativeEndian.Uint16(text[2:])&attributeType, text[unix.SizeofRtAttr:size])
		text = text[min(len(text), (size+unix.RTA_ALIGNTO-1)&^(unix.RTA_ALIGNTO-1)):]
	}
	return nil
}

// attributeType is the type without the flags above it: NLA_TYPE_MASK.
const attributeType = 0x3fff

// number is an attribute of 32 bits, 0 where it is none.
func number(value []byte) uint32 {
	if len(value) != 4 {
		return 0
	}
	return binary.NativeEndian.Uint32(value)
}

// address is the zero value where the attribute is none.
func address(value []byte) netip.Addr {
	a, _ := netip.AddrFromSlice(value)
	return a
}

func family(a netip.Addr) uint8 {
	if a.Is4() {
		return unix.AF_INET
	}
	return unix.AF_INET6
}
