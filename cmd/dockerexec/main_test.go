package main_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"dockerinit/cmd/internal/cmdtest"
	"dockerinit/platform_fake/need"
)

// bin is where the program is. Its tests are about the fake one, whatever the
// tests themselves are built for.
var bin string

func TestMain(m *testing.M) { cmdtest.Main(&bin, m.Run, "dockerexec:fake") }

// zone is a zone to run commands in: its payload and its root.
func zone(t *testing.T) (flags []string, root string) {
	t.Helper()
	root = cmdtest.Folder(t)
	for name, content := range map[string]string{
		"etc/passwd":     "root:x:0:0::/root:/bin/sh\nweb:x:33:33::/srv:/bin/sh\nother:x:34:34::/srv/other:/bin/sh\n",
		"etc/group":      "web:x:33:\nmore:x:50:web\n",
		"srv/data/file":  "",
		"srv/other/file": "",
	} {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	payload := cmdtest.Payload(t,
		// A bad NIC does not stop docker exec.
		map[string]any{"nics": []any{map[string]any{"interface": "eth0", "ips": []string{"10.0.0.300"}}}},
		map[string]any{
			"docker:user": "web", "docker:workdir": "/srv/data", "docker:umask": "027",
			"docker:env": `["A=of the zone", "PASSWORD=canary"]`,
		})
	return []string{"--payload", payload, "--root", root}, root
}

func dockerexec(flags []string, args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(bin, "dockerexec-fake"), append(flags[:len(flags):len(flags)], args...)...)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "TERM=of-the-caller", "LEAK=x"}
	return cmd
}

// run runs the command with the host's agent at the other end of its stderr.
func run(t *testing.T, cmd *exec.Cmd) (cmdtest.Result, *cmdtest.Agent) {
	t.Helper()
	r := cmdtest.Run(t, cmd)
	return r, cmdtest.Hear(t, r.Stderr)
}

func TestCommandRunsInTheZone(t *testing.T) {
	flags, root := zone(t)
	for _, tt := range []struct {
		name   string
		args   []string
		stdout string
		status int
		user   string // of stderr, what is the command's
	}{
		{"in the zone's directory", []string{"pwd"}, root + "/srv/data\n", 0, ""},
		{"with the zone's variables", []string{"sh", "-c", "echo $A $HOSTNAME $HOME; echo ${LEAK-none} $TERM"}, "of the zone zone /srv\nnone xterm\n", 0, ""},
		{"with variables on top", []string{"--env", "A=mine", "--env", "B=x y", "sh", "-c", `echo "$A,$B"`}, "mine,x y\n", 0, ""},
		{"without a variable", []string{"--env", "A", "sh", "-c", `echo "${A-none}"`}, "none\n", 0, ""},
		{"in another directory", []string{"--workdir", "/srv", "pwd"}, root + "/srv\n", 0, ""},
		{"in a directory relative to the root", []string{"--workdir", "srv/other", "pwd"}, root + "/srv/other\n", 0, ""},
		{"as another user, at home", []string{"--user", "other", "sh", "-c", "echo $HOME"}, "/srv/other\n", 0, ""},
		{"flags end at the command", []string{"echo", "--user", "nobdy", "--version"}, "--user nobdy --version\n", 0, ""},
		{"flags end at --", []string{"--", "echo", "--", "-x"}, "-- -x\n", 0, ""},
		{"its status is the command's", []string{"sh", "-c", "exit 42"}, "", 42, ""},
		{"its stderr is the command's after EXEC", []string{"sh", "-c", "echo complaint >&2"}, "", 0, "complaint\n"},
		{"128+N where a signal ended it", []string{"sh", "-c", "kill -TERM $$"}, "", 143, ""},
		{"with the zone's umask", []string{"sh", "-c", "umask"}, "0027\n", 0, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r, h := run(t, cmdtest.Ordinary(dockerexec(flags, tt.args...)))
			if r.Status != tt.status || r.Stdout != tt.stdout || !h.Exec || h.User != tt.user {
				t.Errorf("status %d, want %d\nstdout %q\nwant   %q\nstderr %s%s", r.Status, tt.status, r.Stdout, tt.stdout, h.Log, h.User)
			}
			if !strings.HasSuffix(h.Log, "\nEXEC\n") || !strings.Contains(h.Log, "without root's rights the command runs as") {
				t.Errorf("an ordinary user is not told that the user is not applied, before EXEC:\n%s", h.Log)
			}
		})
	}
}

