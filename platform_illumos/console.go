//go:build illumos && amd64

package illumos

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"time"

	"golang.org/x/sys/unix"

	"dockerinit/core/bootlog"
	"dockerinit/core/exit"
	"dockerinit/core/zfd"
	"dockerinit/core/zone"
)

// A console is the container's stdio.
type console struct{ zfd.Console }

// ownConsole is what a native zone has where it was given no zfd devices: there
// /dev/console is a link to it, which is not followed.
// illumos-joyent: usr/src/lib/brand/joyent-minimal/zone/platform.xml
const ownConsole = "/dev/zconsole"

func newConsole(log *bootlog.Logger, native string) *console {
	own := ownConsole
	if native != "" { // an LX zone, whose brand has the device under the usual name
		own = zfd.Own
	}
	return &console{zfd.Console{Dir: zfd.Dir, Own: own, Log: log, IsTerminal: isTerminal, Nap: time.Sleep}}
}

// Tee makes one zfd device the copy of another, and opens it. From then on the
// command waits for whoever reads the copy, unless it is to lose it rather.
func (c *console) Tee(_ context.Context, want zone.Console) (stdout, stderr *os.File, err error) {
	pairs := zfd.Pairs(want.TTY)
	if stdout, err = c.tee(pairs[0], !want.DropCopies); err != nil {
		return nil, nil, err
	}
	if len(pairs) > 1 {
		stderr, err = c.tee(pairs[1], !want.DropCopies)
	} else {
		stderr, err = openNull() // a terminal has one stream
	}
	if err != nil {
		_ = stdout.Close()
		return nil, nil, err
	}
	return stdout, stderr, nil
}

func (c *console) tee(pair zfd.Pair, flow bool) (*os.File, error) {
	log, primary := c.Node(pair.Log), c.Node(pair.Primary)
	var st unix.Stat_t
	if err := unix.Stat(primary, &st); err != nil {
		return nil, exit.StatZfd.Wrap(&os.PathError{Op: "stat", Path: primary, Err: err})
	}
	// The console's devices are there by now, so a missing one is not late.
	f, err := c.OpenNode(log, unix.O_RDONLY)
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

func isTerminal(fd int) bool {
	_, err := unix.IoctlGetTermios(fd, unix.TCGETS)
	return err == nil
}
