package main_test

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"dockerinit/cmd/internal/cmdtest"
)

func TestSignals(t *testing.T) {
	waits := map[string]any{
		"docker:cmd":             `["true"]`,
		"docker:wait_for_attach": fmt.Sprint(time.Now().Add(time.Minute).UnixMilli()),
	}
	const awaited = "the command waits up to"
	for _, tt := range []struct {
		name     string
		internal map[string]any
		until    string // is in the output before the signal is sent
		signal   syscall.Signal
		group    bool
		status   int
		want     string
	}{
		{"TERM ends the command", cmdtest.Shell("echo up; exec sleep 100"), "up\n", syscall.SIGTERM, false, 143, "Signal 15 (terminated) ended the command after"},
		{"TERM is the command's to handle", cmdtest.Shell("trap 'echo bye; exit 9' TERM; echo up; while :; do sleep 0.05; done"), "up\n", syscall.SIGTERM, false, 9, "bye\n"},
		{"HUP goes on to the command", cmdtest.Shell("echo up; exec sleep 100"), "up\n", syscall.SIGHUP, false, 129, "Signal 1 (hangup)"},
		{"USR1 goes on to the command", cmdtest.Shell("trap 'echo bye; exit 9' USR1; echo up; while :; do sleep 0.05; done"), "up\n", syscall.SIGUSR1, false, 9, "bye\n"},
		{"INT to the group ends the command", cmdtest.Shell("echo up; exec sleep 100"), "up\n", syscall.SIGINT, true, 130, "Signal 2 (interrupt) ended the command"},
		{"INT to the group, which the command survives", cmdtest.Shell("trap 'echo bye; exit 9' INT; echo up; while :; do sleep 0.05; done"), "up\n", syscall.SIGINT, true, 9, "bye\n"},
		{"INT during the boot", waits, awaited, syscall.SIGINT, true, 130, "Signal 2 (interrupt) ended the boot."},
		{"TERM during the boot", waits, awaited, syscall.SIGTERM, false, 143, "Signal 15 (terminated) ended the boot."},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := cmdtest.Start(t, cmdtest.Group(cmdtest.Ordinary(fake(t, "--payload", cmdtest.Payload(t, nil, tt.internal)))))
			p.Await(tt.until)
			if tt.group {
				if err := syscall.Kill(-p.Process.Pid, tt.signal); err != nil {
					t.Fatal(err)
				}
			} else {
				p.Signal(tt.signal)
			}
			r := p.Wait()
			if r.Status != tt.status || !strings.Contains(r.Stdout+r.Stderr, tt.want) {
				t.Errorf("status %d, want %d and %q\n%s%s", r.Status, tt.status, tt.want, r.Stdout, r.Stderr)
			}
		})
	}
}

// Where nobody reads any more, the boot goes on and is cleaned up.
func TestReadersWhoLeave(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		script string
		stream func(*exec.Cmd) *io.Writer
		status int
	}{
		{"stderr", "exit 4", func(c *exec.Cmd) *io.Writer { return &c.Stderr }, 4},
		{"stdout", "echo x; exit 4", func(c *exec.Cmd) *io.Writer { return &c.Stdout }, 141},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r, w, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			cmd := fake(t, "--payload", cmdtest.Payload(t, nil, cmdtest.Shell(tt.script)))
			*tt.stream(cmd) = w
			_ = r.Close()
			p := cmdtest.Start(t, cmd)
			_ = w.Close()
			// A shell may take the loss for a signal, or for a failed echo.
			if r := p.Wait(); r.Status != tt.status && r.Status != 4 {
				t.Errorf("status %d, want %d\n%s", r.Status, tt.status, r.Stderr)
			}
		})
	}
}

func TestClosedStreams(t *testing.T) {
	t.Parallel()
	cmd := fake(t, "--payload", cmdtest.Payload(t, nil, cmdtest.Shell("exit 5")))
	shell := exec.Command("/bin/sh", append([]string{"-c", `exec "$@" <&- >&- 2>&-`, "sh"}, cmd.Args...)...)
	shell.Env = cmd.Env
	if r := cmdtest.Run(t, shell); r.Status != 5 {
		t.Errorf("status %d", r.Status)
	}
}
