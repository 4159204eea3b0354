//go:build illumos && amd64

package illumos

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"time"

	"golang.org/x/sys/unix"

	"dockerinit/core/exit"
	"dockerinit/core/process"
	"dockerinit/core/zone"
	"dockerinit/platform_illumos/zfd"
)

// How long the host's devices are waited for. In a zone that was given none, for
// want of a zlog-mode, there is no reason to wait as long as for one that is late.
const (
	anyNodeTime = 2 * time.Second
	oneNodeTime = 30 * time.Second
)

// A console is the container's stdio: the zfd devices, whose other ends the host
// has. With a terminal 0 is all of it; otherwise 0, 1 and 2 are one-way streams.
// illumos-joyent: usr/src/uts/common/io/zfd.c
type console struct {
	log     *slog.Logger
	zfd     string // the directory of the devices
	console string // what a zone without any has in their place
	stderr  string // where Open has found the standard error
}

func newConsole(log *slog.Logger) *console {
	return &console{log: log, zfd: zfd.Dir, console: "/dev/console"}
}

// Open opens none of them so that it becomes the controlling terminal by
// accident: which one does is up to process.Become.
func (c *console) Open(ctx context.Context, want zone.Console) (process.Stdio, error) {
	begun := time.Now()
	stdio, err := c.streams(ctx, begun, want)
	if errors.Is(err, errNoNodes) {
		c.warn("%s: no devices after %s, the zone has no zlog-mode: its console is %s", c.zfd, anyNodeTime, c.console)
		return c.fallback(want)
	}
	return stdio, err
}

func (c *console) streams(ctx context.Context, begun time.Time, want zone.Console) (s process.Stdio, err error) {
	defer func() {
		if err != nil {
			closeFiles(s)
			s = process.Stdio{}
		}
	}()
	if want.TTY {
		f, err := c.await(ctx, begun, 0, unix.O_RDWR)
		if err != nil {
			return s, err
		}
		if !isTerminal(int(f.Fd())) {
			c.warn("docker:tty asks for a terminal, and %s is none: the host's zlog-mode has no t", f.Name())
		}
		c.stderr = f.Name()
		return process.Stdio{In: f, Out: f, Err: f}, nil
	}
	if want.OpenStdin {
		if s.In, err = c.await(ctx, begun, 0, unix.O_RDONLY); err != nil {
			return s, err
		}
		if isTerminal(int(s.In.Fd())) {
			c.warn("%s is a terminal and docker:tty is not true: the host may discard all output", s.In.Name())
		}
	}
	if s.Out, err = c.await(ctx, begun, 1, unix.O_WRONLY); err != nil {
		return s, err
	}
	if s.Err, err = c.await(ctx, begun, 2, unix.O_WRONLY); err != nil {
		return s, err
	}
	c.stderr = s.Err.Name()
	return s, nil
}

// fallback is the zone's own console, which is one two-way stream.
func (c *console) fallback(want zone.Console) (process.Stdio, error) {
	f, err := openNode(c.console, unix.O_RDWR)
	if err != nil {
		return process.Stdio{}, exit.OpenConsole.Errorf("neither %s nor %w", c.zfd, err)
	}
	c.stderr = c.console
	s := process.Stdio{Out: f, Err: f}
	if want.OpenStdin || want.TTY {
		s.In = f
	}
	return s, nil
}

func (c *console) node(n int) string { return c.zfd + "/" + strconv.Itoa(n) }

func (c *console) warn(format string, args ...any) {
	tell(c.log, slog.LevelWarn, "console", fmt.Sprintf(format, args...))
}
