//go:build linux

package lx

import (
	"context"
	"io/fs"
	"os"

	"golang.org/x/sys/unix"

	"dockerinit/core/bootlog"
	"dockerinit/core/exit"
	"dockerinit/core/zfd"
	"dockerinit/core/zone"
	"dockerinit/platform_lx/nap"
)

// A console is the container's stdio. A simulated zone has FIFOs in the place of
// the devices.
type console struct{ zfd.Console }

func newConsole(log *bootlog.Logger) *console {
	return &console{zfd.Console{Dir: zfd.Dir, Own: zfd.Own, Log: log, IsTerminal: isTerminal, Nap: nap.For, FIFOs: true}}
}

// Tee opens the copies that the host makes. In an LX zone there are none, because
// they have to be asked for with ioctls of the zfd devices, which its kernel does
// not pass on. dockerzone, which plays the host, makes them from the start.
func (c *console) Tee(_ context.Context, want zone.Console) (stdout, stderr *os.File, err error) {
	pairs := zfd.Pairs(want.TTY)
	if stdout, err = c.copied(pairs[0].Log); err != nil {
		return nil, nil, err
	}
	if len(pairs) > 1 {
		stderr, err = c.copied(pairs[1].Log)
	} else {
		stderr, err = openNull() // a terminal has one stream
	}
	if err != nil {
		_ = stdout.Close()
		return nil, nil, err
	}
	return stdout, stderr, nil
}

func (c *console) copied(n int) (*os.File, error) {
	name := c.Node(n)
	// A device is a copy of nothing, as long as nobody has asked for it.
	if info, err := os.Lstat(name); err != nil || info.Mode().Type() != fs.ModeNamedPipe {
		return nil, exit.IoctlZfd.Errorf("%s: a Linux program cannot have the console copied for a log driver: "+
			"the native dockerinit can (init_name=/native/usr/vm/sbin/dockerinit), and docker:logdriver=json-file needs no copy", name)
	}
	f, err := c.OpenNode(name, unix.O_RDONLY)
	return f, exit.OpenZfd.Wrap(err)
}

func openNull() (*os.File, error) {
	fd, err := kernel{}.OpenNull()
	if err != nil {
		return nil, exit.Open.Errorf("/dev/null: %w", err)
	}
	return os.NewFile(uintptr(fd), os.DevNull), nil
}

func isTerminal(fd int) bool {
	_, err := unix.IoctlGetTermios(fd, unix.TCGETS)
	return err == nil
}
