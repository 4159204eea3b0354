package process

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"

	"dockerinit/core/exit"
)

// file is an open file, whose number the model is then told.
func file(t *testing.T) *os.File {
	t.Helper()
	f, err := os.Open(os.DevNull)
	must(t, err)
	t.Cleanup(func() { _ = f.Close() })
	return f
}

func fullCommand(t *testing.T) (Command, map[int]string) {
	in, out := file(t), file(t)
	open := map[int]string{0: "inherited", 1: "inherited", 2: "log", int(in.Fd()): "tty", int(out.Fd()): "tty", 60: "socket", 1000: "high"}
	return Command{
		Path: "/bin/sleep", Args: []string{"sleep", "1"}, Env: []string{"A=1"}, Dir: "/srv",
		Credentials: Credentials{33, 44, []uint32{44, 7, 5}}, Stdio: Stdio{in, out, out},
		Terminal: true, Session: true, Umask: 0o022, Limits: []Limit{{"nofile", 1024, Unlimited}},
	}, open
}

const fullState = `
/bin/sleep ["sleep" "1"] env ["A=1"]
ids 33/33/33 44/44/44 groups [5 7 44]
fd 0 tty of 33
fd 1 tty of 33
fd 2 tty of 33
in /srv umask 022 signals default
session, terminal "tty", foreground true
limit nofile=1024:unlimited
`

