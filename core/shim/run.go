package shim

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
	"time"

	"dockerinit/core/process"
)

// saidMost is as much of a program's words as a line of the log can take.
const saidMost = 1024

// Children are started and waited for in the platform's own way.
type Children interface {
	Start(ctx context.Context, cmd process.Command) (pid int, err error)
	Wait(ctx context.Context, pid int) (process.Exit, error)
}

// Run runs a program that helps with the boot to its end, and returns what it has
// said, on one line. One that takes longer than limit is killed, with all that is in
// its group where it has a session, and the error is a context.DeadlineExceeded.
func Run(ctx context.Context, c Children, cmd process.Command, limit time.Duration) (said string, end process.Exit, err error) {
	r, w, err := os.Pipe()
	if err != nil {
		return "", end, err
	}
	defer r.Close()
	cmd.Stdio = process.Stdio{Out: w, Err: w}
	within, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	pid, err := c.Start(within, cmd)
	_ = w.Close()
	if err != nil {
		return "", end, err
	}
	words := make(chan []byte, 1)
	go func() { words <- readAll(r) }()

	if end, err = c.Wait(within, pid); err != nil {
		kill(pid, cmd.Session)
		reap, stop := context.WithTimeout(context.WithoutCancel(ctx), reapTime)
		defer stop()
		_, lost := c.Wait(reap, pid)
		if ctx.Err() == nil && errors.Is(err, context.DeadlineExceeded) {
			err = tooLong{limit}
		}
		if lost != nil {
			err = fmt.Errorf("%w; %w", err, lost)
		}
	}
	// What it has left behind, a daemon, may hold the pipe for ever. Its own words
	// are all there.
	_ = r.SetReadDeadline(time.Unix(1, 0))
	heard := <-words
	_ = r.SetReadDeadline(time.Time{})
	return oneLine(append(heard, readNow(r, saidMost-len(heard))...)), end, err
}

// tooLong is a deadline that was the program's own.
type tooLong struct{ limit time.Duration }

func (e tooLong) Error() string { return fmt.Sprintf("no end after %s: killed", e.limit) }
func (tooLong) Unwrap() error   { return context.DeadlineExceeded }

func kill(pid int, group bool) {
	if group {
		pid = -pid
	}
	_ = syscall.Kill(pid, syscall.SIGKILL) // it may have ended by itself
}

// readAll reads to the end or the deadline, also what there is no room for: the
// program shall not wait for us.
func readAll(r *os.File) (said []byte) {
	buf := make([]byte, 512)
	for {
		n, err := r.Read(buf)
		said = append(said, buf[:min(n, saidMost-len(said))]...)
		if err != nil {
			return said
		}
	}
}

// readNow reads what is there already, most bytes of it.
func readNow(r *os.File, most int) (said []byte) {
	raw, err := r.SyscallConn()
	if err != nil {
		return nil
	}
	buf := make([]byte, most)
	_ = raw.Read(func(fd uintptr) (done bool) {
		for len(said) < most {
			n, err := syscall.Read(int(fd), buf[len(said):])
			if errors.Is(err, syscall.EINTR) {
				continue
			}
			if n <= 0 || err != nil {
				break
			}
			said = buf[:len(said)+n]
		}
		return true
	})
	return said
}

func oneLine(said []byte) string {
	var lines []string
	for line := range strings.Lines(string(said)) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "; ")
}
