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
		{"with docker:init TERM is the stop signal", staying("trap 'echo bye; exit 9' INT; echo up; while :; do sleep 0.05; done", "docker:stopsignal", "INT"), "up\n", syscall.SIGTERM, false, 9, "asked to stop: signal 2 (interrupt) to the command"},
		{"with docker:init KILL comes after docker:stoptimeout", staying("trap '' TERM; echo up; while :; do sleep 0.05; done", "docker:stoptimeout", 1), "up\n", syscall.SIGTERM, false, 137, "the command has not stopped within 1s: SIGKILL"},
		{"with docker:init a stop ends what always starts again", staying("echo up; exec sleep 100", "docker:init_restart", "always"), "up\n", syscall.SIGTERM, false, 143, "Signal 15 (terminated) ended the command after"},
		{"with docker:init a signal ends the wait for that", staying("exit 4", "docker:init_restart", "always"), "restart 3 in 400ms", syscall.SIGHUP, false, 4, "the command is not started again"},
		{"with docker:init another signal is passed on", staying("trap 'echo bye; exit 9' USR1; echo up; while :; do sleep 0.05; done", "docker:init_restart", "no"), "up\n", syscall.SIGUSR1, false, 9, "bye\n"},
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

// staying is a command with docker:init and one more key.
func staying(script, key string, value any) map[string]any {
	internal := cmdtest.Shell(script)
	internal["docker:init"], internal[key] = true, value
	return internal
}

// docker:healthcheck is run as the command's user is, and the log says what it said.
func TestHealthCheck(t *testing.T) {
	t.Parallel()
	checks := cmdtest.Folder(t) + "/checks"
	// The second check begins when the first has been judged.
	internal := staying("until [ $(cat "+checks+" 2>/dev/null | wc -l) -ge 2 ]; do sleep 0.01; done", "docker:healthcheck", `{"Test": ["CMD-SHELL", "echo x >>`+checks+`; echo sick; exit 3"], "Interval": 50000000, "Retries": 1}`)
	r := cmdtest.Run(t, cmdtest.Ordinary(fake(t, "--payload", cmdtest.Payload(t, nil, internal))))
	if r.Status != 0 || !strings.Contains(r.Stderr, `unhealthy: the health check failed, 1 of 1: it ended with status 3: "sick"`) {
		t.Errorf("status %d\n%s", r.Status, r.Stderr)
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
