//go:build linux

package main_test

import (
	"strings"
	"syscall"
	"testing"

	"dockerinit/cmd/internal/cmdtest"
)

// A prompt that the echo of the command line that sets it does not look like.
const shellWithPrompt = `PS1='zo''ne# ' exec /bin/sh -i`

var ttyZone = map[string]any{"docker:tty": true}

func TestRunAtATerminal(t *testing.T) {
	for who, as := range everybody {
		t.Run(who, func(t *testing.T) {
			t.Parallel()
			term := cmdtest.StartAtTerminal(t, booting(t, as, "--tty", zonePayload(t, shell("tty; "+shellWithPrompt))))
			term.See("/dev/zfd/0", "zone# ")
			must(t, term.Resize(33, 101))
			if !cmdtest.Until(func() bool { term.Type("stty size\r"); return strings.Contains(term.Shown(), "33 101") }) {
				t.Errorf("no size of 33 101 in\n%s", term.Shown())
			}
			term.Type("echo $((6*7))\r")
			term.See("42", "zone# ")
			term.Type("sleep 60\r")
			term.Press("\x03", "zone# ") // the key is the zone's, and not dockerzone's
			term.Type("exit 5\r")
			if r := term.Wait(); r.Status != 5 {
				t.Errorf("status %d\n%s", r.Status, term.Shown())
			}
			term.See("exit_status 5")
			if !term.Echoes() {
				t.Error("the terminal stays raw")
			}
		})
	}
}

func TestDetachAndAttach(t *testing.T) {
	for who, as := range everybody {
		t.Run(who, func(t *testing.T) {
			t.Parallel()
			cmd := booting(t, as, zonePayload(t, with(shell(shellWithPrompt), ttyZone)))
			term := cmdtest.StartAtTerminal(t, cmd)
			term.See("zone# ")
			term.Type("\x10x\x7f\x10\x11") // the first Ctrl-P is the zone's
			if r := term.Wait(); r.Status != 0 {
				t.Errorf("status %d\n%s", r.Status, term.Shown())
			}
			term.See("dockerzone attach z0")
			if !term.Echoes() {
				t.Error("the terminal stays raw")
			}
			attach := dockerzone("attach", "z0")
			attach.Env = cmd.Env
			again := cmdtest.StartAtTerminal(t, as(attach))
			again.Press("\r", "zone# ")
			if r := inZone(t, cmd, "attach", "z0"); r.Status != 2 || !strings.Contains(r.Stderr, "somebody is attached") {
				t.Errorf("a second one: status %d\n%s", r.Status, r.Stderr)
			}
			again.Type("exit 6\r")
			if r := again.Wait(); r.Status != 6 {
				t.Errorf("status %d\n%s", r.Status, again.Shown())
			}
			again.See("exit_status 6")
			if r := inZone(t, cmd, "net", "z0"); r.Status != 2 {
				t.Errorf("status %d\n%s", r.Status, r.Stdout)
			}
		})
	}
}

func TestExecAtATerminal(t *testing.T) {
	for who, as := range everybody {
		t.Run(who, func(t *testing.T) {
			t.Parallel()
			cmd := booting(t, as, zonePayload(t, shell("echo up; sleep 60")))
			p := cmdtest.Start(t, cmd)
			p.Await("up")
			exec := dockerzone("exec", "z0", "sh", "-c", "tty; "+shellWithPrompt)
			exec.Env = append(cmd.Env[:len(cmd.Env):len(cmd.Env)], "TERM=vt100")
			term := cmdtest.StartAtTerminal(t, as(exec))
			term.See("/dev/pts/", "zone# ")
			must(t, term.Resize(33, 101))
			if !cmdtest.Until(func() bool { term.Type("stty size\r"); return strings.Contains(term.Shown(), "33 101") }) {
				t.Errorf("no size of 33 101 in\n%s", term.Shown())
			}
			term.Type("echo $((6*7)) $TERM; exit 4\r")
			term.See("42 vt100")
			if r := term.Wait(); r.Status != 4 {
				t.Errorf("status %d\n%s", r.Status, term.Shown())
			}
			if !term.Echoes() {
				t.Error("the terminal stays raw")
			}
			stop(p)
			p.Wait()
		})
	}
}

// A dockerzone that is killed cannot give its terminal back as it was.
func TestTheTerminalOfAKilledDockerzone(t *testing.T) {
	payload := zonePayload(t, with(shell(shellWithPrompt), ttyZone))
	t.Run("run", func(t *testing.T) {
		t.Parallel()
		killed(t, cmdtest.StartAtTerminal(t, booting(t, cmdtest.Ordinary, payload)))
	})
	t.Run("exec", func(t *testing.T) {
		t.Parallel()
		cmd := booting(t, root, zonePayload(t, shell("echo up; sleep 60")))
		p := cmdtest.Start(t, cmd)
		p.Await("up")
		exec := dockerzone("exec", "z0", "sh", "-c", shellWithPrompt)
		exec.Env = cmd.Env
		killed(t, cmdtest.StartAtTerminal(t, exec))
		stop(p)
		p.Wait()
	})
}

func killed(t *testing.T, term *cmdtest.Terminal) {
	t.Helper()
	term.See("zone# ")
	if term.Echoes() {
		t.Error("the terminal is not raw while the zone runs")
	}
	term.Signal(syscall.SIGKILL)
	term.Wait()
	if !cmdtest.Until(term.Echoes) {
		t.Error("the terminal stays raw")
	}
}
