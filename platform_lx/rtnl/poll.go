//go:build linux

package rtnl

import (
	"context"
	"errors"
	"time"

	"golang.org/x/sys/unix"
)

var errTooLate = errors.New("too late")

// poll asks until the answer is yes: at once, some times in the first two
// milliseconds, and then ever less often.
func poll(ctx context.Context, bound time.Duration, ready func() (bool, error)) error {
	for interval := 50 * time.Microsecond; interval < time.Millisecond; interval *= 2 {
		if ok, err := ready(); ok || err != nil {
			return err
		}
		nap(interval)
	}
	const longest = 50 * time.Millisecond
	late := time.After(bound)
	for interval := time.Millisecond; ; interval = min(interval+interval/4, longest) {
		if ok, err := ready(); ok || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-late:
			return errTooLate
		case <-time.After(interval):
		}
	}
}

// nap sleeps for less than a millisecond, of which Go's timers make a whole one:
// where nothing else is to do, the runtime sleeps in epoll_wait, which counts in
// those (runtime/netpoll_epoll.go).
func nap(d time.Duration) {
	t := unix.NsecToTimespec(d.Nanoseconds())
	_ = unix.Nanosleep(&t, nil) // to be woken early does no harm
}
