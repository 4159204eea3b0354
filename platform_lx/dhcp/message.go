package dhcp

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"strconv"
)

// A kind is the type of a message. RFC 2132, 9.6
type kind byte

const (
	kindDiscover kind = 1
	kindOffer    kind = 2
	kindRequest  kind = 3
	kindAck      kind = 5
	kindNak      kind = 6
)

func (k kind) String() string {
	switch k {
	case kindDiscover:
		return "DISCOVER"
	case kindOffer:
		return "OFFER"
	case kindRequest:
		return "REQUEST"
	case kindAck:
		return "ACK"
	case kindNak:
		return "NAK"
	}
	return "type " + strconv.Itoa(int(k))
}

// The options that a client sends or reads. RFC 2132; RFC 3397 (119); RFC 3442 (121)
const (
	optionPad            = 0
	optionSubnetMask     = 1
	optionRouters        = 3
	optionNameServers    = 6
	optionHostname       = 12
	optionDomainName     = 15
	optionMTU            = 26
	optionRequested      = 50
	optionLeaseTime      = 51
	optionOverload       = 52
	optionKind           = 53
	optionServer         = 54
	optionParameters     = 55
	optionRenewalTime    = 58
	optionRebindingTime  = 59
	optionClient         = 61
	optionDomainSearch   = 119
	optionClasslessRoute = 121
	optionEnd            = 255
)

// Where the fields of a message are. RFC 2131, 2
const (
	opRequest = 1
	opAnswer  = 2

	atXID     = 4
	atSeconds = 8
	atOwn     = 12 // ciaddr
	atYours   = 16 // yiaddr
	atMAC     = 28 // chaddr
	atSname   = 44
	atFile    = 108
	atCookie  = 236
	atOptions = 240

	// Some servers and relays take nothing that is shorter than BOOTP's messages
	// were. RFC 951, 3
	leastRequest = 300
)

// cookie stands before the options. RFC 2131, 3
var cookie = [4]byte{99, 130, 83, 99}

// ethernet is the type of hardware that every link of a zone is. RFC 1700
const ethernet = 1

// A hardware is an Ethernet address.
type hardware [6]byte

// parseHardware takes the one spelling that there is of a kernel's own address.
func parseHardware(s string) (mac hardware, err error) {
	if len(s) != 3*len(mac)-1 {
		return mac, fmt.Errorf("%q: not an Ethernet address", s)
	}
	for i := range mac {
		n, err := strconv.ParseUint(s[3*i:3*i+2], 16, 8)
		if err != nil || i > 0 && s[3*i-1] != ':' {
			return mac, fmt.Errorf("%q: not an Ethernet address", s)
		}
		mac[i] = byte(n)
	}
	return mac, nil
}

func (h hardware) String() string {
	return fmt.Sprintf("%02x:%02x:%02x:%02x:%02x:%02x", h[0], h[1], h[2], h[3], h[4], h[5])
}

// A request is a client's message: a question to all, the acceptance of an offer,
// or the wish to keep what it has.
type request struct {
	kind     kind
	xid      uint32 // its answers have the same
	seconds  uint16 // since the first question
	mac      hardware
	hostname string     // "": it says none
	own      netip.Addr // in use, and to be kept
	offered  netip.Addr // of the offer that is accepted,
	server   netip.Addr // and who made it
}

// parameters are what an answer shall have. The classless routes have to stand
// before the routers. RFC 3442
var parameters = []byte{optionSubnetMask, optionClasslessRoute, optionRouters, optionNameServers,
	optionDomainName, optionDomainSearch, optionMTU}

func (r request) bytes() []byte {
	b := make([]byte, atOptions, 2*leastRequest)
	b[0], b[1], b[2] = opRequest, ethernet, byte(len(r.mac))
	binary.BigEndian.PutUint32(b[atXID:], r.xid)
	binary.BigEndian.PutUint16(b[atSeconds:], r.seconds)
	if r.own.Is4() {
		copy(b[atOwn:], r.own.AsSlice())
	}
	copy(b[atMAC:], r.mac[:])
	copy(b[atCookie:], cookie[:])
	b = option(b, optionHostname, []byte(r.hostname))
	b = option(b, optionRequested, r.offered.AsSlice())
	b = option(b, optionKind, []byte{byte(r.kind)})
	b = option(b, optionServer, r.server.AsSlice())
	b = option(b, optionParameters, parameters)
	// The type of hardware and the MAC, as a client of its own would. RFC 2132, 9.14
	b = option(b, optionClient, append([]byte{ethernet}, r.mac[:]...))
	b = append(b, optionEnd)
	if len(b) < leastRequest {
		b = b[:leastRequest] // what is behind the end is padding
	}
	return b
}

// option appends one that has a value, in several parts where it is long. RFC 3396, 6
func option(b []byte, code byte, value []byte) []byte {
	for len(value) > 0 {
		n := min(len(value), 255)
		b = append(append(b, code, byte(n)), value[:n]...)
		value = value[n:]
	}
	return b
}