func TestBecome(t *testing.T) {
	for _, c := range []struct {
		behaviour string
		change    func(*Command, *model)
		want      string // the state, or code, status and text
	}{
		{"P1 everything at once", func(*Command, *model) {}, fullState[1:]},
		{"P2 what cannot be given away stays", func(_ *Command, m *model) { m.refuse = map[string]error{"tty": syscall.EPERM} },
			strings.ReplaceAll(fullState[1:], "of 33", "of 0")},
		{"P2 what lies on a read-only file system stays", func(_ *Command, m *model) { m.refuse = map[string]error{"tty": syscall.EROFS} },
			strings.ReplaceAll(fullState[1:], "of 33", "of 0")},
		{"P2 what has no owner stays", func(_ *Command, m *model) { m.refuse = map[string]error{"tty": syscall.EINVAL} },
			strings.ReplaceAll(fullState[1:], "of 33", "of 0")},
		{"P2 another error is one", func(_ *Command, m *model) { m.refuse = map[string]error{"tty": syscall.EIO} },
			`19 125 give descriptor 0 to 33: input/output error`},
		{"stdio that is nil is /dev/null, and nobody's", func(c *Command, m *model) { c.Stdio = Stdio{}; c.Terminal, c.Session, c.Limits = false, false, nil },
			"/bin/sleep [\"sleep\" \"1\"] env [\"A=1\"]\nids 33/33/33 44/44/44 groups [5 7 44]\n" +
				"fd 0 null of 0\nfd 1 null of 0\nfd 2 null of 0\nin /srv umask 022 signals default\n"},
		{"P8 a terminal that is none is not missed", func(c *Command, m *model) {
			for fd := range m.fds {
				m.fds[fd] = "pipe"
			}
		}, strings.NewReplacer("tty", "pipe", `terminal "tty", foreground true`, `terminal "", foreground false`).Replace(fullState[1:])},
		{"P7 the terminal is stdout where stdin is /dev/null", func(c *Command, m *model) { c.Stdio.In = nil },
			strings.Replace(fullState[1:], "fd 0 tty of 33", "fd 0 null of 0", 1)},
		{"P7 a terminal needs a session", func(c *Command, m *model) { c.Session = false },
			`19 125 descriptor 0 as the controlling terminal: operation not permitted`},
		{"W1 no directory is /", func(c *Command, m *model) { c.Dir = "" }, strings.Replace(fullState[1:], "/srv", "/", 1)},
		{"W4 a directory that root may not enter is entered by the user", func(_ *Command, m *model) { m.closed = map[string]bool{"/srv": true} }, fullState[1:]},
		{"W4 a directory that only root may enter is entered", func(_ *Command, m *model) { m.private = map[string]bool{"/srv": true} }, fullState[1:]},
		{"W4 a directory that neither may enter", func(_ *Command, m *model) {
			m.closed, m.private = map[string]bool{"/srv": true}, map[string]bool{"/srv": true}
		}, `2 125 working directory "/srv": neither root nor 33:44 groups 7,5 may enter it: permission denied`},
		{"W4 a missing directory is not tried again", func(c *Command, m *model) { c.Dir = "/none" }, `2 125 working directory "/none": no such file or directory`},
		{"W5 a directory outside of the zone that only the user may enter", func(_ *Command, m *model) {
			m.closed, m.cwdIs = map[string]bool{"/srv": true}, "(unreachable)/srv"
		}, `2 125 working directory "/srv": lies outside of the zone, at "(unreachable)/srv"`},
		{"W5 a directory outside of the zone", func(_ *Command, m *model) { m.cwdIs = "(unreachable)/srv" },
			`2 125 working directory "/srv": lies outside of the zone, at "(unreachable)/srv"`},
		{"S-25 root's groups are cleared for root too", func(c *Command, m *model) { c.Credentials = Credentials{} },
			strings.NewReplacer("33/33/33 44/44/44 groups [5 7 44]", "0/0/0 0/0/0 groups [0]", "of 33", "of 0").Replace(fullState[1:])},
		{"U12 the group is always in the list", func(c *Command, m *model) { c.Credentials.Groups = []uint32{7, 7} },
			strings.Replace(fullState[1:], "[5 7 44]", "[7 44]", 1)},
		{"S-25 root that can be regained", func(_ *Command, m *model) { m.keeps = true }, `67 125 the process could become root again after it was set to 33:44 groups 7,5`},
		{"S-25 groups that were not set", func(_ *Command, m *model) { m.idle = "setgroups" },
			`67 125 the process is 33:44 with groups [0 4] after it was set to 33:44 groups 7,5`},
		{"S-25 a group that was not set", func(_ *Command, m *model) { m.idle = "setgid" },
			`67 125 the process is 33:0 with groups [5 7 44] after it was set to 33:44 groups 7,5`},
		{"S-25 a user that was not set", func(_ *Command, m *model) { m.idle = "setuid" },
			`67 125 the process is 0:44 with groups [5 7 44] after it was set to 33:44 groups 7,5`},
		{"somebody who is who he shall be sets nothing", func(c *Command, m *model) {
			m.caps, m.ids, c.Limits = false, IDs{33, 33, 33, 44, 44, 44, []uint32{7, 5}}, nil
			m.owner = map[string]uint32{"tty": 33}
		}, strings.NewReplacer("[5 7 44]", "[7 5]", "limit nofile=1024:unlimited\n", "").Replace(fullState[1:])},
		{"somebody else without root's rights is refused", func(c *Command, m *model) {
			m.caps, m.ids, c.Limits = false, IDs{50, 50, 50, 50, 50, 50, nil}, nil
		}, `24 125 run as 33:44 groups 7,5: operation not permitted`},
		{"a stand-in goes on, and says so", func(c *Command, m *model) {
			m.caps, m.lenient, m.ids, c.Limits = false, true, IDs{50, 50, 50, 51, 51, 51, nil}, nil
		}, strings.NewReplacer("33/33/33 44/44/44 groups [5 7 44]", "50/50/50 51/51/51 groups []", "of 33", "of 0",
			"limit nofile=1024:unlimited\n", "said not as 33:44 groups 7,5\n").Replace(fullState[1:])},
		{"the saved id counts", func(c *Command, m *model) {
			m.caps, m.ids, c.Limits = false, IDs{33, 33, 0, 44, 44, 44, []uint32{7, 5}}, nil
		}, `24 125 run as 33:44 groups 7,5: operation not permitted`},
		{"a command that was not looked up is searched for in PATH", func(c *Command, m *model) {
			c.Path, c.Env, m.files = "", []string{"PATH=/none:/secret::/bin"}, map[string]error{"/secret/sleep": syscall.EACCES, "/bin/sleep": nil}
		}, strings.Replace(fullState[1:], `["A=1"]`, `["PATH=/none:/secret::/bin"]`, 1)},
		{"one with a slash is not", func(c *Command, m *model) {
			c.Path, c.Args, c.Env, m.files = "", []string{"./sleep"}, []string{"PATH=/bin"}, map[string]error{"/bin/sleep": nil}
		}, `3 127 execute "./sleep": no such file or directory: it, its interpreter or its loader is not there`},
		{"X4 one that is nowhere in PATH", func(c *Command, m *model) {
			c.Path, c.Env, m.files = "", []string{"PATH=/bin:/sbin"}, map[string]error{}
		}, `17 127 "sleep": not found in any of the 2 directories of PATH`},
		{"one that the user may nowhere execute", func(c *Command, m *model) {
			c.Path, c.Env, m.files = "", []string{"PATH=/bin:/sbin"}, map[string]error{"/bin/sleep": syscall.EACCES}
		}, `3 126 execute "/bin/sleep": permission denied: 33:44 groups 7,5 may not execute it or its interpreter, or its file system is mounted noexec`},
		{"one that the kernel cannot execute ends the search", func(c *Command, m *model) {
			c.Path, c.Env, m.files = "", []string{"PATH=/bin:/sbin"}, map[string]error{"/bin/sleep": syscall.ENOEXEC, "/sbin/sleep": nil}
		}, `3 126 execute "/bin/sleep": exec format error: it is not a program that this kernel runs`},
		{"an empty word is in no directory", func(c *Command, m *model) {
			c.Path, c.Args, c.Env = "", []string{""}, []string{"PATH=/bin"}
		}, `17 127 "": not found in any of the 1 directories of PATH`},
		{"S-28 no argument at all", func(c *Command, m *model) { c.Args = nil }, `13 125 no command: an empty argument list cannot be executed`},
		{"S-14 NUL in an argument", func(c *Command, m *model) { c.Args = []string{"a", "b\x00"} }, `3 126 execute "/bin/sleep": argument 1 holds a NUL byte`},
		{"S-14 NUL in a variable", func(c *Command, m *model) { c.Env = []string{"SECRET=\x00"} }, `64 125 execute "/bin/sleep": variable 0 of the environment holds a NUL byte`},
	} {
		t.Run(c.behaviour, func(t *testing.T) {
			cmd, open := fullCommand(t)
			m := newModel(open)
			c.change(&cmd, m)
			err := Become(m, cmd)
			got := m.state()
			if !errors.Is(err, errBecame) {
				got = fmt.Sprintf("%d %d %s", exit.CodeOf(err), exit.StatusOf(err), err)
				if m.became != "" {
					t.Error("the command runs all the same")
				}
			}
			if got != c.want {
				t.Errorf("got\n%swant\n%s", got, c.want)
			}
		})
	}
}

