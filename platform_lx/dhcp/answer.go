package dhcp

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
)

// An answer is a server's message to this client.
type answer struct {
	kind    kind
	yours   netip.Addr // what the client may have
	options options
}

// options are by their code. One that comes several times is whole when the
// parts are put together. RFC 3396, 7
type options map[byte][]byte

// errOthers says that a message is none to this client, as most are on a link
// that has several.
var errOthers = errors.New("for somebody else")

// readAnswer reads the answer to a request. What comes from the link is believed in
// nothing: a message of which one part makes no sense is refused as a whole.
func readAnswer(b []byte, xid uint32, mac hardware) (a answer, err error) {
	if len(b) < atOptions {
		return a, fmt.Errorf("a message of %d bytes, where the least has %d", len(b), atOptions)
	}
	if b[0] != opAnswer {
		return a, fmt.Errorf("%w: operation %d, not an answer", errOthers, b[0])
	}
	if got := binary.BigEndian.Uint32(b[atXID:]); got != xid {
		return a, fmt.Errorf("%w: transaction %08x, not %08x", errOthers, got, xid)
	}
	if n := int(b[2]); n != len(mac) {
		return a, fmt.Errorf("%w: a hardware address of %d bytes", errOthers, n)
	}
	if got := hardware(b[atMAC:]); got != mac {
		return a, fmt.Errorf("%w: %s, not %s", errOthers, got, mac)
	}
	if got := [4]byte(b[atCookie:]); got != cookie {
		return a, fmt.Errorf("the cookie %x, not %x", got, cookie)
	}
	a.yours = netip.AddrFrom4([4]byte(b[atYours:]))
	a.options = make(options)
	if err := a.options.read(b[atOptions:]); err != nil {
		return a, err
	}
	if err := a.options.readOverload(b); err != nil {
		return a, err
	}
	kinds := a.options[optionKind]
	if len(kinds) != 1 {
		return a, fmt.Errorf("a message type of %d bytes", len(kinds))
	}
	a.kind = kind(kinds[0])
	switch a.kind {
	case kindOffer, kindAck, kindNak:
		return a, nil
	}
	return a, fmt.Errorf("%s, which no server says to a client", a.kind)
}

// read adds the options of one field, which end where they say so.
func (o options) read(field []byte) error {
	for len(field) > 0 {
		code := field[0]
		if code == optionEnd {
			return nil
		}
		if code == optionPad {
			field = field[1:]
			continue
		}
		if len(field) < 2 {
			return fmt.Errorf("option %d: its length is cut off", code)
		}
		size := int(field[1])
		if field = field[2:]; size > len(field) {
			return fmt.Errorf("option %d: %d bytes, of which %d are there", code, size, len(field))
		}
		o[code] = append(o[code], field[:size]...)
		field = field[size:]
	}
	return errors.New("the options have no end")
}

// readOverload adds those that had no room in their own field, in the order that
// makes a split one whole. RFC 2132, 9.3; RFC 3396, 5
func (o options) readOverload(message []byte) error {
	where, there := o[optionOverload]
	if !there {
		return nil
	}
	if len(where) != 1 || where[0] < 1 || where[0] > 3 {
		return fmt.Errorf("options in other fields: % x, not 1, 2 or 3", where)
	}
	for _, field := range []struct {
		name string
		in   bool
		text []byte
	}{
		{"file", where[0]&1 != 0, message[atFile:atCookie]},
		{"sname", where[0]&2 != 0, message[atSname:atFile]},
	} {
		if !field.in {
			continue
		}
		if err := o.read(field.text); err != nil {
			return fmt.Errorf("field %s: %w", field.name, err)
		}
		if len(o[optionOverload]) != 1 {
			return fmt.Errorf("field %s: it speaks of options in other fields itself", field.name)
		}
	}
	return nil
}
