package fake

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"time"

	"dockerinit/core/process"
)

// Processes executes commands on this machine, for real: with the order, the
// checks and the errors of a zone. Its zero value becomes commands; to start
// some it needs Self.
type Processes struct {
	Self Self   // what Shim returned
	Root string // the image's root, in which a working directory lies; "" is "/"

	// Borrowed says that the session, the terminal and the stdio are those of
	// whoever runs this program by hand. The command gets their use, and they
	// stay whose they are.
	Borrowed bool

	// Log is told what a stand-in cannot do. nil: nobody is.
	Log *slog.Logger
}

// Exec becomes the command. It returns only if it could not.
func (p *Processes) Exec(cmd process.Command) error {
	return process.Become(p.kernel(p.say), cmd)
}

// Unapplied says that a command for these credentials will run as who this
// process is, for want of root's rights; "" where it runs as it should. Exec
// says so too: this is for those whose log ends before.
func (p *Processes) Unapplied(want process.Credentials) string {
	if os.Geteuid() == 0 || uint32(os.Geteuid()) == want.UID && uint32(os.Getegid()) == want.GID {
		return ""
	}
	return unapplied(want)
}

func unapplied(want process.Credentials) string {
	return fmt.Sprintf("without root's rights the command runs as %d:%d, not as %s", os.Geteuid(), os.Getegid(), want)
}

// Wait waits for a child by its pid. When ctx ends first, the child goes on and
// can be waited for again.
func (p *Processes) Wait(ctx context.Context, pid int) (process.Exit, error) {
	if pid <= 0 {
		return process.Exit{}, fmt.Errorf("wait for process %d: no such pid", pid)
	}
	child := make(chan os.Signal, 1)
	signal.Notify(child, syscall.SIGCHLD)
	defer signal.Stop(child)

	// Not every system sends the signal: illumos does not for children that Go
	// forked. So it looks by itself too, less and less often.
	const first, longest = time.Millisecond, time.Second
	pause := time.NewTimer(first)
	defer pause.Stop()
	for delay := first; ; delay = min(2*delay, longest) {
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

func (p *Processes) kernel(say func(string)) *kernel {
	return &kernel{root: p.Root, borrowed: p.Borrowed, say: say}
}

func (p *Processes) say(text string) {
	if p.Log != nil {
		p.Log.Warn(text)
	}
}
