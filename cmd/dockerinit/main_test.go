package main_test

import (
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"dockerinit/cmd/internal/cmdtest"
	"dockerinit/platform_fake/need"
)

var update = flag.Bool("update", false, "rewrite testdata")

// bin is where the programs are. Nearly all tests are about the fake one, whatever
// the tests themselves are built for.
var bin string

func TestMain(m *testing.M) { cmdtest.Main(&bin, m.Run, "dockerinit:fake", "dockerinit") }

const examples = "../../platform_fake/examples/"

// fake is the program, with a folder of its own for temporary files, which has
// to be empty when the test ends.
func fake(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(filepath.Join(bin, "dockerinit-fake"), args...)
	temporary := cmdtest.Folder(t)
	cmd.Env = append(os.Environ(), "TMPDIR="+temporary, "TERM=xterm", "NO_COLOR=")
	t.Cleanup(func() {
		left, err := os.ReadDir(temporary)
		if err != nil || len(left) > 0 {
			t.Errorf("what was temporary is still there: %v, %v", left, err)
		}
	})
	return cmd
}

// example makes a payload of the examples readable for an ordinary user.
func example(t *testing.T, name string) string {
	t.Helper()
	content, err := os.ReadFile(examples + name + ".json")
	if err != nil {
		t.Fatal(err)
	}
	return cmdtest.File(t, name+".json", string(content))
}

var asWho = regexp.MustCompile(`(without root's rights the command runs as )\d+:\d+`)

func TestExamples(t *testing.T) {
	for _, tt := range []struct {
		name   string
		status int
	}{{"hello", 0}, {"two-nics", 0}, {"restart", 3}, {"broken", 125}} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			cmd := cmdtest.Ordinary(fake(t, "--payload", example(t, tt.name)))
			r := cmdtest.Run(t, cmd)
			if r.Status != tt.status {
				t.Errorf("status %d, want %d", r.Status, tt.status)
			}
			shown := asWho.ReplaceAllString(cmdtest.Steady(r.Stderr), "${1}WHO")
			cmdtest.Golden(t, *update, tt.name+".golden", shown)
		})
	}
}

func TestTheCommandsOutputIsItsOwn(t *testing.T) {
	t.Parallel()
	script := `echo "$A|$PWD|$HOSTNAME|$HOME"; echo complaint >&2; cat; exit 7`
	internal := cmdtest.Shell(script)
	internal["docker:env"], internal["docker:open_stdin"], internal["docker:workdir"] = `["A=b c"]`, true, "/srv/x"
	cmd := cmdtest.Ordinary(fake(t, "--payload", cmdtest.Payload(t, nil, internal)))
	cmd.Stdin = strings.NewReader("from stdin\n")
	r := cmdtest.Run(t, cmd)
	if got := regexp.MustCompile(`\|.*/dockerinit-root-\d+`).ReplaceAllString(r.Stdout, "|ROOT"); r.Status != 7 ||
		got != "b c|ROOT/srv/x|zone|/root\nfrom stdin\n" {
		t.Errorf("status %d, stdout\n%s", r.Status, got)
	}
	if !strings.Contains(r.Stderr, "\ncomplaint\n") || !strings.Contains(r.Stderr, "ended with status 7") {
		t.Errorf("stderr\n%s", r.Stderr)
	}
	if strings.Contains(r.Stderr, "b c") {
		t.Errorf("a value of the environment is shown:\n%s", r.Stderr)
	}
}

