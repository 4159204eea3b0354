package zfd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"syscall"
	"time"

	"dockerinit/core/bootlog"
	"dockerinit/core/exit"
)

// errNoNodes says that the zone has no console devices at all.
var errNoNodes = errors.New("no zfd devices")

// await opens node n, which may not be there yet: the kernel makes the devices
// in its own time. So may be the other end of a stream that is a FIFO.
func (c *Console) await(ctx context.Context, begun time.Time, n, flags int) (*os.File, error) {
	told := false
	for try := 0; ; try++ {
		if err := c.genuine(); err != nil {
			return nil, exit.StatZfd.Wrap(err)
		}
		f, err := c.OpenNode(c.Node(n), flags)
		late := c.FIFOs && errors.Is(err, syscall.ENXIO)
		if err == nil || !late && !errors.Is(err, fs.ErrNotExist) {
			return f, exit.OpenZfd.Wrap(err)
		}
		waited := time.Since(begun)
		populated, err := c.populated()
		switch {
		case err != nil:
			return nil, exit.StatZfd.Wrap(err)
		case !populated && waited >= anyNodeTime:
			return nil, errNoNodes
		case waited >= oneNodeTime && late:
			return nil, exit.OpenZfd.Errorf("%s: nobody had its other end open for %s", c.Node(n), oneNodeTime)
		case waited >= oneNodeTime:
			return nil, exit.OpenZfd.Errorf("%s: not there after %s", c.Node(n), oneNodeTime)
		}
		if !told {
			told = true
			c.Log.LogAttrs(bootlog.LevelInfo, "wait for "+c.Node(n), bootlog.Step("console"))
		}
		if try < naps {
			c.Nap(oneNap)
			continue
		}
		select {
		case <-time.After(pauseAfter(waited)):
		case <-ctx.Done():
			return nil, exit.OpenZfd.Errorf("%s: %w", c.Node(n), ctx.Err())
		}
	}
}

// A node that is hardly late is tried soon again, for some milliseconds.
const (
	naps   = 20
	oneNap = time.Millisecond / 4
)

// pauseAfter lets a wait that has lasted for so long be an eighth too long, and
// never much: with what the rest of the boot takes it is less than a quarter.
func pauseAfter(waited time.Duration) time.Duration {
	return min(max(waited/8, time.Millisecond), 50*time.Millisecond)
}

// genuine is nil where the directory is one, or is not there yet. A link in its
// place is not the kernel's.
func (c *Console) genuine() error {
	info, err := os.Lstat(c.Dir)
	if err == nil && !info.IsDir() {
		return fmt.Errorf("%s: not a directory", c.Dir)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// populated tells whether there is any device.
func (c *Console) populated() (bool, error) {
	dir, err := os.OpenFile(c.Dir, syscall.O_DIRECTORY|syscall.O_NONBLOCK, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer dir.Close() // it was only read
	_, err = dir.Readdirnames(1)
	if errors.Is(err, io.EOF) {
		return false, nil
	}
	return err == nil, err
}

// OpenNode opens a stream, and nothing else of that name. To open it never waits;
// to read and write does.
func (c *Console) OpenNode(name string, flags int) (*os.File, error) {
	fd, err := c.openStream(name, flags)
	if err != nil {
		return nil, err
	}
	// The command shall not find it non-blocking.
	if err := syscall.SetNonblock(fd, false); err != nil {
		_ = syscall.Close(fd)
		return nil, &os.PathError{Op: "fcntl", Path: name, Err: err}
	}
	return os.NewFile(uintptr(fd), name), nil
}

// openStream opens it non-blocking.
func (c *Console) openStream(name string, flags int) (fd int, err error) {
	info, err := os.Lstat(name)
	if err != nil {
		return -1, err
	}
	if err := c.isStream(name, info.Mode()); err != nil { // before it is opened, which may do things
		return -1, err
	}
	flags |= syscall.O_NONBLOCK | syscall.O_NOCTTY | syscall.O_NOFOLLOW | syscall.O_CLOEXEC
	fd, err = syscall.Open(name, flags, 0)
	for errors.Is(err, syscall.EINTR) {
		fd, err = syscall.Open(name, flags, 0)
	}
	if err != nil {
		return -1, &os.PathError{Op: "open", Path: name, Err: err}
	}
	var st syscall.Stat_t
	err = syscall.Fstat(fd, &st)
	if kind := st.Mode & syscall.S_IFMT; err == nil && kind != syscall.S_IFCHR && !(kind == syscall.S_IFIFO && c.FIFOs) {
		err = errors.New("replaced while it was opened")
	}
	if err != nil {
		_ = syscall.Close(fd)
		return -1, exit.StatZfd.Errorf("%s: %w", name, err)
	}
	return fd, nil
}

// isStream is nil for what may be one. An image may have put anything else there.
func (c *Console) isStream(name string, mode fs.FileMode) error {
	what := "not a character device"
	switch mode.Type() {
	case fs.ModeDevice | fs.ModeCharDevice:
		return nil
	case fs.ModeNamedPipe:
		if c.FIFOs {
			return nil
		}
	case 0:
		what = "a regular file, not a device"
	case fs.ModeDir:
		what = "a directory, not a device"
	case fs.ModeSymlink:
		what = "a symbolic link, not a device"
	}
	return exit.StatZfd.Errorf("%s: %s", name, what)
}
