//go:build linux

package rtnl

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"slices"

	"github.com/hashicorp/go-multierror"
	"golang.org/x/sys/unix"

	"dockerinit/core/exit"
	"dockerinit/core/zone"
)

// An owned address is one that a link has.
type owned struct {
	prefix netip.Prefix
	link   uint32
	flags  uint32
}

// learnt tells whether the address came from the link's routers, not from us.
func (o owned) learnt() bool { return o.flags&unix.IFA_F_PERMANENT == 0 }

// addresses gives the link the NIC's addresses. One that it has already is fine;
// one that it has and nobody asked for was configured by somebody else.
func (s *Stack) addresses(ctx context.Context, l link, nic zone.NIC) error {
	have, err := s.owned()
	if err != nil {
		return exit.RaiseInterface.Wrap(err)
	}
	if i := s.position(l.index); i >= 0 {
		l = s.links[i] // as it is now
	}
	wrong := make([]error, len(nic.Addresses))
	var missing []int // places in nic.Addresses
	for i, want := range nic.Addresses {
		there, err := s.compare(l, want, have)
		if wrong[i] = err; err == nil && !there {
			missing = append(missing, i)
		}
	}
	var requests []request
	for _, i := range missing {
		requests = append(requests, addAddress(l.index, nic.Addresses[i]))
	}
	var added []netip.Addr
	for n, err := range s.socket.change(requests...) {
		i := missing[n]
		if wrong[i] = notAdded(l, nic.Addresses[i], err); wrong[i] == nil {
			added = append(added, nic.Addresses[i].Addr())
		}
	}
	var failed *multierror.Error
	for i, want := range nic.Addresses {
		if l.loopback() && noIPv6(want.Addr(), wrong[i]) {
			s.log.Warn(fmt.Sprintf("%s goes without %s: this kernel has no IPv6", l.name, want))
			continue
		}
		failed = multierror.Append(failed, codeFor(want.Addr()).Wrap(wrong[i]))
	}
	return multierror.Append(failed, foreign(l, nic, have, owned.learnt), s.awaitIPv6(ctx, l, added)).ErrorOrNil()
}

// compare tells whether the address is there as it should be, or is in the way.
// Linux itself would take the same address with another prefix, or on another
// link, a second time, and then answer from either.
func (s *Stack) compare(l link, want netip.Prefix, have []owned) (there bool, err error) {
	for _, o := range have {
		if o.prefix.Addr() != want.Addr() {
			continue
		}
		switch {
		case o.link == l.index && o.prefix == want:
			return true, nil
		case o.link == l.index:
			return false, fmt.Errorf("address %s: there with another prefix, as %s: %w", want, o.prefix, unix.EEXIST)
		case !want.Addr().IsLinkLocalUnicast():
			return false, fmt.Errorf("address %s: %s has it: %w", want, s.nameOf(o.link), unix.EADDRINUSE)
		}
	}
	return false, nil
}

// foreign is an error for every address of the link that the host did not ask
// for. What the link's routers gave it and its link-local address are the kernel's.
func foreign(l link, nic zone.NIC, have []owned, learnt func(owned) bool) error {
	var failed *multierror.Error
	for _, o := range have {
		addr := o.prefix.Addr()
		asked := slices.ContainsFunc(nic.Addresses, func(p netip.Prefix) bool { return p.Addr() == addr })
		if o.link != l.index || asked || learnt(o) || addr.Is6() && addr.IsLinkLocalUnicast() {
			continue
		}
		failed = multierror.Append(failed, codeFor(addr).Errorf(
			"%s has the address %s, which the host did not ask for (%s)", l.name, o.prefix, nic))
	}
	return failed.ErrorOrNil()
}

// notAdded says what the kernel's refusal of an address means.
func notAdded(l link, want netip.Prefix, err error) error {
	switch {
	case err == nil || errors.Is(err, unix.EEXIST): // the kernel was quicker
		return nil
	case want.Addr().Is6() && l.mtu < leastMTU6:
		return fmt.Errorf("%s: address %s: IPv6 needs an mtu of %d, and this is %d: %w", l.name, want, leastMTU6, l.mtu, err)
	}
	return fmt.Errorf("%s: address %s: %w", l.name, want, err)
}

