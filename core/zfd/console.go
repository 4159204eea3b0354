package zfd

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"dockerinit/core/bootlog"
	"dockerinit/core/exit"
	"dockerinit/core/process"
	"dockerinit/core/zone"
)

// A Console is the container's stdio.
type Console struct {
	Dir string // the directory of the devices
	Own string // what a zone without any has in their place

	Log        *bootlog.Logger
	IsTerminal func(fd int) bool
	// Nap sleeps for less than a timer of Go's may be able to.
	Nap func(time.Duration)
	// FIFOs tells that a stream may be one, as in a zone that is simulated.
	FIFOs bool

	stderr string // where Open has found the standard error
}

// Where a zone has them.
const (
	Dir = "/dev/zfd"
	Own = "/dev/console"
)

// How long the host's devices are waited for. In a zone that was given none, for
// want of a zlog-mode, there is no reason to wait as long as for one that is late.
const (
	anyNodeTime = 2 * time.Second
	oneNodeTime = 30 * time.Second
)

// Open opens none of them so that it becomes the controlling terminal by
// accident: which one does is up to process.Become.
func (c *Console) Open(ctx context.Context, want zone.Console) (process.Stdio, error) {
	begun := time.Now()
	stdio, err := c.streams(ctx, begun, want)
	if errors.Is(err, errNoNodes) {
		c.warn("%s: no devices after %s, the zone has no zlog-mode: its console is %s", c.Dir, anyNodeTime, c.Own)
		return c.fallback(want)
	}
	return stdio, err
}

func (c *Console) streams(ctx context.Context, begun time.Time, want zone.Console) (s process.Stdio, err error) {
	defer func() {
		if err != nil {
			s.Close()
			s = process.Stdio{}
		}
	}()
	if want.TTY {
		f, err := c.await(ctx, begun, 0, syscall.O_RDWR)
		if err != nil {
			return s, err
		}
		if !c.IsTerminal(int(f.Fd())) {
			c.warn("docker:tty asks for a terminal, and %s is none: the host's zlog-mode has no t", f.Name())
		}
		c.stderr = f.Name()
		return process.Stdio{In: f, Out: f, Err: f}, nil
	}
	if want.OpenStdin {
		if s.In, err = c.await(ctx, begun, 0, syscall.O_RDONLY); err != nil {
			return s, err
		}
		if c.IsTerminal(int(s.In.Fd())) {
			c.warn("%s is a terminal and docker:tty is not true: the host may discard all output", s.In.Name())
		}
	}
	if s.Out, err = c.await(ctx, begun, 1, syscall.O_WRONLY); err != nil {
		return s, err
	}
	if s.Err, err = c.await(ctx, begun, 2, syscall.O_WRONLY); err != nil {
		return s, err
	}
	c.stderr = s.Err.Name()
	return s, nil
}

// fallback is the zone's own console, which is one two-way stream.
func (c *Console) fallback(want zone.Console) (process.Stdio, error) {
	f, err := c.OpenNode(c.Own, syscall.O_RDWR)
	if err != nil {
		return process.Stdio{}, exit.OpenConsole.Errorf("neither %s nor %w", c.Dir, err)
	}
	c.stderr = c.Own
	s := process.Stdio{Out: f, Err: f}
	if want.OpenStdin || want.TTY {
		s.In = f
	}
	return s, nil
}

// Node is the name of device n.
func (c *Console) Node(n int) string { return filepath.Join(c.Dir, strconv.Itoa(n)) }

func (c *Console) warn(format string, args ...any) {
	c.Log.LogAttrs(bootlog.LevelWarn, fmt.Sprintf(format, args...), bootlog.Step("console"))
}
