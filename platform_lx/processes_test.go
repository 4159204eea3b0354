//go:build linux

package lx

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"dockerinit/core/exit"
	"dockerinit/core/process"
	"dockerinit/core/shim"
	"dockerinit/platform_fake/need"
)

// becoming are the tests whose child becomes something else: what it is to
// become, and what it does before that.
var becoming = map[string]func() process.Command{
	"TestBecomingAnotherUser": func() process.Command {
		signal.Ignore(syscall.SIGPIPE, syscall.SIGUSR1)
		blocked := unix.Sigset_t{}
		blocked.Val[0] = 1 << (unix.SIGTERM - 1)
		_ = unix.PthreadSigmask(unix.SIG_BLOCK, &blocked, nil)
		c := show("/proc/self/status", "/proc/self/limits")
		c.Credentials = process.Credentials{UID: 4711, GID: 4712, Groups: []uint32{4712, 7, 4713}}
		c.Umask = 0o027
		c.Limits = []process.Limit{{Name: "core", Soft: 0, Hard: 4096}}
		return c
	},
	"TestNothingLeaksIntoTheCommand": func() process.Command {
		for range 3 { // inherited on purpose, by whoever opened them
			fd, _ := unix.Open("/", unix.O_RDONLY, 0)
			_, _ = unix.FcntlInt(uintptr(fd), unix.F_DUPFD, 50)
		}
		c := command("sh", "-c", `
n=0
while [ $n -lt 64 ]; do [ -e /proc/$$/fd/$n ] && echo $n; n=$((n+1)); done
env
pwd`)
		c.Env = []string{"ONLY=this", "PATH=" + os.Getenv("PATH")}
		c.Dir = "/proc"
		return c
	},
	"TestSession": func() process.Command {
		c := command("sh", "-c", `echo "$$ $(cut -d ' ' -f 6 /proc/$$/stat)"`)
		c.Session = true
		return c
	},
	"TestOpenFilesAreAsTheyWereFound": func() process.Command { return command("sh", "-c", "ulimit -Sn") },
	"TestStdinIsNull":                 func() process.Command { return command("sh", "-c", "readlink /proc/$$/fd/0; cat") },
	"TestADirectoryThatIsNotThere": func() process.Command {
		c := command("true")
		c.Dir = "/no such directory"
		return c
	},
	"TestALimitThatIsNone": func() process.Command {
		c := command("true")
		c.Limits = []process.Limit{{Name: "patience", Soft: 1, Hard: 2}}
		return c
	},
}

// self is this test, which is a shim where Start made it one.
var self shim.Self

// TestMain is the child of these tests: it becomes the command, and says why
// where it could not.
func TestMain(m *testing.M) {
	self = Enter()
	if root := os.Getenv("LX_TEST_ZONE"); root != "" {
		fmt.Println(enterZone(root, os.Getenv("LX_TEST_DOCKERINIT"), os.Args[1:]...))
		os.Exit(1)
	}
	what, ok := becoming[os.Getenv("LX_TEST_BECOME")]
	if !ok {
		status := m.Run()
		_ = os.RemoveAll(built) // the worst that is left is a file in /tmp
		os.Exit(status)
	}
	err := execution{}.Exec(what())
	fmt.Println(err)
	os.Exit(int(exit.CodeOf(err)))
}

func command(name string, args ...string) process.Command {
	path, err := exec.LookPath(name)
	if err != nil {
		panic(err)
	}
	return process.Command{
		Path: path, Args: append([]string{name}, args...), Dir: "/", Umask: 0o022,
		Env:         os.Environ(),
		Credentials: process.Credentials{UID: uint32(os.Getuid()), GID: uint32(os.Getgid()), Groups: own()},
		Stdio:       process.Stdio{Out: os.Stdout, Err: os.Stderr},
	}
}

func show(files ...string) process.Command { return command("cat", files...) }

