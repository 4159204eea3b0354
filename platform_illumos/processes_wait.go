//go:build illumos && amd64

package illumos

import (
	"context"
	"errors"
	"fmt"

	"golang.org/x/sys/unix"

	"dockerinit/core/process"
)

// waiting is a wait that is under way for one child.
type waiting struct {
	done chan struct{}
	exit process.Exit
	err  error
}

// Wait waits for a child by its pid. The kernel sends no SIGCHLD for what Go has
// forked (FORK_NOSIGCHLD), so a thread waits in the kernel; when ctx ends first,
// it stays there, and who asks again for that child gets what it has found.
func (p *processes) Wait(ctx context.Context, pid int) (process.Exit, error) {
	if pid <= 0 { // the kernel would wait for any child, or for a group
		return process.Exit{}, fmt.Errorf("wait for process %d: no such pid", pid)
	}
	p.mu.Lock()
	w, there := p.waiting[pid]
	if !there {
		w = &waiting{done: make(chan struct{})}
		if p.waiting == nil {
			p.waiting = map[int]*waiting{}
		}
		p.waiting[pid] = w
		go func() {
			defer close(w.done)
			w.exit, w.err = wait(pid)
		}()
	}
	p.mu.Unlock()
	select {
	case <-w.done:
		p.mu.Lock()
		delete(p.waiting, pid)
		p.mu.Unlock()
		return w.exit, w.err
	case <-ctx.Done():
		return process.Exit{}, fmt.Errorf("wait for process %d: %w", pid, ctx.Err())
	}
}

func wait(pid int) (process.Exit, error) {
	for {
		var status unix.WaitStatus
		switch _, err := unix.Wait4(pid, &status, 0, nil); {
		case errors.Is(err, unix.EINTR):
			continue
		case errors.Is(err, unix.ECHILD):
			return process.Exit{}, fmt.Errorf("wait for process %d: not a child of this one: %w", pid, err)
		case err != nil:
			return process.Exit{}, fmt.Errorf("wait for process %d: %w", pid, err)
		}
		return decodeStatus(uint32(status)), nil
	}
}
