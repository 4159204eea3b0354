//go:build linux

package main_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"dockerinit/cmd/internal/cmdtest"
)

func TestTheExampleShellHasJobControl(t *testing.T) {
	t.Parallel()
	term := cmdtest.StartAtTerminal(t, cmdtest.Ordinary(fake(t, "--payload", example(t, "shell"))))
	const prompt = "shell $ "
	term.See("what follows is the command's.", prompt)
	term.Type("pwd\n")
	term.See("/home/alice\n", prompt)
	term.Type("sleep 100 &\n")
	term.See(prompt)
	term.Type("jobs\n")
	term.See("Running", prompt)
	term.Type("fg\n")
	term.See("sleep 100")
	term.Press("\x03", prompt) // Ctrl-C ends the job alone
	term.Type("echo status $?\n")
	term.See("status 130\n", prompt)
	term.Type("sh -c \"echo in''side; exec sleep 100\"\n")
	term.See("inside\n")
	term.Press("\x1a", "Stopped") // Ctrl-Z
	term.See(prompt)
	term.Type("kill -9 %%; fg; echo on''wards\n")
	term.See("onwards\n", prompt)
	term.Type("exit 3\n")
	term.See("The command ended with status 3")
	if r := term.Wait(); r.Status != 3 {
		t.Errorf("status %d\n%s", r.Status, term.Shown())
	}
}

// From a person's own shell, with its job control around all of it.
func TestJobControlAroundTheBoot(t *testing.T) {
	t.Parallel()
	cmd := fake(t, "--payload", cmdtest.Payload(t, nil, cmdtest.Shell("echo 'u'p; exec sleep 100")))
	shell := exec.Command("/bin/sh", "-i")
	shell.Env = append(cmd.Env, "PS1=own $ ", "ENV=")
	term := cmdtest.StartAtTerminal(t, shell)
	const prompt = "own $ "
	term.See(prompt)
	term.Type(strings.Join(cmd.Args, " ") + "\n")
	term.See("up\n")
	term.Press("\x1a", "Stopped")
	term.See(prompt)
	term.Type("fg\n")
	term.See("dockerinit-fake")
	term.Press("\x03", "Signal 2 (interrupt) ended the command")
	term.See(prompt)
	term.Type("echo status $?\n")
	term.See("status 130\n", prompt)
	term.Type("exit\n")
	term.Wait()
}

func TestStepsAreLiveAndInColour(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, env    string
		live, colour bool
	}{
		{"at a terminal", "TERM=xterm", true, true},
		{"with NO_COLOR", "NO_COLOR=1", true, false},
		{"at a dumb terminal", "TERM=dumb", false, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			cmd := fake(t, "--payload", cmdtest.Payload(t, nil, cmdtest.Shell("true")))
			cmd.Env = append(cmd.Env, tt.env)
			term := cmdtest.StartAtTerminal(t, cmd)
			term.See("ended with status 0")
			term.Wait()
			shown := term.Shown()
			if live := strings.Contains(shown, "\r\x1b[K"); live != tt.live {
				t.Errorf("live: %v\n%q", live, shown)
			}
			if colour := strings.Contains(shown, "\x1b[32m✓\x1b[0m"); colour != tt.colour {
				t.Errorf("colour: %v\n%q", colour, shown)
			}
		})
	}
}

// The command has the terminal, and its steps are told elsewhere.
func TestStderrElsewhere(t *testing.T) {
	t.Parallel()
	told, err := os.Create(filepath.Join(t.TempDir(), "stderr"))
	if err != nil {
		t.Fatal(err)
	}
	defer told.Close()
	cmd := fake(t, "--payload", example(t, "shell"))
	cmd.Stderr = told
	term := cmdtest.StartAtTerminal(t, cmd)
	term.See("shell $ ")
	term.Type("exit 3\n")
	r := term.Wait()
	text, err := os.ReadFile(told.Name())
	if err != nil || r.Status != 3 || !strings.Contains(string(text), "  ✓ nics ") || strings.Contains(string(text), "\x1b") ||
		strings.Contains(term.Shown(), "nics") {
		t.Errorf("status %d, %v, stderr\n%s\nterminal\n%s", r.Status, err, text, term.Shown())
	}
}

// The terminal has told the command already.
func TestWhatTheTerminalSendsIsNotPassedOn(t *testing.T) {
	t.Parallel()
	internal := staying("n=0; trap 'n=$((n+1)); echo heard' INT; (trap '' INT; exec sleep 100) & echo 'u'p; until [ $n != 0 ]; do sleep 0.01; done; sleep 0.3; kill $!; exit $((n+40))", "docker:tty", true)
	term := cmdtest.StartAtTerminal(t, fake(t, "--payload", cmdtest.Payload(t, nil, internal)))
	term.See("up\n")
	term.Press("\x03", "heard\n")
	if r := term.Wait(); r.Status != 41 {
		t.Errorf("status %d\n%s", r.Status, term.Shown())
	}
}

func TestHangUpOfTheTerminal(t *testing.T) {
	t.Parallel()
	term := cmdtest.StartAtTerminal(t, fake(t, "--payload", cmdtest.Payload(t, nil, cmdtest.Shell("echo 'u'p; exec sleep 100"))))
	term.See("up\n")
	term.HangUp()
	if r := term.Wait(); r.Status != 128+int(syscall.SIGHUP) {
		t.Errorf("status %d", r.Status)
	}
}