// Stdio may lie crosswise: one's source is another's place.
func TestBecomeCrosswise(t *testing.T) {
	m := newModel(map[int]string{0: "a", 1: "b", 2: "c"})
	cmd := Command{Path: "/x", Args: []string{"x"}, Stdio: Stdio{os.Stdout, os.Stderr, os.Stdin}}
	if err := Become(m, cmd); !errors.Is(err, errBecame) {
		t.Fatal(err)
	}
	if got := m.fds[0] + m.fds[1] + m.fds[2]; got != "bca" {
		t.Errorf("got %s", got)
	}
}

// Stdio that is in its place already may be marked as ours alone.
func TestBecomeInheritsStdioInPlace(t *testing.T) {
	m := newModel(map[int]string{0: "a", 1: "b", 2: "c"})
	m.cloexec = map[int]bool{0: true, 1: true, 2: true}
	cmd := Command{Path: "/x", Args: []string{"x"}, Stdio: Stdio{os.Stdin, os.Stdout, os.Stderr}}
	if err := Become(m, cmd); !errors.Is(err, errBecame) || m.cloexec[0] || m.cloexec[1] || m.cloexec[2] {
		t.Errorf("%v, close on exec: %v", err, m.cloexec)
	}
}

// P8: whatever a system says of a descriptor that is no terminal.
func TestBecomeWithoutTerminal(t *testing.T) {
	for _, none := range []error{syscall.ENOTTY, syscall.ENXIO, syscall.EBADF} {
		m := newModel(map[int]string{0: "a", 1: "b", 2: "c"})
		m.none = none
		err := Become(m, Command{Path: "/x", Args: []string{"x"}, Stdio: Stdio{os.Stdin, os.Stdout, os.Stderr}, Terminal: true, Session: true})
		if !errors.Is(err, errBecame) {
			t.Errorf("%v: %v", none, err)
		}
	}
}

