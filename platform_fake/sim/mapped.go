//go:build linux

package sim

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// AsRoot runs this program in another role, which it knows by the first of args, as
// who the zones of this user have for root: root itself, or the root of a user
// namespace with the ids that Mapping gives. What the role writes to standard
// error is the error that it ends with.
func AsRoot(ctx context.Context, args []string, stdin io.Reader, stdout io.Writer) error {
	cmd := exec.CommandContext(ctx, "/proc/self/exe")
	var complaints bytes.Buffer
	cmd.Args, cmd.Stdin, cmd.Stdout, cmd.Stderr = args, stdin, stdout, &complaints
	// A session of its own: what is typed at the terminal signals dockerzone alone.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	w, err := withWire(cmd)
	if err != nil {
		return err
	}
	defer w.conn.Close()
	err = Mapping().start(cmd, w)
	closeFiles(cmd.ExtraFiles)
	if err != nil {
		return err
	}
	err = cmd.Wait()
	if text := strings.TrimSpace(complaints.String()); err != nil && text != "" && ctx.Err() == nil {
		return errors.New(text)
	}
	return errors.Join(ctx.Err(), err)
}

// start starts a command of this program's, which has its end of w: where it gets a
// user namespace, as the root of that.
func (m ids) start(cmd *exec.Cmd, w *wire) error {
	if m.namespace {
		cmd.SysProcAttr.Cloneflags |= unix.CLONE_NEWUSER
	}
	switch {
	case m.ranges:
		cmd.Args = append([]string{mappedName}, cmd.Args...)
	case m.namespace:
		cmd.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}}
		cmd.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}}
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("make namespaces: %w", err)
	}
	if !m.ranges {
		return nil
	}
	err := w.confirmed()
	if err == nil {
		if err = m.give(cmd.Process.Pid); err == nil {
			err = w.send(frameReady, nil)
		}
	}
	if err != nil {
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // of one that was killed
	}
	return err
}

// becomeMapped waits until the parent has given the user namespace its ids. Only an
// execve as its root then gives this process the rights of root.
func becomeMapped() error {
	w := &wire{conn: os.NewFile(configFD, "the parent")}
	if err := w.send(frameReady, nil); err != nil {
		return err
	}
	if _, _, err := w.receive(); err != nil {
		return err
	}
	return syscall.Exec("/proc/self/exe", os.Args[1:], os.Environ())
}