func TestCommandThatCannotRun(t *testing.T) {
	flags, root := zone(t)
	plain := cmdtest.File(t, "plain", "no program\n")
	for _, tt := range []struct {
		name   string
		flags  []string
		args   []string
		status int
		code   string
		text   string
	}{
		{"127 not in PATH", flags, []string{"no-such-program"}, 127, "17", `"no-such-program": not found`},
		{"127 no such file", flags, []string{"/no/such"}, 127, "25", `"/no/such": `},
		{"126 not executable", flags, []string{plain}, 126, "27", "may not be executed"},
		{"126 a directory", flags, []string{"/etc"}, 126, "26", "is a directory"},
		{"125 no command", flags, nil, 125, "13", "no command to run was given"},
		{"125 an unknown user", flags, []string{"--user", "nobdy", "id"}, 125, "29", `"nobdy": no such user`},
		{"125 an unknown flag", flags, []string{"--usr", "x", "id"}, 125, "64", "not defined: -usr"},
		{"125 a flag without its value", flags, []string{"--user"}, 125, "64", "needs an argument: -user"},
		{"125 a variable without a name", flags, []string{"--env", "=canary", "id"}, 125, "64", "a variable without a name"},
		{"125 no payload", []string{"--root", root}, []string{"id"}, 125, "64", "needs the zone's --payload FILE and --root DIR"},
		{"125 no root", flags[:2], []string{"id"}, 125, "64", "needs the zone's --payload FILE and --root DIR"},
		{"125 a payload that is not there", []string{"--root", root, "--payload", root + "/none"}, []string{"id"}, 125, "18", "no such file"},
		{"125 a payload that is none", []string{"--root", root, "--payload", plain}, []string{"id"}, 125, "18", "plain: payload: line 1"},
		{"125 a root that is not there", []string{"--payload", flags[1], "--root", root + "/none"}, []string{"id"}, 125, "18", "the image's root: "},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r, h := run(t, dockerexec(tt.flags, tt.args...))
			if r.Status != tt.status || h.Code != tt.code || !strings.Contains(h.Fatal, tt.text) || h.Exec || h.User != "" || r.Stdout != "" {
				t.Errorf("status %d, want %d, FATAL %s %q, want %s %q\nstdout %q\nlog\n%s%s",
					r.Status, tt.status, h.Code, h.Fatal, tt.code, tt.text, r.Stdout, h.Log, h.User)
			}
			if strings.Contains(h.Log, "canary") {
				t.Errorf("a value of the environment is logged:\n%s", h.Log)
			}
		})
	}
}

// After EXEC the user reads all that comes, so that it must not be followed by
// what could have been known before.
func TestDirectoryIsKnownBeforeEXEC(t *testing.T) {
	flags, _ := zone(t)
	for dir, want := range map[string]string{"/none": "no such file", "/etc/passwd": "not a directory"} {
		r, h := run(t, dockerexec(flags, "--workdir", dir, "pwd"))
		if r.Status != 125 || h.Exec || h.Code != "2" || !strings.Contains(h.Fatal, want) {
			t.Errorf("%s: status %d, EXEC %v, FATAL %s %s\n%s%s", dir, r.Status, h.Exec, h.Code, h.Fatal, h.Log, h.User)
		}
	}
}

func TestUserIsAppliedByRoot(t *testing.T) {
	need.Root(t)
	flags, _ := zone(t)
	for _, tt := range []struct {
		args []string
		want string
	}{
		{nil, "33 33 33 50\n"},
		{[]string{"--user", "other"}, "34 34 34\n"},
		{[]string{"--user", "4711:12"}, "4711 12 12\n"},
		{[]string{"--user", "0"}, "0 0 0\n"},
	} {
		r, h := run(t, dockerexec(flags, append(tt.args, "sh", "-c", "echo $(id -u) $(id -g) $(id -G)")...))
		if r.Status != 0 || r.Stdout != tt.want || h.Log != "EXEC\n" {
			t.Errorf("%v: status %d, stdout %q, want %q\n%s%s", tt.args, r.Status, r.Stdout, tt.want, h.Log, h.User)
		}
	}
}

// It becomes the command: whoever signals it signals the command.
func TestSignalsAreTheCommands(t *testing.T) {
	flags, _ := zone(t)
	p := cmdtest.Start(t, dockerexec(flags, "sh", "-c", "trap 'exit 9' TERM; echo up; while :; do sleep 0.05; done"))
	p.Await("up\n")
	p.Signal(syscall.SIGTERM)
	if r := p.Wait(); r.Status != 9 {
		t.Errorf("status %d\n%s", r.Status, r.Stderr)
	}
}

func TestStdinIsTheCommands(t *testing.T) {
	flags, _ := zone(t)
	cmd := dockerexec(flags, "cat")
	cmd.Stdin = strings.NewReader("all of it\n")
	if r := cmdtest.Run(t, cmd); r.Status != 0 || r.Stdout != "all of it\n" {
		t.Errorf("status %d\n%s%s", r.Status, r.Stdout, r.Stderr)
	}
}

func TestQuestions(t *testing.T) {
	for flag, want := range map[string]string{"--help": "Usage: dockerexec-fake --payload FILE --root DIR", "-h": "Usage: ", "--version": "dockerexec "} {
		r := cmdtest.Run(t, dockerexec(nil, flag))
		if r.Status != 0 || !strings.HasPrefix(r.Stdout, want) || r.Stderr != "" {
			t.Errorf("%s: status %d\n%s\n%s", flag, r.Status, r.Stdout, r.Stderr)
		}
		for i, line := range strings.Split(r.Stdout, "\n") {
			if len([]rune(line)) > 80 {
				t.Errorf("%s: line %d is too long for a terminal: %s", flag, i+1, line)
			}
		}
	}
}

// What follows EXEC is the user's to read: no line that only the host understands.
func TestARefusalOfTheKernelIsOnePlainLine(t *testing.T) {
	t.Parallel()
	need.System(t, "linux") // where one variable may have 128 KiB
	_, root := zone(t)
	big := `["BIG=` + strings.Repeat("canary", 200<<10/6) + `"]`
	payload := cmdtest.Payload(t, nil, map[string]any{"docker:env": big})
	r, h := run(t, dockerexec([]string{"--payload", payload, "--root", root}, "/bin/true"))
	if !h.Exec || h.Fatal != "" {
		t.Fatalf("no EXEC, but FATAL %q after\n%s", h.Fatal, h.Log)
	}
	if r.Status != 126 || !strings.HasPrefix(h.User, "dockerexec: ") || strings.Count(h.User, "\n") != 1 ||
		strings.Contains(h.User, "FATAL") || strings.Contains(h.User, "canary") {
		t.Errorf("status %d, and the user reads %q", r.Status, h.User)
	}
}
