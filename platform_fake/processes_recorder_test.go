package fake

import (
	"context"
	"errors"
	"fmt"
	"os"
	"testing"

	"dockerinit/core/exit"
	"dockerinit/core/process"
)

func TestRecorder(t *testing.T) {
	r := &Recorder{Exits: []process.Exit{{Status: 3}, {Signal: 9}}}
	if got := r.String(); got != "" {
		t.Errorf("nothing has run: %q", got)
	}
	sleep := process.Command{
		Path: "/bin/sleep", Args: []string{"sleep", "1"}, Dir: "/srv", Umask: 0o022,
		Credentials: process.Credentials{UID: 33, GID: 33}, Env: []string{"A=1", "B=x=y"},
	}
	logger := process.Command{Path: "/logger", Args: []string{"logger", "a\nb"}, Files: []*os.File{os.Stdin, os.Stdin}, SharesFate: true, Umask: 0o022}
	for i, want := range []string{"status 3", "signal 9 (killed)", "status 0"} {
		pid, err := r.Start(t.Context(), logger)
		must(t, err)
		end, err := r.Wait(t.Context(), pid)
		must(t, err)
		if got := fmt.Sprint(end); got != want {
			t.Errorf("process %d: got %s, want %s", i, got, want)
		}
		if _, err := r.Wait(t.Context(), pid); err == nil {
			t.Errorf("waited for process %d twice", i)
		}
	}
	must(t, r.Exec(sleep))
	const line = `started ["logger" "a\nb"] as 0:0 in / with descriptors 3 to 4 sharing its fate` + "\n"
	if got, want := r.String(), line+line+line+`command ["sleep" "1"] as 33:33 in /srv`+"\n"; got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	cmd, became := r.Command()
	value, set := Getenv(cmd, "B")
	_, other := Getenv(cmd, "C")
	if got := fmt.Sprintf("%v %s %v %v %v", became, value, set, other, EnvNames(cmd)); got != "true x=y true false [A B]" {
		t.Errorf("got %s", got)
	}
}

func TestRecorderRefuses(t *testing.T) {
	r := &Recorder{}
	if err := r.Exec(process.Command{Path: "/x"}); exit.CodeOf(err) != exit.NoCommand {
		t.Errorf("S-28 no arguments: %v", err)
	}
	if _, err := r.Start(t.Context(), process.Command{Path: "/x", Args: []string{"\x00"}}); exit.CodeOf(err) != exit.Exec {
		t.Errorf("S-14 a NUL byte: %v", err)
	}
	if _, err := r.Start(t.Context(), process.Command{Path: "/x", Args: []string{"x"}, Files: []*os.File{nil}}); err == nil {
		t.Error("a file that is nil is passed on")
	}
	if _, err := r.Wait(t.Context(), firstPid); err == nil {
		t.Error("waited for what was not started")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := r.Start(ctx, process.Command{Path: "/x", Args: []string{"x"}}); !errors.Is(err, context.Canceled) {
		t.Errorf("started after the end: %v", err)
	}
	if _, became := r.Command(); became || r.String() != "" {
		t.Errorf("something has run: %q", r)
	}
}

func TestDescribe(t *testing.T) {
	cmd := process.Command{
		Args: []string{"sh"}, Credentials: process.Credentials{UID: 1, GID: 2, Groups: []uint32{2, 3}}, Terminal: true, Umask: 0o7,
		Limits: []process.Limit{{Name: "nofile", Soft: 1, Hard: process.Unlimited}},
	}
	if got, want := Describe(cmd), `["sh"] as 1:2 groups 3 in / on a terminal umask 007 nofile=1:unlimited`; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
