//go:build linux

package rtnl

import (
	"context"
	"errors"
	"time"
)

var errTooLate = errors.New("too late")

// poll asks until the answer is yes: at once, after a tenth of a millisecond, and
// then ever less often.
func poll(ctx context.Context, bound time.Duration, ready func() (bool, error)) error {
	const longest = 50 * time.Millisecond
	late := time.After(bound)
	for interval := time.Millisecond / 10; ; interval = min(interval+interval/4, longest) {
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
