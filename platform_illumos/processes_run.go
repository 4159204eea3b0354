//go:build illumos && amd64

package illumos

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"dockerinit/core/process"
)

const (
	saidMost  = 1024                 // as much of a helper's words as a line of the log can take
	saidLater = 5 * time.Millisecond // for words of what it has left behind: a daemon may keep the pipe for ever
	reapTime  = time.Second          // for one that was killed: it may hang in the kernel
)

// run runs a helper to its end and returns what it has said, on one line. One
// that takes longer than limit is killed, with all that is in its group.
func (p *processes) run(ctx context.Context, cmd process.Command, limit time.Duration) (said string, end process.Exit, err error) {
	r, w, err := os.Pipe()
	if err != nil {
		return "", end, err
	}
	defer r.Close()
	cmd.Stdio = process.Stdio{Out: w, Err: w}
	pid, err := p.start(ctx, cmd, limit)
	_ = w.Close()
	if err != nil {
		return "", end, err
	}
	words := make(chan string, 1)
	go func() { words <- oneLine(r) }()

	within, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	end, err = p.Wait(within, pid)
	if err != nil {
		kill(pid, cmd.Session)
		reap, stop := context.WithTimeout(context.WithoutCancel(ctx), reapTime)
		defer stop()
		_, lost := p.Wait(reap, pid)
		if ctx.Err() == nil && errors.Is(err, context.DeadlineExceeded) {
			err = fmt.Errorf("no end after %s: killed", limit)
		}
		if lost != nil {
			err = fmt.Errorf("%w; %w", err, lost)
		}
	}
	_ = r.SetReadDeadline(time.Now().Add(saidLater))
	return <-words, end, err
}

func (p *processes) start(ctx context.Context, cmd process.Command, limit time.Duration) (pid int, err error) {
	within, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	return p.Start(within, cmd)
}

func kill(pid int, group bool) {
	if group {
		pid = -pid
	}
	_ = unix.Kill(pid, unix.SIGKILL) // it may have ended by itself
}

// oneLine reads to the end, also what there is no room for: the helper shall not
// wait for us.
func oneLine(r *os.File) string {
	var said []byte
	buf := make([]byte, 512)
	for {
		n, err := r.Read(buf)
		said = append(said, buf[:min(n, saidMost-len(said))]...)
		if err != nil {
			break
		}
	}
	var lines []string
	for line := range strings.Lines(string(said)) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "; ")
}