// Files must be where the command wants them before: see Become.
func TestBecomeFiles(t *testing.T) {
	f := file(t)
	m := newModel(map[int]string{0: "a", 1: "b", 2: "c", int(f.Fd()): "d"})
	err := Become(m, Command{Path: "/x", Args: []string{"x"}, Files: []*os.File{f, f, f, f, f, f, f, f, f, f, f, f, f, f, f, f}})
	if exit.CodeOf(err) != exit.Dup2 || !strings.Contains(err.Error(), "had to be put in its place before") {
		t.Error(err)
	}
}

// The order is the point: whatever comes first needs what the next takes away.
func TestBecomeOrder(t *testing.T) {
	cmd, open := fullCommand(t)
	m := newModel(open)
	if err := Become(m, cmd); !errors.Is(err, errBecame) {
		t.Fatal(err)
	}
	before := -1
	for _, call := range []string{"close from 3", "own 0", "setsid", "ctty 0", "foreground", "chdir", "getcwd", "limit",
		"setgroups", "setgid", "setuid", "regain root", "signals", "execve"} {
		at := slices.Index(m.calls, call)
		if at <= before {
			t.Errorf("%s is call %d, after call %d: %q", call, at, before, m.calls)
		}
		before = at
	}
}

// Each call failing once gives its code, and nothing is done after it.
func TestBecomeEachCallFailing(t *testing.T) {
	codes := map[string]exit.Code{
		"open": exit.Open, "dup": exit.Dup2, "inherit": exit.Dup2, "close": exit.Close, "own": exit.OpenConsole,
		"setsid": exit.OpenConsole, "ctty": exit.OpenConsole, "foreground": exit.OpenConsole, "chdir": exit.Chdir, "limit": exit.Limits,
		"ids": exit.Credentials, "setgroups": exit.Initgroups, "setgid": exit.Setgid, "setuid": exit.Setuid,
		"getcwd": exit.Chdir, "signals": exit.Unexpected, "execve": exit.Exec,
	}
	var all []string
	for n := 1; ; n++ {
		cmd, open := fullCommand(t)
		cmd.Stdio.Err = nil
		m := newModel(open)
		m.fail, m.with = n, syscall.EIO
		err := Become(m, cmd)
		if n > len(m.calls) {
			if !errors.Is(err, errBecame) || len(all) < 25 {
				t.Errorf("%d calls were broken, then came %v: %q", len(all), err, all)
			}
			return
		}
		broken := m.calls[n-1]
		all = append(all, broken)
		if broken == "regain root" {
			continue // fails as it should
		}
		if len(m.calls) != n {
			t.Errorf("%q failed, and then came %q", broken, m.calls[n:])
			continue
		}
		word, _, _ := strings.Cut(broken, " ")
		if got := exit.CodeOf(err); got != codes[word] || !errors.Is(err, syscall.EIO) {
			t.Errorf("%s: code %d, want %d: %v", broken, got, codes[word], err)
		}
	}
}

func TestBecomeTriesAgainAfterASignal(t *testing.T) {
	cmd, open := fullCommand(t)
	m := newModel(open)
	if err := Become(m, cmd); !errors.Is(err, errBecame) {
		t.Fatal(err)
	}
	again := newModel(map[int]string{})
	cmd, again.fds = fullCommand(t)
	again.fail, again.with = len(m.calls), syscall.EINTR
	if err := Become(again, cmd); !errors.Is(err, errBecame) {
		t.Errorf("X9: %v", err)
	}
}
