package illumos

import (
	"errors"
	"syscall"
	"testing"

	"dockerinit/core/exit"
	"dockerinit/core/process"
)

func TestHowADaemonStarts(t *testing.T) {
	for _, tt := range []struct {
		name string
		said string
		end  process.Exit
		err  error
		code exit.Code
		want string
	}{
		{"it is there", "hello", process.Exit{}, nil, 0, ""},
		{"it says why not", "no door", process.Exit{Status: 1}, nil, exit.IpmgmtdExit, `/x: ended with status 1; it said: "no door"`},
		{"it dies", "", process.Exit{Signal: 11}, nil, exit.IpmgmtdDied, "/x: ended by signal 11"},
		{"it is not there", "", process.Exit{}, errors.New("no such file"), exit.IpmgmtdCrashed, "/x: no such file"},
		{"it is not even started", "", process.Exit{}, exit.Contract.Errorf("no template"), exit.Contract, "/x: no template"},
		{"it cannot be executed, which says nothing of the command", "", process.Exit{},
			process.Explain(syscall.ENOENT, process.Command{Path: "/x"}), exit.IpmgmtdCrashed,
			`/x: execute "/x": no such file or directory: it, its interpreter or its loader is not there`},
		{"it hangs, after some words", "a", process.Exit{}, errors.New("killed"), exit.IpmgmtdCrashed, `/x: killed; it said: "a"`},
	} {
		err := daemonError("/x", tt.said, tt.end, tt.err)
		if exit.CodeOf(err) != tt.code || (err != nil && err.Error() != tt.want) {
			t.Errorf("%s\n got %d %v\nwant %d %s", tt.name, exit.CodeOf(err), err, tt.code, tt.want)
		}
		if err != nil && exit.StatusOf(err) != exit.StatusFailed {
			t.Errorf("%s: status %d", tt.name, exit.StatusOf(err))
		}
		if tt.err != nil && !errors.Is(err, tt.err) {
			t.Errorf("%s: its cause is lost", tt.name)
		}
	}
}

func TestTogether(t *testing.T) {
	if err := together(nil); err != nil {
		t.Error(err)
	}
	err := together([]error{exit.RaiseInterface.Errorf("a"), exit.UpIPv6.Errorf("b"), exit.RaiseInterface.Errorf("c")})
	if err.Error() != "a; b; c" || exit.CodeOf(err) != exit.RaiseInterface || len(exit.Each(err)) != 1 {
		t.Errorf("%d %v", exit.CodeOf(err), err)
	}
}
