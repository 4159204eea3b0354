//go:build linux

package dhcp

import (
	"errors"
	"math"
	"net/netip"
	"time"

	"dockerinit/core/bootlog"
	"dockerinit/core/wire"
)

// State is what ResumeKeeper makes it of in another run of the program. Its times
// are distances from now; words is what the caller needs to know then.
func (k *Keeper) State(now time.Time, words []byte) (b []byte) {
	span := func(t time.Time) { b = wire.Numbers(wire.Bool(b, t.Before(now)), uint64(t.Sub(now).Abs())) }
	address := func(a netip.Addr) {
		raw, _ := a.MarshalBinary() // it has no error
		b = wire.Text(b, string(raw))
	}
	prefix := func(p netip.Prefix) {
		raw, _ := p.MarshalBinary()
		b = wire.Text(b, string(raw))
	}
	l := k.lease
	b = wire.Text(b, string(words))
	b = wire.Texts(wire.Numbers(b, uint64(k.link.Index)), []string{k.link.Name, k.link.MAC, k.link.Hostname})
	b = wire.Bool(wire.Numbers(b, uint64(k.again)), k.missed)
	if b = wire.Bool(b, k.due.IsZero()); !k.due.IsZero() {
		span(k.due)
	}
	if b = wire.Bool(b, l.Address.IsValid()); !l.Address.IsValid() {
		return b
	}
	prefix(l.Address)
	address(l.Server)
	span(l.Since)
	b = wire.Numbers(b, uint64(l.Duration), uint64(l.Renew), uint64(l.Rebind), uint64(l.MTU), uint64(len(l.Routes)))
	for _, r := range l.Routes {
		prefix(r.Dst)
		address(r.Gateway)
	}
	b = wire.Numbers(b, uint64(len(l.DNS)))
	for _, a := range l.DNS {
		address(a)
	}
	return wire.Texts(b, l.Search)
}

// ResumeKeeper is a Keeper again, of the State that one had then. change is given
// the words.
func ResumeKeeper(log *bootlog.Logger, state []byte, then time.Time, changeOf func(words []byte) (func(was, is Lease) error, error)) (*Keeper, error) {
	p := wire.Parser{Rest: state}
	var wrong error
	span := func() time.Time {
		if before := p.Bool(); before {
			return then.Add(-time.Duration(p.Number(math.MaxInt64)))
		}
		return then.Add(time.Duration(p.Number(math.MaxInt64)))
	}
	address := func() (a netip.Addr) {
		wrong = errors.Join(wrong, a.UnmarshalBinary([]byte(p.Text())))
		return a
	}
	prefix := func() (x netip.Prefix) {
		wrong = errors.Join(wrong, x.UnmarshalBinary([]byte(p.Text())))
		return x
	}
	words := []byte(p.Text())
	link := Link{Index: int(p.Number(math.MaxInt32))}
	if names := p.Texts(); len(names) == 3 {
		link.Name, link.MAC, link.Hostname = names[0], names[1], names[2]
	}
	again, missed := time.Duration(p.Number(math.MaxInt64)), p.Bool()
	var due time.Time
	if never := p.Bool(); !never {
		due = span()
	}
	var l Lease
	if p.Bool() {
		l.Address, l.Server, l.Since = prefix(), address(), span()
		for _, d := range []*time.Duration{&l.Duration, &l.Renew, &l.Rebind} {
			*d = time.Duration(p.Number(math.MaxInt64))
		}
		l.MTU = int(p.Number(math.MaxInt32))
		for range p.Count() {
			l.Routes = append(l.Routes, Route{prefix(), address()})
		}
		for range p.Count() {
			l.DNS = append(l.DNS, address())
		}
		l.Search = p.Texts()
	}
	change, err := changeOf(words)
	if err := errors.Join(p.End(), wrong, err); err != nil {
		return nil, err
	}
	k, err := NewKeeper(log, link, l, change)
	if err == nil {
		k.due, k.again, k.missed = due, again, missed
	}
	return k, err
}