// own are the supplementary groups of whoever runs the tests.
func own() (groups []uint32) {
	ids, _ := os.Getgroups()
	for _, g := range ids {
		groups = append(groups, uint32(g))
	}
	return groups
}

// become runs the test's own child and gives back what came out of it.
func become(t *testing.T) (out string, status int) {
	t.Helper()
	need.Program(t, "sh", "dash")
	need.Program(t, "cat", "coreutils")
	cmd := exec.Command("/proc/self/exe")
	cmd.Env = append(os.Environ(), "LX_TEST_BECOME="+t.Name())
	text, err := cmd.CombinedOutput()
	if _, ok := errors.AsType[*exec.ExitError](err); err != nil && !ok {
		t.Fatal(err)
	}
	return string(text), cmd.ProcessState.ExitCode()
}

func TestBecomingAnotherUser(t *testing.T) {
	need.Root(t)
	out, _ := become(t)
	var got []string
	for line := range strings.Lines(out) {
		words := strings.Fields(line)
		if slices.Contains([]string{"Uid:", "Gid:", "Groups:", "Umask:", "SigBlk:", "SigIgn:"}, words[0]) || strings.HasPrefix(line, "Max core") {
			got = append(got, strings.Join(words, " "))
		}
	}
	want := []string{
		"Umask: 0027",
		"Uid: 4711 4711 4711 4711",
		"Gid: 4712 4712 4712 4712",
		"Groups: 7 4712 4713",
		"SigBlk: 0000000000000000",
		"SigIgn: 0000000000000000",
		"Max core file size 0 4096 bytes",
	}
	if !slices.Equal(got, want) {
		t.Errorf("\n got %s\nwant %s\nfrom\n%s", strings.Join(got, "\n     "), strings.Join(want, "\n     "), out)
	}
}

func TestNothingLeaksIntoTheCommand(t *testing.T) {
	out, _ := become(t)
	want := "0\n1\n2\nONLY=this\nPATH=" + os.Getenv("PATH") + "\nPWD=/proc\n/proc\n"
	var got []string
	for line := range strings.Lines(out) {
		// A shell sets these by itself.
		if !strings.HasPrefix(line, "OLDPWD=") && !strings.HasPrefix(line, "_=") && !strings.HasPrefix(line, "SHLVL=") {
			got = append(got, line)
		}
	}
	order := func(lines []string) string {
		slices.Sort(lines)
		return strings.Join(lines, "")
	}
	if order(got) != order(slices.Collect(strings.Lines(want))) {
		t.Errorf("\n got %s\nwant %s", out, want)
	}
}

func TestSession(t *testing.T) {
	out, _ := become(t)
	pid, sid, _ := strings.Cut(strings.TrimSpace(out), " ")
	if pid == "" || pid != sid {
		t.Errorf("the command is process %s in session %s, want one of its own", pid, sid)
	}
}

// Go raises the limit for itself when it starts.
func TestOpenFilesAreAsTheyWereFound(t *testing.T) {
	want, err := exec.Command(need.Program(t, "sh", "dash"), "-c", "ulimit -Sn").Output()
	if err != nil {
		t.Fatal(err)
	}
	if got, _ := become(t); got != string(want) {
		t.Errorf("the command may open %q files, want %q", got, want)
	}
}

func TestStdinIsNull(t *testing.T) {
	if got, _ := become(t); got != "/dev/null\n" {
		t.Errorf("stdin is %q, want /dev/null, at its end", got)
	}
}

func TestADirectoryThatIsNotThere(t *testing.T) {
	wantFailure(t, exit.Chdir, "no such file or directory")
}

func TestALimitThatIsNone(t *testing.T) {
	wantFailure(t, exit.Limits, "there is no such limit")
}

func wantFailure(t *testing.T, code exit.Code, cause string) {
	t.Helper()
	got, status := become(t)
	if !strings.HasSuffix(got, ": "+cause+"\n") || status != int(code) {
		t.Errorf("\n got code %d: %s\nwant code %d: …: %s", status, got, code, cause)
	}
}
