package exit_test

import (
	"errors"
	"fmt"
	"io/fs"
	"testing"

	"github.com/hashicorp/go-multierror"

	"dockerinit/core/exit"
)

func TestTable(t *testing.T) {
	last := exit.Code(0)
	for _, row := range exit.Table {
		if row.Code <= last {
			t.Errorf("%s (%d) stands after %d", row.Name, row.Code, last)
		}
		last = row.Code
		if row.Code > 59 && row.Code < 64 {
			t.Errorf("%s: %d belongs to the C program's range", row.Name, row.Code)
		}
		switch row.Status {
		case exit.StatusFailed, exit.StatusNoExec, exit.StatusNotFound:
		default:
			t.Errorf("%s: status %d is none of Docker's", row.Name, row.Status)
		}
		if row.Name == "" || row.Meaning == "" || row.Hint == "" {
			t.Errorf("%d has an empty column: %+v", row.Code, row)
		}
	}
}

func TestCodeOf(t *testing.T) {
	user := exit.NoSuchUser.Errorf("docker:user %q: no such user", "x")
	plain := errors.New("plain")
	for _, c := range []struct {
		behaviour string
		err       error
		want      exit.Code
	}{
		{"nil has no code", nil, 0},
		{"an error without a code is unexpected", plain, exit.Unexpected},
		{"the code is found below wrapping", fmt.Errorf("validate: %w", user), exit.NoSuchUser},
		{"a bare code is its own", fmt.Errorf("x: %w", exit.Rename), exit.Rename},
		{"the first of several counts", multierror.Append(nil, exit.NoBrand.Errorf("a"), user), exit.NoBrand},
		{"one without a code is passed over for one that has it", multierror.Append(nil, plain, user), exit.NoSuchUser},
		{"a joined error nested in another is reached", multierror.Append(nil, multierror.Append(nil, user)), exit.NoSuchUser},
	} {
		if got := exit.CodeOf(c.err); got != c.want {
			t.Errorf("%s: got %d, want %d", c.behaviour, got, c.want)
		}
	}
	if !errors.Is(fmt.Errorf("a: %w", user), exit.NoSuchUser) {
		t.Error("errors.Is does not find the code")
	}
	if errors.Is(user, exit.NoSuchGroup) {
		t.Error("errors.Is finds another code")
	}
}

func TestWrap(t *testing.T) {
	if exit.Open.Wrap(nil) != nil {
		t.Error("Wrap of nil is an error")
	}
	inner := exit.MountDevShm.Errorf("mount: %w", fs.ErrPermission)
	if got := exit.CodeOf(exit.Unexpected.Wrap(inner)); got != exit.MountDevShm {
		t.Errorf("the innermost code is lost: %d", got)
	}
	if err := exit.Open.Wrap(fs.ErrPermission); exit.CodeOf(err) != exit.Open || !errors.Is(err, fs.ErrPermission) {
		t.Errorf("Wrap gives %v", err)
	}
}

func TestStatusOf(t *testing.T) {
	gone := &exit.Error{Code: exit.Exec, Err: fs.ErrNotExist, Status: exit.StatusNotFound}
	user := exit.NoSuchUser.Errorf("docker:user %q: no such user", "x")
	for _, c := range []struct {
		behaviour string
		err       error
		want      int
	}{
		{"nil is success", nil, 0},
		{"an error without a code is ours", errors.New("plain"), exit.StatusFailed},
		{"a code has its own status", exit.Exec.Errorf("x"), exit.StatusNoExec},
		{"an error may say another", gone, exit.StatusNotFound},
		{"wrapping does not hide it", fmt.Errorf("exec: %w", gone), exit.StatusNotFound},
		{"nor does repeating the code", exit.Exec.Errorf("exec: %w", gone), exit.StatusNotFound},
		{"the first of several counts", multierror.Append(nil, user, gone), exit.StatusFailed},
		{"a bare code is its own", multierror.Append(nil, fmt.Errorf("x: %w", exit.NotFoundInPath)), exit.StatusNotFound},
	} {
		if got := exit.StatusOf(c.err); got != c.want {
			t.Errorf("%s: got %d, want %d", c.behaviour, got, c.want)
		}
	}
}

func TestEach(t *testing.T) {
	nested := multierror.Append(nil, errors.New("a"), multierror.Append(nil, errors.New("b"), errors.New("c")))
	got := fmt.Sprint(exit.Each(nested))
	if want := "[a b c]"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
