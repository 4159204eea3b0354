//go:build illumos && amd64

package illumos

import (
	"context"
	"errors"
	"io/fs"
	"os"

	"golang.org/x/sys/unix"

	"dockerinit/core/exit"
	"dockerinit/core/process"
	"dockerinit/core/zone"
	"dockerinit/platform_illumos/zfd"
)

// Tee makes one zfd device the copy of another, and opens it. From then on the
// command waits for whoever reads the copy, unless it is to lose it rather.
func (c *console) Tee(_ context.Context, want zone.Console) (stdout, stderr *os.File, err error) {
	var copies []*os.File
	for _, pair := range zfd.Pairs(want.TTY) {
		f, err := c.tee(pair, !want.DropCopies)
		if err != nil {
			closeFiles(process.Stdio{In: stdout})
			return nil, nil, err
		}
		if copies = append(copies, f); stdout == nil {
			stdout = f
		}
	}
	if len(copies) == 2 {
		return copies[0], copies[1], nil
	}
	if stderr, err = openNull(); err != nil { // a terminal has one stream
		_ = stdout.Close()
		return nil, nil, err
	}
	return stdout, stderr, nil
}

func (c *console) tee(pair zfd.Pair, flow bool) (*os.File, error) {
	log, primary := c.node(pair.Log), c.node(pair.Primary)
	var st unix.Stat_t
	if err := unix.Stat(primary, &st); err != nil {
		return nil, exit.StatZfd.Wrap(&os.PathError{Op: "stat", Path: primary, Err: err})
	}
	// The console's devices are there by now, so a missing one is not late.
	f, err := openNode(log, unix.O_RDONLY)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, exit.OpenZfd.Errorf("%s: not there, and a log driver reads %s by it: the platform gives zones of this brand no such device; "+
			"docker:tty=true or docker:logdriver=json-file does without", log, primary)
	}
	if err != nil {
		return nil, exit.OpenZfd.Wrap(err)
	}
	fd := int(f.Fd())
	if err := unix.IoctlSetInt(fd, zfd.Mux, int(zfd.Minor(st.Rdev))); err != nil {
		_ = f.Close()
		return nil, exit.IoctlZfd.Errorf("make %s a copy of %s: %w", log, primary, err)
	}
	if flow {
		if err := unix.IoctlSetInt(fd, zfd.FlowCon, 1); err != nil {
			_ = f.Close()
			return nil, exit.IoctlZfd.Errorf("let %s wait for %s: %w", primary, log, err)
		}
	}
	return f, nil
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
