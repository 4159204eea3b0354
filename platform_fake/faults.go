package fake

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// Faults are what shall go wrong, call by call. A call is named as in the source,
// "Network.AddRoute"; n counts the calls of that name from 1, and 0 means all.
//
//	zone.Faults.Fail("Network.Configure", 2, syscall.ENXIO)
type Faults struct {
	mu     sync.Mutex
	faults map[string][]Fault
	calls  map[string]int
}

// A Fault is one thing that goes wrong at one place. Its parts may be combined:
// a delay comes first.
type Fault struct {
	Place string // a call, or whatever else a program has places for
	N     int    // which time; 0: each time
	Err   error
	Hang  bool // until whoever called gives up
	Delay time.Duration
}

// Fail makes the n-th call fail, and not do anything.
func (f *Faults) Fail(call string, n int, err error) { f.Add(Fault{Place: call, N: n, Err: err}) }

// Hang makes the n-th call wait until its context ends. A call without a context
// waits for an hour.
func (f *Faults) Hang(call string, n int) { f.Add(Fault{Place: call, N: n, Hang: true}) }

// Delay makes the n-th call take longer.
func (f *Faults) Delay(call string, n int, by time.Duration) {
	f.Add(Fault{Place: call, N: n, Delay: by})
}

// Add plans a fault.
func (f *Faults) Add(fault Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.faults == nil {
		f.faults = map[string][]Fault{}
	}
	f.faults[fault.Place] = append(f.faults[fault.Place], fault)
}

// Calls are how often each call was made: what there is to be broken.
func (f *Faults) Calls() map[string]int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return maps.Clone(f.calls)
}

// strike counts a call and does to it what is planned.
func (f *Faults) strike(ctx context.Context, call string) error {
	f.mu.Lock()
	if f.calls == nil {
		f.calls = map[string]int{}
	}
	f.calls[call]++
	n := f.calls[call]
	var due []Fault
	for _, fault := range f.faults[call] {
		if fault.N == 0 || fault.N == n {
			due = append(due, fault)
		}
	}
	f.mu.Unlock()
	for _, fault := range due {
		if err := fault.Strike(ctx); err != nil {
			return err
		}
	}
	return nil
}

// Strike does what the fault is.
func (fault Fault) Strike(ctx context.Context) error {
	wait := fault.Delay
	if fault.Hang {
		wait = time.Hour
	}
	if wait > 0 {
		timer := time.NewTimer(wait)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	if fault.Err == nil && fault.Hang {
		return context.DeadlineExceeded
	}
	return fault.Err
}

// ParseFault reads PLACE[/N]=WHAT, where WHAT is the name of an error (ENXIO),
// "hang", a duration to wait for (200ms), or an error's text.
func ParseFault(s string) (Fault, error) {
	place, what, ok := strings.Cut(s, "=")
	if !ok || what == "" {
		return Fault{}, fmt.Errorf("fault %q: want PLACE[/N]=ERROR, as in %q", s, "routes/2=ENETUNREACH")
	}
	fault := Fault{Place: place}
	if name, number, found := strings.Cut(place, "/"); found {
		n, err := strconv.Atoi(number)
		if err != nil || n < 1 {
			return Fault{}, fmt.Errorf("fault %q: %q: not a number from 1", s, number)
		}
		fault.Place, fault.N = name, n
	}
	if fault.Place == "" {
		return Fault{}, fmt.Errorf("fault %q: names no place", s)
	}
	delay, err := time.ParseDuration(what)
	switch errno, named := errnos[what]; {
	case named:
		fault.Err = errno
	case what == "hang":
		fault.Hang = true
	case err == nil && delay > 0:
		fault.Delay = delay
	case strings.HasPrefix(what, "E") && what == strings.ToUpper(what) && !strings.Contains(what, " "):
		return Fault{}, fmt.Errorf("fault %q: %q: not one of %s", s, what, strings.Join(slices.Sorted(maps.Keys(errnos)), " "))
	default:
		fault.Err = errors.New(what)
	}
	return fault, nil
}

// errnos are the errors that every system has and a boot may meet.
var errnos = map[string]syscall.Errno{
	"E2BIG": syscall.E2BIG, "EACCES": syscall.EACCES, "EADDRINUSE": syscall.EADDRINUSE,
	"EADDRNOTAVAIL": syscall.EADDRNOTAVAIL, "EAGAIN": syscall.EAGAIN, "EBUSY": syscall.EBUSY,
	"ECONNREFUSED": syscall.ECONNREFUSED, "ECONNRESET": syscall.ECONNRESET, "EDQUOT": syscall.EDQUOT,
	"EEXIST": syscall.EEXIST, "EHOSTUNREACH": syscall.EHOSTUNREACH, "EINTR": syscall.EINTR,
	"EINVAL": syscall.EINVAL, "EIO": syscall.EIO, "EISDIR": syscall.EISDIR, "ELOOP": syscall.ELOOP,
	"EMFILE": syscall.EMFILE, "ENAMETOOLONG": syscall.ENAMETOOLONG, "ENETDOWN": syscall.ENETDOWN,
	"ENETUNREACH": syscall.ENETUNREACH, "ENODEV": syscall.ENODEV, "ENOENT": syscall.ENOENT,
	"ENOEXEC": syscall.ENOEXEC, "ENOMEM": syscall.ENOMEM, "ENOSPC": syscall.ENOSPC,
	"ENOTDIR": syscall.ENOTDIR, "ENOTSUP": syscall.ENOTSUP, "ENOTTY": syscall.ENOTTY, "ENXIO": syscall.ENXIO,
	"EPERM": syscall.EPERM, "EPIPE": syscall.EPIPE, "EROFS": syscall.EROFS, "ETIMEDOUT": syscall.ETIMEDOUT,
}
