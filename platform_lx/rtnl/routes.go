//go:build linux

package rtnl

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"

	"golang.org/x/sys/unix"

	"dockerinit/core/zone"
)

// AddRoute adds a route. The same route again is no error; another gateway for
// the same destination is a second route.
func (s *Stack) AddRoute(_ context.Context, r zone.Route) error {
	out, err := s.outOf(r)
	if err != nil {
		return err
	}
	err = s.change(addRoute(r, out))
	if err == nil || errors.Is(err, unix.EEXIST) {
		return nil
	}
	return s.explain(r, err)
}

// outOf is the index of the link that the route goes out of, 0 where the kernel
// finds it by the gateway.
func (s *Stack) outOf(r zone.Route) (uint32, error) {
	if r.Interface != "" {
		l, err := s.named(r.Interface)
		return l.index, err
	}
	if r.Gateway.Is6() && r.Gateway.IsLinkLocalUnicast() && !r.OnLink {
		return 0, fmt.Errorf("gateway %s: which link? %w", r.Gateway, unix.EINVAL)
	}
	if !r.OnLink {
		return 0, nil
	}
	owner, ok := s.owner(r.Gateway)
	if !ok {
		return 0, notOwned(r, unix.ENETUNREACH)
	}
	return owner, nil
}

// addRoute adds a route beside those to the same destination.
func addRoute(r zone.Route, out uint32) request {
	return routeRequest(unix.RTM_NEWROUTE, changes|unix.NLM_F_CREATE|unix.NLM_F_APPEND, r, out)
}

// delRoute takes away what addRoute has added.
func delRoute(r zone.Route, out uint32) request {
	return routeRequest(unix.RTM_DELROUTE, changes, r, out)
}

func routeRequest(kind, flags uint16, r zone.Route, out uint32) request {
	scope, via := uint8(unix.RT_SCOPE_UNIVERSE), uint16(unix.RTA_GATEWAY)
	if r.OnLink {
		scope, via = unix.RT_SCOPE_LINK, unix.RTA_PREFSRC
	}
	req := newRequest(kind, flags, routeHead(family(r.Dst.Addr()), uint8(r.Dst.Bits()), unix.RTPROT_STATIC, scope))
	if !r.Default() {
		req = req.with(unix.RTA_DST, r.Dst.Addr().AsSlice())
	}
	req = req.with(via, r.Gateway.AsSlice())
	if out != 0 {
		req = req.withNumber(unix.RTA_OIF, out)
	}
	return req
}

// explain says what a refusal means, where the kernel's number says several things.
func (s *Stack) explain(r zone.Route, err error) error {
	_, own := s.owner(r.Gateway)
	switch {
	case errors.Is(err, unix.ENETDOWN):
		return fmt.Errorf("%s is down: %w", r.Interface, err)
	case r.OnLink && !own:
		return notOwned(r, err)
	case r.OnLink:
		return err
	case own:
		return fmt.Errorf("gateway %s: the zone's own address: %w", r.Gateway, err)
	case errors.Is(err, unix.ENETUNREACH) || errors.Is(err, unix.EHOSTUNREACH):
		return fmt.Errorf("gateway %s is on no link: %w", r.Gateway, err)
	}
	return fmt.Errorf("gateway %s: %w", r.Gateway, err)
}

func notOwned(r zone.Route, err error) error {
	return fmt.Errorf("on-link from %s: no interface has that address: %w", r.Gateway, err)
}

// owner is the link that has the address.
func (s *Stack) owner(addr netip.Addr) (index uint32, ok bool) {
	have, err := s.owned()
	i := slices.IndexFunc(have, func(o owned) bool { return o.prefix.Addr() == addr })
	if err != nil || i < 0 {
		return 0, false
	}
	return have[i].link, true
}
