package fake

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"dockerinit/core"
	"dockerinit/core/exit"
	"dockerinit/core/process"
	"dockerinit/core/shim"
	"dockerinit/platform_fake/need"
)

var (
	_ core.Processes = (*Processes)(nil)
	_ core.Processes = (*Recorder)(nil)
	_ process.Kernel = (*kernel)(nil)
)

// me is who the test runs as.
func me() process.Credentials {
	gids, _ := os.Getgroups()
	c := process.Credentials{UID: uint32(os.Getuid()), GID: uint32(os.Getgid())}
	for _, g := range gids {
		c.Groups = append(c.Groups, uint32(g))
	}
	return c
}

// shell is a command of the shell's, as who the test runs as.
func shell(script string) process.Command {
	return process.Command{
		Path: "/bin/sh", Args: []string{"sh", "-c", script}, Dir: "/", Umask: 0o022, Credentials: me(),
		Env: []string{"PATH=" + os.Getenv("PATH")},
	}
}

// run starts a command, reads all of its output and waits for it.
func run(t *testing.T, p *Processes, cmd process.Command) (string, process.Exit) {
	t.Helper()
	r, w, err := os.Pipe()
	must(t, err)
	cmd.Stdio.Out, cmd.Stdio.Err = w, w
	pid, err := p.Start(t.Context(), cmd)
	must(t, err)
	must(t, w.Close())
	out, err := io.ReadAll(r)
	must(t, err)
	must(t, r.Close())
	end, err := p.Wait(t.Context(), pid)
	must(t, err)
	return string(out), end
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestStart(t *testing.T) {
	p := &Processes{Self: self}
	for _, c := range []struct {
		behaviour string
		cmd       process.Command
		want      string
	}{
		{"it has its output", shell("echo hello"), "hello\nstatus 0"},
		{"it ends with its status", shell("exit 7"), "status 7"},
		{"it ends with a signal", shell("kill -9 $$"), "signal 9 (killed)"},
		{"stdin that is nil is /dev/null", shell("cat; echo end"), "end\nstatus 0"},
		{"W1 no directory is /", func() process.Command { c := shell("pwd"); c.Dir = ""; return c }(), "/\nstatus 0"},
		{"X2 argv 0 is as it is", func() process.Command { c := shell(""); c.Args = []string{"my shell", "-c", "echo $0"}; return c }(), "my shell\nstatus 0"},
		{"E7 it has its own environment alone", func() process.Command {
			c := shell("/usr/bin/env | grep -v -e ^PWD= -e ^_= -e ^SHLVL= -e ^OLDPWD=")
			c.Env = []string{"A=1", "B=\xff\nx"}
			return c
		}(), "A=1\nB=\xff\nx\nstatus 0"},
		{"a large environment comes over whole", func() process.Command {
			c := shell("echo ${#A} ${#B} ${#C}")
			long := strings.Repeat("x", 100_000)
			c.Env = []string{"A=" + long, "B=" + long, "C=" + long}
			return c
		}(), "100000 100000 100000\nstatus 0"},
		{"P3 the umask is its own", func() process.Command { c := shell("umask"); c.Umask = 0o027; return c }(), "0027\nstatus 0"},
	} {
		t.Run(c.behaviour, func(t *testing.T) {
			out, end := run(t, p, c.cmd)
			if got := out + fmt.Sprint(end); got != c.want {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
		})
	}
}

func TestStartWithFiles(t *testing.T) {
	r, w, err := os.Pipe()
	must(t, err)
	defer r.Close()
	name := filepath.Join(t.TempDir(), "four")
	four, err := os.Create(name)
	must(t, err)
	cmd := shell("cat <&3; echo written >&4")
	cmd.Files = []*os.File{r, four}
	_, err = w.WriteString("read")
	must(t, errors.Join(err, w.Close()))
	out, _ := run(t, &Processes{Self: self}, cmd)
	must(t, four.Close())
	written, err := os.ReadFile(name)
	must(t, err)
	if out != "read" || string(written) != "written\n" {
		t.Errorf("got %q and %q", out, written)
	}
}

// The workdir is the image's, and its links stay there.
func TestStartInTheImage(t *testing.T) {
	root := t.TempDir()
	must(t, os.MkdirAll(filepath.Join(root, "real/sub"), 0o755))
	must(t, os.Symlink("/real", filepath.Join(root, "srv")))
	cmd := shell("pwd -P")
	cmd.Dir = "/srv/sub"
	out, _ := run(t, &Processes{Self: self, Root: root}, cmd)
	real, err := filepath.EvalSymlinks(root)
	must(t, err)
	if want := filepath.Join(real, "real/sub") + "\n"; out != want {
		t.Errorf("got %q, want %q", out, want)
	}
}

// What fails in the child comes back as from Exec, and leaves nothing behind.
func TestStartFailing(t *testing.T) {
	dir := t.TempDir()
	write := func(name, content string, mode os.FileMode) string {
		name = filepath.Join(dir, name)
		must(t, os.WriteFile(name, []byte(content), mode))
		return name
	}
	p := &Processes{Self: self}
	for _, c := range []struct {
		behaviour string
		change    func(*process.Command)
		want      string
	}{
		{"X8 a missing program is 127", func(c *process.Command) { c.Path = "/none" }, `3 127 execute "/none": no such file or directory: `},
		{"X8 a missing interpreter is 127", func(c *process.Command) { c.Path = write("lost", "#!/none/sh\n", 0o755) }, `3 127 execute `},
		{"X8 a file without x is 126", func(c *process.Command) { c.Path = write("plain", "#!/bin/sh\n", 0o644) }, `3 126 execute `},
		{"X10 text is not given to a shell", func(c *process.Command) { c.Path = write("text", "echo hello\n", 0o755) }, `3 126 execute `},
		{"S-28 too large an environment tells its size", func(c *process.Command) { c.Env = []string{"A=" + strings.Repeat("x", 20<<20)} },
			`3 126 execute "/bin/sh": argument list too long: 3 arguments of 13 bytes and 1 variables of 20971523 bytes; the largest is variable "A" with 20971522`},
		{"S-28 no argument", func(c *process.Command) { c.Args = nil }, `13 125 no command: `},
		{"a missing directory", func(c *process.Command) { c.Dir = "/none" }, `2 125 working directory "/none": no such file or directory`},
		{"a directory that is a file", func(c *process.Command) { c.Dir = "/etc/passwd" }, `2 125 working directory "/etc/passwd": not a directory`},
		{"a limit that is none", func(c *process.Command) { c.Limits = []process.Limit{{Name: "nofile", Soft: 20, Hard: 10}} }, `66 125 limit nofile=20:10: invalid argument`},
		{"a file that is closed", func(c *process.Command) {
			f, err := os.Open(os.DevNull)
			must(t, errors.Join(err, f.Close()))
			c.Files = []*os.File{f}
		}, `4 125 start "/bin/sh": descriptor 3: invalid argument`},
		{"a file that is nil", func(c *process.Command) { c.Files = []*os.File{nil} }, `4 125 start "/bin/sh": descriptor 3: invalid argument`},
	} {
		t.Run(c.behaviour, func(t *testing.T) {
			cmd := shell("exit 0")
			c.change(&cmd)
			before := openDescriptors(t)
			pid, err := p.Start(t.Context(), cmd)
			if got := fmt.Sprintf("%d %d %v", exit.CodeOf(err), exit.StatusOf(err), err); !strings.HasPrefix(got, c.want) || pid != 0 {
				t.Errorf("\ngot  %s\nwant %s", got, c.want)
			}
			// Those of an earlier test may have been collected meanwhile.
			after := openDescriptors(t)
			for fd := range strings.FieldsSeq(after) {
				if !slices.Contains(strings.Fields(before), fd) {
					t.Errorf("descriptors before %s, after %s", before, after)
					break
				}
			}
			noChildren(t)
		})
	}
	_, err := p.Start(t.Context(), process.Command{Path: "/none", Args: []string{"x"}, Credentials: me()})
	if !errors.Is(err, os.ErrNotExist) {
		t.Errorf("errors.Is does not see through: %v", err)
	}
}

func openDescriptors(t *testing.T) string {
	t.Helper()
	var all []string
	must(t, eachOpen(0, func(fd int) {
		if _, err := os.Stat(fmt.Sprintf("/dev/fd/%d", fd)); err == nil || fd < 3 {
			all = append(all, fmt.Sprint(fd))
		}
	}))
	return strings.Join(all, " ")
}

func noChildren(t *testing.T) {
	t.Helper()
	if pid, err := syscall.Wait4(-1, nil, syscall.WNOHANG, nil); !errors.Is(err, syscall.ECHILD) {
		t.Errorf("a child is left: pid %d, %v", pid, err)
	}
}

func TestStartThatIsCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := (&Processes{Self: self}).Start(ctx, shell("sleep 60"))
	if exit.CodeOf(err) != exit.Fork || !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	noChildren(t)
}

func TestStartWithoutSelf(t *testing.T) {
	if _, err := (&Processes{}).Start(t.Context(), shell("")); exit.CodeOf(err) != exit.Fork {
		t.Error(err)
	}
}

func TestWait(t *testing.T) {
	p := &Processes{Self: self}
	over := t.TempDir() + "/over"
	pid, err := p.Start(t.Context(), shell("until [ -e "+over+" ]; do sleep 0.01; done; exit 3"))
	must(t, err)
	short, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if _, err := p.Wait(short, pid); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a wait that is given up: %v", err)
	}
	must(t, os.WriteFile(over, nil, 0o644))
	if end, err := p.Wait(t.Context(), pid); err != nil || end.Status != 3 {
		t.Errorf("the same child later: %v, %v", end, err)
	}
	for _, pid := range []int{pid, 1, 0, -1} {
		if _, err := p.Wait(t.Context(), pid); err == nil {
			t.Errorf("waited for %d", pid)
		}
	}
}

