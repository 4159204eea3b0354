//go:build linux

package rtnl

import (
	"context"
	"net/netip"
	"time"

	"dockerinit/core/exit"
	"dockerinit/core/zone"
)

// Here is what the stack of an LX zone has in common with this one: reading, and
// what follows from it. It asks for nothing but lists.

// A Link is a network interface as the kernel has it.
type Link = link

// Name is the link's name; MTU is its MTU.
func (l link) Name() string { return l.name }
func (l link) MTU() int     { return int(l.mtu) }

// An Owned address is one that a link has.
type Owned = owned

// Find is the NIC's link: by its name, else by its MAC.
func (s *Stack) Find(nic zone.NIC) (Link, error) { return s.find(nic) }

// Owned lists all addresses of all links.
func (s *Stack) Owned() ([]Owned, error) { return s.owned() }

// Compare tells whether an address is there as it should be, or is in the way.
func (s *Stack) Compare(l Link, want netip.Prefix, have []Owned) (there bool, err error) {
	return s.compare(l, want, have)
}

// Foreign is an error for every address of the link that the host did not ask
// for, also for those that would be the routers' on Linux: illumos does not tell
// which they are. An interface that was made and has no address yet has 0.0.0.0
// there.
func (s *Stack) Foreign(l Link, nic zone.NIC, have []Owned) error {
	return foreign(l, nic, have, func(o owned) bool { return o.prefix.Addr().IsUnspecified() })
}

// Explain says what a kernel's refusal of a route means.
func (s *Stack) Explain(r zone.Route, err error) error { return s.explain(r, err) }

// CodeFor is the code of a failure with the address.
func CodeFor(addr netip.Addr) exit.Code { return codeFor(addr) }

// Poll asks until the answer is yes, ever less often, and at most for bound.
func Poll(ctx context.Context, bound time.Duration, ready func() (bool, error)) error {
	return poll(ctx, bound, ready)
}