const leastMTU6 = 1280 // RFC 8200, 5

// addAddress adds an address, with the broadcast address of its network.
//
// An IPv6 address goes without duplicate address detection, which would keep it
// from being used for a second or two. The host has given it to this zone alone,
// and where it protects its links, no other zone can send from it.
func addAddress(index uint32, p netip.Prefix) request {
	addr, flags := p.Addr(), uint8(0)
	if addr.Is6() {
		flags = unix.IFA_F_NODAD
	}
	head := addressHead(family(addr), uint8(p.Bits()), flags, scope(addr), index)
	req := newRequest(unix.RTM_NEWADDR, changes|unix.NLM_F_CREATE|unix.NLM_F_EXCL, head).
		with(unix.IFA_LOCAL, addr.AsSlice()).with(unix.IFA_ADDRESS, addr.AsSlice())
	if addr.Is4() && p.Bits() < 31 && !addr.IsLoopback() {
		req = req.with(unix.IFA_BROADCAST, broadcast(p))
	}
	return req
}

// delAddress takes an address away.
func delAddress(index uint32, p netip.Prefix) request {
	head := addressHead(family(p.Addr()), uint8(p.Bits()), 0, 0, index)
	return newRequest(unix.RTM_DELADDR, changes, head).with(unix.IFA_LOCAL, p.Addr().AsSlice())
}

// scope is that of an IPv4 address; of an IPv6 address the kernel knows it.
func scope(addr netip.Addr) uint8 {
	switch {
	case addr.IsLoopback():
		return unix.RT_SCOPE_HOST
	case addr.IsLinkLocalUnicast():
		return unix.RT_SCOPE_LINK
	}
	return unix.RT_SCOPE_UNIVERSE
}

// broadcast is the last address of an IPv4 network.
func broadcast(p netip.Prefix) []byte {
	b := p.Masked().Addr().AsSlice()
	for i := range b {
		b[i] |= byte(0xff >> min(max(p.Bits()-8*i, 0), 8))
	}
	return b
}

// owned lists all addresses of all links.
func (s *Stack) owned() (all []owned, err error) {
	messages, err := s.dump(unix.RTM_GETADDR, addressHead(unix.AF_UNSPEC, 0, 0, 0, 0), unix.RTM_NEWADDR)
	if err != nil {
		return nil, fmt.Errorf("list the addresses: %w", err)
	}
	for _, m := range messages {
		o, err := parseAddress(m)
		if err != nil {
			return nil, fmt.Errorf("list the addresses: %w", err)
		}
		all = append(all, o)
	}
	return all, nil
}

// parseAddress reads an RTM_NEWADDR message. On a point-to-point link the own
// address is the local one, and the other one the peer's.
func parseAddress(m []byte) (o owned, err error) {
	if len(m) < unix.SizeofIfAddrmsg {
		return o, errShort
	}
	bits := int(m[1])
	o.link, o.flags = binary.NativeEndian.Uint32(m[4:]), uint32(m[2])
	var local, other netip.Addr
	err = eachAttribute(m[unix.SizeofIfAddrmsg:], func(kind uint16, value []byte) {
		switch kind {
		case unix.IFA_LOCAL:
			local = address(value)
		case unix.IFA_ADDRESS:
			other = address(value)
		case unix.IFA_FLAGS:
			o.flags = number(value)
		}
	})
	if !local.IsValid() {
		local = other
	}
	o.prefix = netip.PrefixFrom(local, bits)
	return o, err
}

// codeFor is the code of a failure with the address.
func codeFor(addr netip.Addr) exit.Code {
	if addr.Is6() {
		return exit.UpIPv6
	}
	return exit.RaiseInterface
}

// noIPv6 tells whether a kernel refused the address because it has no IPv6, or
// because IPv6 is turned off.
func noIPv6(addr netip.Addr, err error) bool {
	return addr.Is6() && (errors.Is(err, unix.EAFNOSUPPORT) || errors.Is(err, unix.EOPNOTSUPP) || errors.Is(err, unix.EACCES))
}
