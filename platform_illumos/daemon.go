package illumos

import (
	"fmt"

	"dockerinit/core/exit"
	"dockerinit/core/process"
)

// daemonError is what is wrong with how a daemon's starter ended: nothing where
// it ended with 0. The codes are the C program's own for ipmgmtd.
func daemonError(path, said string, end process.Exit, err error) error {
	code, text := exit.IpmgmtdExit, ""
	switch {
	case err != nil:
		code, text = exit.IpmgmtdCrashed, err.Error()
		if own := exit.CodeOf(err); own != exit.Unexpected {
			code = own // why it could not even be started
		}
	case end.Signal != 0:
		code, text = exit.IpmgmtdDied, fmt.Sprintf("ended by signal %d", end.Signal)
	case end.Status != 0:
		text = fmt.Sprintf("ended with status %d", end.Status)
	default:
		return nil
	}
	if said != "" {
		text += fmt.Sprintf("; it said: %q", said)
	}
	if err != nil { // keeps its cause
		return code.Errorf("%s: %w%s", path, err, text[len(err.Error()):])
	}
	return code.Errorf("%s: %s", path, text)
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
