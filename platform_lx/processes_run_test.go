//go:build linux

package lx

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"dockerinit/core/exit"
	"dockerinit/core/process"
	"dockerinit/platform_fake/need"
)

// script is a command of the shell's, as who the test runs as.
func script(t testing.TB, text string) process.Command {
	t.Helper()
	need.Program(t, "sh", "dash")
	c := command("sh", "-c", text)
	c.Stdio, c.Env = process.Stdio{}, []string{"PATH=" + os.Getenv("PATH")}
	return c
}

func TestStartedAsItWouldBeBecome(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	cmd := script(t, "umask; cat <&0; cat <&3; grep -e ^SigBlk -e ^SigIgn /proc/self/status; "+
		`cut -d " " -f 6 /proc/$$/stat | grep -qx $$ && echo "a session of its own"; ls /proc/$$/fd; exit 5`)
	cmd.Umask, cmd.Session = 0o077, true
	cmd.Stdio.Out = w
	three, err := os.Open("/proc/sys/kernel/ostype")
	if err != nil {
		t.Fatal(err)
	}
	defer three.Close()
	cmd.Files = []*os.File{three}
	p := processes{self: self}
	pid, err := p.Start(t.Context(), cmd)
	w.Close()
	if err != nil {
		t.Fatal(err)
	}
	out, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	end, err := p.Wait(t.Context(), pid)
	want := "0077\nLinux\nSigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\na session of its own\n0\n1\n2\n3\n"
	if string(out) != want || end != (process.Exit{Status: 5}) || err != nil {
		t.Errorf("%+v, %v\n got %q\nwant %q", end, err, out, want)
	}
	if _, err := p.Wait(t.Context(), pid); !errors.Is(err, unix.ECHILD) {
		t.Errorf("P1 waited for a child that is gone: %v", err)
	}
}

// T10: what fails in the child is known before Start returns.
func TestStartTellsWhyNot(t *testing.T) {
	cmd := script(t, "")
	cmd.Path = "/lib/sdc/docker/logger that is not there"
	_, err := processes{self: self}.Start(t.Context(), cmd)
	if exit.CodeOf(err) != exit.Exec || !errors.Is(err, unix.ENOENT) {
		t.Error(err)
	}
}

func TestRun(t *testing.T) {
	long := strings.Repeat("x", 70_000)
	left := t.TempDir() + "/left"
	defer func() {
		text, err := os.ReadFile(left)
		must(t, err)
		pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
		must(t, err)
		must(t, syscall.Kill(pid, syscall.SIGKILL))
	}()
	for _, tt := range []struct {
		name, script string
		limit        time.Duration
		want         string
	}{
		{"its words are one line, from both streams", "echo out; echo; echo '  err' >&2; exit 32", time.Minute, "out; err | 32 | <nil>"},
		{"L8 more words than there is room for are cut, and hinder nobody", "echo " + long, time.Minute, long[:1024] + " | 0 | <nil>"},
		{"P5 one that hangs is killed, with what it has said", "echo trying; sleep 60", time.Second, "trying | 0 | no end after 1s: killed"},
		{"what it leaves behind is not waited for", "sleep 1000 & echo $! >" + left + "; echo up", 10 * time.Minute, "up | 0 | <nil>"},
		{"a signal is 128 and its number", "kill -9 $$", time.Minute, " | 137 | <nil>"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			cmd := script(t, tt.script)
			cmd.Session = true
			begun := time.Now()
			said, end, err := processes{self: self}.run(t.Context(), "", cmd, tt.limit)
			if got := fmt.Sprintf("%s | %d | %v", said, end.Code(), err); got != tt.want {
				t.Errorf("\n got %s\nwant %s", got, tt.want)
			}
			if took := time.Since(begun); took > time.Minute {
				t.Errorf("it took %v", took)
			}
			if pid, err := syscall.Wait4(-1, nil, syscall.WNOHANG, nil); !errors.Is(err, syscall.ECHILD) {
				t.Errorf("a child is left: pid %d, %v", pid, err)
			}
		})
	}
}
