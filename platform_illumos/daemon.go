package illumos

import (
	"fmt"

	"dockerinit/core/exit"
	"dockerinit/core/process"
)

// daemonError is what is wrong with how a daemon's starter ended: nothing where
// it ended with 0. The codes are the C program's own for ipmgmtd.
func daemonError(path, said string, end process.Exit, err error) error {
	more := ""
	if said != "" {
		more = fmt.Sprintf("; it said: %q", said)
	}
	switch {
	case err != nil:
		return helperError(fmt.Errorf("%s: %w%s", path, err, more), exit.IpmgmtdCrashed)
	case end.Signal != 0:
		return exit.IpmgmtdDied.Errorf("%s: ended by signal %d%s", path, end.Signal, more)
	case end.Status != 0:
		return exit.IpmgmtdExit.Errorf("%s: ended with status %d%s", path, end.Status, more)
	}
	return nil
}

// helperError is err, of a helper that could not be run, with the code of the
// cause if that has one. The code and the statuses of what cannot be executed are
// about the command alone.
func helperError(err error, otherwise exit.Code) error {
	code := exit.CodeOf(err)
	if code == exit.Unexpected || code == exit.Exec {
		code = otherwise
	}
	return &exit.Error{Code: code, Status: exit.StatusFailed, Err: err}
}

// together is all that is wrong with one NIC as one error: a line of the log, with
// the code of the first.
func together(failed []error) error {
	if len(failed) == 0 {
		return nil
	}
	all := failed[0]
	for _, err := range failed[1:] {
		all = exit.CodeOf(all).Errorf("%w; %w", all, err)
	}
	return all
}
