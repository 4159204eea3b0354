//go:build linux

package lx

import (
	"context"
	"io/fs"
	"os"

	"golang.org/x/sys/unix"

	"dockerinit/core/exit"
	"dockerinit/core/process"
	"dockerinit/core/zone"
)

// Tee opens the copies that the host makes: of a terminal zfd 1, else 3 and 4.
// In an LX zone there are none, because they have to be asked for with ioctls of
// the zfd devices, which its kernel does not pass on. dockerzone, which plays
// the host, makes them from the start.
func (c *console) Tee(_ context.Context, want zone.Console) (stdout, stderr *os.File, err error) {
	first := 3
	if want.TTY {
		first = 1
	}
	if stdout, err = c.copied(first); err != nil {
		return nil, nil, err
	}
	if want.TTY {
		stderr, err = openNull() // a terminal has one stream
	} else {
		stderr, err = c.copied(4)
	}
	if err != nil {
		_ = stdout.Close()
		return nil, nil, err
	}
	return stdout, stderr, nil
}

func (c *console) copied(n int) (*os.File, error) {
	name := c.node(n)
	// A device is a copy of nothing, as long as nobody has asked for it.
	if info, err := os.Lstat(name); err != nil || info.Mode().Type() != fs.ModeNamedPipe {
		return nil, exit.IoctlZfd.Errorf("%s: a Linux program cannot have the console copied for a log driver: "+
			"the native dockerinit can (init_name=/native/usr/vm/sbin/dockerinit), and docker:logdriver=json-file needs no copy", name)
	}
	f, err := openNode(name, unix.O_RDONLY)
	return f, exit.OpenZfd.Wrap(err)
}

func openNull() (*os.File, error) {
	fd, err := kernel{}.OpenNull()
	if err != nil {
		return nil, exit.Open.Errorf("/dev/null: %w", err)
	}
	return os.NewFile(uintptr(fd), os.DevNull), nil
}

// closeFiles closes what was opened of s; a terminal is all three.
func closeFiles(s process.Stdio) {
	for _, f := range []*os.File{s.In, s.Out, s.Err} {
		if f != nil {
			_ = f.Close() // the second time is an error that says so
		}
	}
}
