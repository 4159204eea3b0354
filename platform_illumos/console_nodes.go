//go:build illumos && amd64

package illumos

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"time"

	"golang.org/x/sys/unix"

	"dockerinit/core/exit"
)

// errNoNodes says that the zone has no console devices at all.
var errNoNodes = errors.New("no zfd devices")

// await opens node n, which may not be there yet: the kernel makes the devices
// in its own time.
func (c *console) await(ctx context.Context, begun time.Time, n, flags int) (*os.File, error) {
	told := false
	for {
		if err := c.genuine(); err != nil {
			return nil, exit.StatZfd.Wrap(err)
		}
		f, err := openNode(c.node(n), flags)
		if err == nil || !errors.Is(err, fs.ErrNotExist) {
			return f, exit.OpenZfd.Wrap(err)
		}
		waited := time.Since(begun)
		populated, err := c.populated()
		switch {
		case err != nil:
			return nil, exit.StatZfd.Wrap(err)
		case !populated && waited >= anyNodeTime:
			return nil, errNoNodes
		case waited >= oneNodeTime:
			return nil, exit.OpenZfd.Errorf("%s: not there after %s", c.node(n), oneNodeTime)
		}
		if !told {
			told = true
			tell(c.log, slog.LevelInfo, "console", "wait for "+c.node(n))
		}
		select {
		case <-time.After(pauseAfter(waited)):
		case <-ctx.Done():
			return nil, exit.OpenZfd.Errorf("%s: %w", c.node(n), ctx.Err())
		}
	}
}

// pauseAfter lets a wait that has lasted for so long be a quarter too long at
// most, and never much.
func pauseAfter(waited time.Duration) time.Duration {
	return min(max(waited/4, time.Millisecond), 50*time.Millisecond)
}

// genuine is nil where the directory is one, or is not there yet. A link in its
// place is not the kernel's.
func (c *console) genuine() error {
	info, err := os.Lstat(c.zfd)
	if err == nil && !info.IsDir() {
		return fmt.Errorf("%s: not a directory", c.zfd)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// populated tells whether there is any device.
func (c *console) populated() (bool, error) {
	entries, err := os.ReadDir(c.zfd)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return len(entries) > 0, err
}

// openNode opens a device, and nothing else of that name. To open it
// never waits; to read and write does.
func openNode(name string, flags int) (*os.File, error) {
	fd, err := openStream(name, flags)
	if err != nil {
		return nil, err
	}
	// The command shall not find it non-blocking.
	if err := unix.SetNonblock(fd, false); err != nil {
		_ = unix.Close(fd)
		return nil, &os.PathError{Op: "fcntl", Path: name, Err: err}
	}
	return os.NewFile(uintptr(fd), name), nil
}

// openStream opens it non-blocking.
func openStream(name string, flags int) (fd int, err error) {
	info, err := os.Lstat(name)
	if err != nil {
		return -1, err
	}
	if err := isStream(name, info.Mode()); err != nil { // before it is opened, which may do things
		return -1, err
	}
	flags |= unix.O_NONBLOCK | unix.O_NOCTTY | unix.O_NOFOLLOW | unix.O_CLOEXEC
	fd, err = unix.Open(name, flags, 0)
	for errors.Is(err, unix.EINTR) {
		fd, err = unix.Open(name, flags, 0)
	}
	if err != nil {
		return -1, &os.PathError{Op: "open", Path: name, Err: err}
	}
	var st unix.Stat_t
	err = unix.Fstat(fd, &st)
	if kind := st.Mode & unix.S_IFMT; err == nil && kind != unix.S_IFCHR {
		err = errors.New("replaced while it was opened")
	}
	if err != nil {
		_ = unix.Close(fd)
		return -1, exit.StatZfd.Errorf("%s: %w", name, err)
	}
	return fd, nil
}

// isStream is nil for a character device. An image may have put anything else
// there.
func isStream(name string, mode fs.FileMode) error {
	switch mode.Type() {
	case fs.ModeDevice | fs.ModeCharDevice:
		return nil
	case 0:
		return exit.StatZfd.Errorf("%s: a regular file, not a device", name)
	case fs.ModeDir:
		return exit.StatZfd.Errorf("%s: a directory, not a device", name)
	case fs.ModeSymlink:
		return exit.StatZfd.Errorf("%s: a symbolic link, not a device", name)
	}
	return exit.StatZfd.Errorf("%s: not a character device", name)
}

func isTerminal(fd int) bool {
	_, err := unix.IoctlGetTermios(fd, unix.TCGETS)
	return err == nil
}
