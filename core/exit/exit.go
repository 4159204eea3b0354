// Package exit is the table of codes: why a boot, or a dockerexec, came to an end.
//
// A code stands in the log's FATAL line, in the failure record and in what
// people are told. The process itself ends with Docker's status, 125, 126 or
// 127, which each code maps to. Codes below 60 carry the number that the C
// dockerinit used for the same condition, because operators and the host's
// agents know them; new ones start at 64.
package exit

import (
	"errors"
	"fmt"

	"github.com/hashicorp/go-multierror"
)

// A Code tells why a boot ended. It is an error itself, so that a caller can
// ask errors.Is(err, exit.NoSuchUser).
type Code int

// Docker's process statuses for what is not the command's own doing.
const (
	StatusFailed     = 125 // anything of ours
	StatusNoExec     = 126 // the command is there and cannot be executed
	StatusNotFound   = 127 // the command is not there
	statusSignalBase = 128
)

// Signaled is the status of a command that a signal ended, as Docker gives it.
func Signaled(signal int) int { return statusSignalBase + signal }

// An Error is a cause with its code. Its text is the cause's alone: the code is
// shown by whoever shows the error.
type Error struct {
	Code   Code
	Err    error
	Status int // the process status, where it is not the code's own
}

func (e *Error) Error() string { return e.Err.Error() }
func (e *Error) Unwrap() error { return e.Err }

// Is makes errors.Is(err, exit.NoSuchUser) true for an error with that code.
func (e *Error) Is(target error) bool {
	code, ok := target.(Code)
	return ok && code == e.Code
}

// Errorf is fmt.Errorf with a code.
func (c Code) Errorf(format string, args ...any) error {
	return &Error{Code: c, Err: fmt.Errorf(format, args...)}
}

// Wrap gives err the code, unless it has one already: the place where a cause
// is known best is the innermost. Wrap of nil is nil.
func (c Code) Wrap(err error) error {
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*Error](err); ok {
		return err
	}
	return &Error{Code: c, Err: err}
}

// Error is the row's meaning, for the rare case that the code is all that is known.
func (c Code) Error() string {
	if row, ok := c.Row(); ok {
		return row.Meaning
	}
	return fmt.Sprintf("code %d", int(c))
}

// Row is the code's row in the table; false where the number has no meaning here.
func (c Code) Row() (Row, bool) {
	for _, row := range Table {
		if row.Code == c {
			return row, true
		}
	}
	return Row{}, false
}

// Status is the process status that goes with the code.
func (c Code) Status() int {
	if row, ok := c.Row(); ok {
		return row.Status
	}
	return StatusFailed
}

// CodeOf is the code of err: of the first error in it that has one, Unexpected
// where none has. nil has no code, so 0.
func CodeOf(err error) Code {
	if err == nil {
		return 0
	}
	for _, e := range Each(err) {
		if coded, ok := errors.AsType[*Error](e); ok {
			return coded.Code
		}
		if code, ok := errors.AsType[Code](e); ok {
			return code
		}
	}
	return Unexpected
}

// StatusOf is the process status that err ends with: that of the error which
// gives it its code. 0 for nil.
func StatusOf(err error) int {
	if err == nil {
		return 0
	}
	for _, e := range Each(err) {
		coded, ok := errors.AsType[*Error](e)
		if !ok {
			continue
		}
		// Whoever wrapped it may have repeated the code and not the status.
		for inner := coded; ok; inner, ok = errors.AsType[*Error](inner.Err) {
			if inner.Status != 0 {
				return inner.Status
			}
		}
		return coded.Code.Status()
	}
	return CodeOf(err).Status()
}

// Each is every mistake in err, flattened, in order: one line of the log each.
func Each(err error) []error {
	if err == nil {
		return nil
	}
	if many, ok := errors.AsType[*multierror.Error](err); ok {
		var all []error
		for _, e := range many.Errors {
			all = append(all, Each(e)...)
		}
		return all
	}
	return []error{err}
}
