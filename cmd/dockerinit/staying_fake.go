//go:build fake || !(illumos || linux)

package main

import (
	"context"
	"os"
	"sync"
	"syscall"
	"time"

	"dockerinit/core/process"
	"dockerinit/core/supervise"
	"dockerinit/core/zone"
	"dockerinit/platform_fake"
)

// staying is the resident of a zone with docker:init: the command is a child of
// the boot and may be started again. It is no PID 1, so that what the command
// leaves behind is not its child, and no process of this machine is its to end.
type staying struct {
	supervise.Children
	resident *resident
	told     bool // that the zone is ready

	mu   sync.Mutex
	came syscall.Signal // the last one from outside
}

func newStaying(r *resident) *staying {
	s := &staying{resident: r}
	s.Begin, s.Hear, s.Forwarded = s.begin, r.Hear, taken
	s.Decode = func(status syscall.WaitStatus) process.Exit {
		if status.Signaled() {
			return process.Exit{Signal: int(status.Signal())}
		}
		return process.Exit{Status: status.ExitStatus()}
	}
	return s
}

// Watch takes over the signals, of which one may have ended the boot just now.
func (s *staying) Watch() <-chan supervise.Event {
	if s.resident.signals.hold() != nil {
		return nil // begin tells why
	}
	events := make(chan supervise.Event)
	all := s.Children.Watch()
	s.resident.signals.release()
	go func() {
		for e := range all {
			if e.Signal != 0 {
				s.mu.Lock()
				s.came = e.Signal
				s.mu.Unlock()
			}
			events <- e
		}
	}()
	return events
}

func (s *staying) begin(ctx context.Context, cmd process.Command) (pid int, err error) {
	if err := s.resident.signals.context.Err(); err != nil {
		return 0, err
	}
	if !s.told {
		s.told = true
		s.resident.ready(cmd)
	}
	s.resident.started = time.Now()
	return s.resident.Start(ctx, cmd)
}

// Kill leaves the group alone, which is also ours, and so is given by a terminal
// what that sends.
func (s *staying) Kill(pid int, _ bool, n syscall.Signal) {
	s.mu.Lock()
	twice := n == s.came && fromTerminal(n)
	s.came = 0
	s.mu.Unlock()
	if !twice {
		s.Children.Kill(pid, false, n)
	}
}

// KillAll knows of nobody else that is the zone's.
func (*staying) KillAll(syscall.Signal, ...int) (any bool) { return false }

// Sessions are nobody's either.
func (*staying) Sessions() []int { return nil }

// Unread has no log driver to wait for.
func (*staying) Unread(...*os.File) int { return 0 }

// Number is this machine's.
func (*staying) Number(s zone.Signal) (syscall.Signal, bool) { return fake.SignalNumber(s) }
