package shim

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"dockerinit/core/process"
)

// Wait waits for a child by its pid. When ctx ends first, the child goes on and
// can be waited for again.
func Wait(ctx context.Context, pid int) (process.Exit, error) {
	if pid <= 0 {
		return process.Exit{}, fmt.Errorf("wait for process %d: no such pid", pid)
	}
	child := make(chan os.Signal, 1)
	signal.Notify(child, syscall.SIGCHLD)
	defer signal.Stop(child)

	// Not every system sends the signal: illumos does not for children that Go
	// forked. So it looks by itself too, less and less often.
	const first, longest = time.Millisecond, 50 * time.Millisecond
	pause := time.NewTimer(first)
	defer pause.Stop()
	for delay := first; ; delay = min(delay+delay/4, longest) {
		if exit, done, err := wait(pid); done || err != nil {
			return exit, err
		}
		pause.Reset(delay)
		select {
		case <-child:
		case <-pause.C:
		case <-ctx.Done():
			return process.Exit{}, fmt.Errorf("wait for process %d: %w", pid, ctx.Err())
		}
	}
}

// wait looks whether a child has ended.
func wait(pid int) (exit process.Exit, done bool, err error) {
	var status syscall.WaitStatus
	for {
		got, err := syscall.Wait4(pid, &status, syscall.WNOHANG, nil)
		switch {
		case errors.Is(err, syscall.EINTR):
			continue
		case errors.Is(err, syscall.ECHILD):
			return exit, false, fmt.Errorf("wait for process %d: not a child of this one: %w", pid, err)
		case err != nil:
			return exit, false, fmt.Errorf("wait for process %d: %w", pid, err)
		case got != pid:
			return exit, false, nil
		case status.Signaled():
			return process.Exit{Signal: int(status.Signal())}, true, nil
		}
		return process.Exit{Status: status.ExitStatus()}, true, nil
	}
}