// S-28: being called so makes no shim of a program.
func TestShimByNameAlone(t *testing.T) {
	path, err := os.Executable()
	must(t, err)
	for _, args := range [][]string{{shim.Name}, {shim.Name, "0"}, {shim.Name, "77"}, {shim.Name, "x"}} {
		cmd := exec.Command(path)
		cmd.Args, cmd.Env = args, []string{roleVariable + "=shim"}
		if out, err := cmd.CombinedOutput(); err != nil || string(out) != "not a shim\n" {
			t.Errorf("%q: %q, %v", args, out, err)
		}
	}
	cmd := exec.Command(path)
	cmd.Args, cmd.Env = []string{shim.Name, "0"}, []string{roleVariable + "=shim"}
	cmd.Stdin = strings.NewReader("no request")
	if out, err := cmd.CombinedOutput(); err != nil || string(out) != "not a shim\n" {
		t.Errorf("stdin is a pipe: %q, %v", out, err)
	}
}

func TestUnapplied(t *testing.T) {
	p := &Processes{}
	if text := p.Unapplied(me()); text != "" {
		t.Errorf("one's own credentials: %q", text)
	}
	other := process.Credentials{UID: uint32(os.Getuid() + 1), GID: 44}
	switch text := p.Unapplied(other); {
	case os.Getuid() == 0 && text != "":
		t.Errorf("root: %q", text)
	case os.Getuid() != 0 && !strings.Contains(text, "not as "+other.String()):
		t.Errorf("not root: %q", text)
	}
}

func BenchmarkStart(b *testing.B) {
	need.Program(b, "true", "coreutils")
	p := &Processes{Self: self}
	b.ReportAllocs()
	for b.Loop() {
		pid, err := p.Start(b.Context(), shell("exit 0"))
		must(b, err)
		_, err = p.Wait(b.Context(), pid)
		must(b, err)
	}
}