// U, E and X are docker-semantics' rules on statuses; the rest is how a boot
// ends before there is a command.
func TestStatus(t *testing.T) {
	plain := cmdtest.File(t, "plain", "no program\n")
	for _, tt := range []struct {
		name     string
		internal map[string]any
		status   int
		stderr   string
	}{
		{"the command's own", cmdtest.Shell("exit 255"), 255, "The command ended with status 255"},
		{"128+N where a signal ended it", cmdtest.Shell("kill -KILL $$"), 137, "Signal 9 (killed) ended the command"},
		{"a core dump is a signal too", cmdtest.Shell("ulimit -c 0; kill -ABRT $$"), 134, "Signal 6 (aborted) ended the command"},
		{"127 where it is not in PATH", map[string]any{"docker:cmd": `["no-such-program"]`}, 127, `code 17: "no-such-program": not found`},
		{"127 where its file is not there", map[string]any{"docker:cmd": `["/no/such"]`}, 127, `code 25: "/no/such"`},
		{"126 where it may not be executed", map[string]any{"docker:cmd": `["` + plain + `"]`}, 126, "code 27: "},
		{"126 where it is a directory", map[string]any{"docker:cmd": `["/etc"]`}, 126, "code 26: "},
		{"125 where there is none", map[string]any{"docker:cmd": nil}, 125, "code 13: "},
		{"125 where the user is unknown", map[string]any{"docker:user": "nobdy"}, 125, `code 29: docker:user "nobdy": no such user in /etc/passwd`},
		{"an escape in a value stays text", map[string]any{"docker:user": "\x1b[2J"}, 125, `docker:user "\x1b[2J"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			cmd := cmdtest.Ordinary(fake(t, "--payload", cmdtest.Payload(t, nil, tt.internal)))
			r := cmdtest.Run(t, cmd)
			if r.Status != tt.status || !strings.Contains(r.Stderr, tt.stderr) || r.Stdout != "" {
				t.Errorf("status %d, want %d, and %q in\n%s\nstdout %q", r.Status, tt.status, tt.stderr, r.Stderr, r.Stdout)
			}
			if strings.Contains(r.Stderr, "\x1b") {
				t.Errorf("escapes: %q", r.Stderr)
			}
		})
	}
}

func TestCommandLine(t *testing.T) {
	good := cmdtest.Payload(t, nil, nil)
	folder := cmdtest.Folder(t)
	for _, tt := range []struct {
		name   string
		args   []string
		stdin  string
		status int
		stderr string
	}{
		{"nothing", nil, "", 3, "a payload is missing"},
		{"a payload without its flag", []string{"-"}, `{"brand":"lx","docker":true,"internal_metadata":{"docker:cmd":"[\"true\"]"}}`, 0, "a zone without name"},
		{"two payloads", []string{good, "sh"}, "", 3, `unexpected argument "sh"`},
		{"an unknown flag", []string{"--pyload", good}, "", 3, "not defined: -pyload"},
		{"a flag without its value", []string{"--payload"}, "", 3, "needs an argument: -payload"},
		{"an argument", []string{"--payload", good, "sh"}, "", 3, `unexpected argument "sh"`},
		{"a file that is not there", []string{"--payload", folder + "/none"}, "", 2, "no such file or directory"},
		{"a directory as payload", []string{"--payload", folder}, "", 2, "a directory, where a payload's file is expected"},
		{"an empty payload", []string{"--payload", cmdtest.File(t, "empty", "")}, "", 2, "empty: payload: empty, where a JSON object is expected"},
		{"an endless payload", []string{"--payload", "/dev/zero"}, "", 2, "/dev/zero: payload: larger than 64 MiB"},
		{"no JSON", []string{"--payload", cmdtest.File(t, "bad", "{\n  brand")}, "", 2, "bad: payload: line 2, column 3: "},
		{"a payload from a pipe", []string{"--payload", "-"}, `{"brand":"lx","docker":true,"internal_metadata":{"docker:cmd":"[\"true\"]"}}`, 0, "a zone without name"},
		{"an empty pipe", []string{"--payload", "-"}, "", 2, "payload: empty"},
		{"a root that is not there", []string{"--payload", good, "--root", folder + "/none"}, "", 2, "no such file or directory"},
		{"a file as root", []string{"--payload", good, "--root", good}, "", 2, "not a directory"},
		{"a log that cannot be made", []string{"--payload", good, "--log", folder + "/none/log"}, "", 2, "no such file or directory"},
		{"a record that cannot be made", []string{"--payload", good, "--record", folder}, "", 2, "is a directory"},
		{"a fault without an error", []string{"--payload", good, "--fault", "nics"}, "", 3, "want STEP=ERROR or STEP/N=ERROR"},
		{"a fault in no step", []string{"--payload", good, "--fault", "nic=EIO"}, "", 3, `there is no step "nic"; the steps are log, metadata, validate, network,`},
		{"a fault with no number", []string{"--payload", good, "--fault", "nics/0=EIO"}, "", 3, `"0" is no number of an action`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			cmd := cmdtest.Ordinary(fake(t, tt.args...))
			cmd.Stdin = strings.NewReader(tt.stdin)
			r := cmdtest.Run(t, cmd)
			if r.Status != tt.status || !strings.Contains(r.Stderr, tt.stderr) || r.Stdout != "" {
				t.Errorf("status %d, want %d, and %q in\n%s\nstdout %q", r.Status, tt.status, tt.stderr, r.Stderr, r.Stdout)
			}
		})
	}
}

func TestQuestions(t *testing.T) {
	for flag, want := range map[string]string{"--help": "Usage: dockerinit-fake [FLAG…] PAYLOAD", "-h": "Usage: ", "--version": "dockerinit "} {
		r := cmdtest.Run(t, fake(t, flag))
		if r.Status != 0 || !strings.HasPrefix(r.Stdout, want) || r.Stderr != "" {
			t.Errorf("%s: status %d\n%s\n%s", flag, r.Status, r.Stdout, r.Stderr)
		}
		for i, line := range strings.Split(r.Stdout, "\n") {
			if len(line) > 84 {
				t.Errorf("%s: line %d is too long for a terminal: %s", flag, i+1, line)
			}
		}
	}
}

// Who tries the real one by hand must not have his machine set up as a zone.
func TestOnlyTheFirstProcessBoots(t *testing.T) {
	t.Parallel()
	need.System(t, "linux") // elsewhere it is another backend's
	r := cmdtest.Run(t, exec.Command(filepath.Join(bin, "dockerinit")))
	if r.Status != 125 || r.Stdout != "" || !strings.Contains(r.Stderr, "FATAL") || !strings.Contains(r.Stderr, "nothing was done") {
		t.Errorf("status %d\n%s%s", r.Status, r.Stdout, r.Stderr)
	}
}
