//go:build linux

// Package nap sleeps for less than a millisecond, of which Go's timers make a
// whole one or two: where nothing else is to do, the runtime sleeps in epoll_wait,
// which counts in those (runtime/netpoll_epoll.go).
//
// It is for the first tries of a wait that most often ends at once. Nothing can
// interrupt a nap, and a test's bubble of time does not know it.
package nap

import (
	"time"

	"golang.org/x/sys/unix"
)

// For sleeps for so long, or a little less where a signal comes.
func For(d time.Duration) {
	if d <= 0 {
		return
	}
	t := unix.NsecToTimespec(d.Nanoseconds())
	_ = unix.Nanosleep(&t, nil)
}
