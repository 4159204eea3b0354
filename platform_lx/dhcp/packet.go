//go:build linux

package dhcp

import (
	"encoding/binary"
	"net/netip"
)

// The ports of RFC 2131, 4.1.
const (
	serverPort = 67
	clientPort = 68
)

const (
	ipHeader  = 20
	udpHeader = 8
	protoUDP  = 17
)

// datagram is an IPv4 datagram to everybody. It is from nobody where a host has
// no address. RFC 791, RFC 768
func datagram(from netip.Addr, payload []byte) []byte {
	total := ipHeader + udpHeader + len(payload)
	p := make([]byte, total)
	p[0] = 4<<4 | ipHeader/4
	binary.BigEndian.PutUint16(p[2:], uint16(total))
	p[8], p[9] = 64, protoUDP
	if from.Is4() {
		copy(p[12:], from.AsSlice())
	}
	copy(p[16:], []byte{255, 255, 255, 255})
	binary.BigEndian.PutUint16(p[10:], checksum(0, p[:ipHeader]))
	u := p[ipHeader:]
	binary.BigEndian.PutUint16(u, clientPort)
	binary.BigEndian.PutUint16(u[2:], serverPort)
	binary.BigEndian.PutUint16(u[4:], uint16(len(u)))
	copy(u[udpHeader:], payload)
	sum := uint32(protoUDP) + uint32(len(u)) // the pseudo header
	for i := 12; i < ipHeader; i += 2 {
		sum += uint32(binary.BigEndian.Uint16(p[i:]))
	}
	c := checksum(sum, u)
	if c == 0 {
		c = 0xffff // 0 says that there is none
	}
	binary.BigEndian.PutUint16(u[6:], c)
	return p
}

func checksum(sum uint32, p []byte) uint16 {
	for ; len(p) >= 2; p = p[2:] {
		sum += uint32(binary.BigEndian.Uint16(p))
	}
	if len(p) == 1 {
		sum += uint32(p[0]) << 8
	}
	for sum > 0xffff {
		sum = sum>>16 + sum&0xffff
	}
	return ^uint16(sum)
}

// payload is what a datagram from a server to a client carries; not ok for any
// other. Its checksum is not looked at: on a virtual link the sender leaves it to
// hardware that is not there.
func payload(p []byte) (body []byte, ok bool) {
	if len(p) < ipHeader || p[0]>>4 != 4 {
		return nil, false
	}
	head, total := int(p[0]&15)*4, int(binary.BigEndian.Uint16(p[2:]))
	fragment := binary.BigEndian.Uint16(p[6:])&^0x4000 != 0 // but for "don't"
	if head < ipHeader || total < head+udpHeader || total > len(p) || p[9] != protoUDP || fragment {
		return nil, false
	}
	u := p[head:total]
	size := int(binary.BigEndian.Uint16(u[4:]))
	if binary.BigEndian.Uint16(u) != serverPort || binary.BigEndian.Uint16(u[2:]) != clientPort || size < udpHeader || size > len(u) {
		return nil, false
	}
	return u[udpHeader:size], true
}
