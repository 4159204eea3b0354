//go:build linux

package rtnl

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"github.com/hashicorp/go-multierror"
	"golang.org/x/sys/unix"

	"dockerinit/core/exit"
)

// How long the kernel may take to put an address into use, which is a matter of
// microseconds.
const kernelPatience = time.Second

// awaitIPv6 waits until the new IPv6 addresses can be used. The kernel puts them
// into use after it has acknowledged them, in a work queue; what a program sends
// before that gets no answer, and is repeated after a second.
func (s *Stack) awaitIPv6(ctx context.Context, l link, added []netip.Addr) error {
	var failed *multierror.Error
	for _, addr := range added {
		if addr.Is4() {
			continue
		}
		err := poll(ctx, kernelPatience, func() (bool, error) { return s.delivers(l, addr) })
		switch {
		case err == nil:
		case errors.Is(err, errTooLate):
			failed = multierror.Append(failed, exit.UpIPv6.Errorf("%s: address %s: cannot be used after %s", l.name, addr, kernelPatience))
		default:
			failed = multierror.Append(failed, exit.UpIPv6.Wrap(fmt.Errorf("%s: address %s: %w", l.name, addr, err)))
		}
	}
	return failed.ErrorOrNil()
}

// delivers tells whether the kernel takes packets to the address as its own: it
// asks where one would go.
func (s *Stack) delivers(l link, addr netip.Addr) (bool, error) {
	answers, err := s.socket.ask(whereTo(l.index, addr), unix.RTM_NEWROUTE)
	switch {
	case errors.Is(err, unix.ENETUNREACH) || errors.Is(err, unix.EHOSTUNREACH):
		return false, nil
	case err != nil:
		return false, err
	}
	for _, m := range answers {
		if len(m) < unix.SizeofRtMsg {
			return false, errShort
		}
		if m[7] == unix.RTN_LOCAL { // rtm_type
			return true, nil
		}
	}
	return false, nil
}

func whereTo(out uint32, addr netip.Addr) request {
	head := routeHead(family(addr), uint8(addr.BitLen()), unix.RTPROT_BOOT, unix.RT_SCOPE_UNIVERSE)
	return newRequest(unix.RTM_GETROUTE, unix.NLM_F_REQUEST, head).
		with(unix.RTA_DST, addr.AsSlice()).withNumber(unix.RTA_OIF, out)
}
