//go:build linux

package rtnl

import (
	"context"
	"errors"
	"time"

	"dockerinit/platform_lx/nap"
)

var errTooLate = errors.New("too late")

// poll asks until the answer is yes: at once, some times in the first two
// milliseconds, and then ever less often.
func poll(ctx context.Context, bound time.Duration, ready func() (bool, error)) error {
	for interval := 50 * time.Microsecond; interval < time.Millisecond; interval *= 2 {
		if ok, err := ready(); ok || err != nil {
			return err
		}
		nap.For(interval)
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
