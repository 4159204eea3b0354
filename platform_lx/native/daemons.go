//go:build linux

package native

import (
	"context"
	"errors"
	"fmt"
	"path"
	"time"

	"github.com/hashicorp/go-multierror"
	"golang.org/x/sys/unix"

	"dockerinit/core/exit"
	"dockerinit/core/shim"
)

const (
	daemonTime = 15 * time.Second // from a daemon's start to its being ready
	endTime    = 5 * time.Second  // from the signal to its end
)

// start starts a daemon. It puts itself into the background when it is ready, so
// the end of what we start is the sign. One that runs already is as good.
func (t *tools) start(ctx context.Context, daemon tool) error {
	name := path.Base(string(daemon))
	_, err := t.do(ctx, daemon, []string{name}, daemonTime)
	if _, refused := errors.AsType[*refusal](err); refused {
		if said, _ := t.do(ctx, pgrep, findProcesses(name), toolTime); len(pids(said)) > 0 {
			return nil
		}
	}
	return err
}

// startIpmgmtd starts the daemon that ipadm asks.
func (t *tools) startIpmgmtd(ctx context.Context) error {
	err := t.start(ctx, ipmgmtd)
	r, refused := errors.AsType[*refusal](err)
	switch {
	case err == nil:
		return nil
	case !refused:
		return exit.IpmgmtdCrashed.Errorf("ipmgmtd could not be started: %w", err)
	case r.end.Signal != 0:
		return exit.IpmgmtdDied.Wrap(err)
	}
	return exit.IpmgmtdExit.Wrap(err)
}

// stopIpmgmtd ends it. It is a child of this process since what started it has
// ended, and so is waited for.
func (t *tools) stopIpmgmtd(ctx context.Context) error {
	said, err := t.do(ctx, pgrep, findProcesses("ipmgmtd"), toolTime)
	if err != nil {
		return fmt.Errorf("ipmgmtd was not stopped: find it: %w", err)
	}
	var failed *multierror.Error
	for _, pid := range pids(said) {
		failed = multierror.Append(failed, end(ctx, pid))
	}
	return failed.ErrorOrNil()
}

func end(ctx context.Context, pid int) error {
	if err := unix.Kill(pid, unix.SIGTERM); err != nil && !errors.Is(err, unix.ESRCH) {
		return fmt.Errorf("ipmgmtd, process %d, was not stopped: %w", pid, err)
	}
	within, cancel := context.WithTimeout(ctx, endTime)
	defer cancel()
	if _, err := shim.Wait(within, pid); err != nil && !errors.Is(err, unix.ECHILD) {
		return fmt.Errorf("ipmgmtd was told to end: %w", err)
	}
	return nil
}
