//go:build illumos && amd64

package illumos

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"

	"dockerinit/core/bootlog"
	"dockerinit/core/exit"
	"dockerinit/core/metadata"
	"dockerinit/core/process"
	"dockerinit/core/shim"
	"dockerinit/platform_illumos/libc"
)

// daemonTime is how long a daemon may take to start.
const daemonTime = 30 * time.Second

// A daemon is one that is starting. It makes itself one: the process that was
// started ends when its door is there, or when it has failed.
type daemon struct {
	done chan struct{}
	err  error
}

// start starts a native daemon and does not wait. The name of its service is all
// of its environment, because it believes to be started by hand without.
func (n *network) start(name, path, service string) *daemon {
	d := &daemon{done: make(chan struct{})}
	begun := time.Now()
	go func() {
		defer close(d.done)
		path := n.native + path
		said, end, err := shim.Run(context.Background(), n.processes, process.Command{
			Path: path, Args: []string{name}, Env: []string{"SMF_FMRI=" + service}, Dir: "/", Umask: 0o022, Session: true,
		}, daemonTime)
		d.err = daemonError(path, said, end, err)
		text := fmt.Sprintf("%s has started (%s)", name, time.Since(begun).Round(100*time.Microsecond))
		if said != "" {
			text += fmt.Sprintf("; it said: %q", said)
		}
		if d.err == nil {
			tell(n.log, bootlog.LevelInfo, "network", text)
		}
	}()
	return d
}

// ready waits until it has started, which run sees to that it ends.
func (d *daemon) ready(ctx context.Context) error {
	select {
	case <-d.done:
		return d.err
	case <-ctx.Done():
		return exit.IpmgmtdCrashed.Errorf("wait for the network's daemon: %w", ctx.Err())
	}
}

// stopServer ends the process at the other end of a door.
func stopServer(ctx context.Context, door string, limit time.Duration) error {
	fd, err := unix.Open(door, unix.O_RDONLY|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
	if err != nil {
		return &os.PathError{Op: "open", Path: door, Err: err}
	}
	pid, err := libc.DoorServer(fd)
	_ = unix.Close(fd)
	if err != nil {
		return fmt.Errorf("%s: who serves it: %w", door, err)
	}
	if pid <= 1 || pid == os.Getpid() {
		return fmt.Errorf("%s: served by process %d", door, pid)
	}
	if err := unix.Kill(pid, unix.SIGTERM); err != nil && !errors.Is(err, unix.ESRCH) {
		return fmt.Errorf("end process %d: %w", pid, err)
	}
	begun := time.Now()
	within, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	if metadata.Again(within, func() (bool, error) { return gone(pid), nil }) != nil {
		return fmt.Errorf("process %d, which serves %s, is still there %s after SIGTERM", pid, door, time.Since(begun).Round(time.Second))
	}
	return nil
}

// gone tells whether a process has ended, and reaps it if it is a child: init
// has adopted it when it made itself a daemon.
func gone(pid int) bool {
	var status unix.WaitStatus
	if got, err := unix.Wait4(pid, &status, unix.WNOHANG, nil); err == nil {
		return got == pid
	}
	return errors.Is(unix.Kill(pid, 0), unix.ESRCH)
}
