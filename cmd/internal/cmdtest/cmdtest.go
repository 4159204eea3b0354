// Package cmdtest is what the tests of the programs have in common: they build a
// program once, and look at it from outside.
package cmdtest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"time"
)

// A T is a testing.T. Package testing itself has no place in anything below cmd.
type T interface {
	Helper()
	Fatal(args ...any)
	Errorf(format string, args ...any)
	TempDir() string
	Cleanup(func())
}

// Main builds programs, has run done with them in dir, and ends the process with
// what it returns. Each program is a package, by its folder below cmd or, with
// more than one name, below the module, with its build tags after a colon:
// "dockerinit:fake" becomes dir/dockerinit-fake.
func Main(dir *string, run func() int, programs ...string) {
	status, err := main(dir, run, programs)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		status = 2
	}
	os.Exit(status)
}

func main(dir *string, run func() int, programs []string) (status int, err error) {
	if *dir, err = os.MkdirTemp("", "cmdtest"); err != nil {
		return 0, err
	}
	defer os.RemoveAll(*dir)
	// Tests run the programs as other users too.
	if err := os.Chmod(*dir, 0o755); err != nil {
		return 0, err
	}
	for _, program := range programs {
		folder, tags, _ := strings.Cut(program, ":")
		name := filepath.Base(folder)
		if name == folder {
			folder = "cmd/" + folder
		}
		if tags != "" {
			name += "-" + tags
		}
		flags := append([]string{"build", "-tags", tags, "-o", filepath.Join(*dir, name)}, entered(program)...)
		build := exec.Command("go", append(flags, "dockerinit/"+folder)...)
		build.Env = append(os.Environ(), "CGO_ENABLED=0") // as they are released
		if out, err := build.CombinedOutput(); err != nil {
			return 0, fmt.Errorf("build %s: %w\n%s", program, err, out)
		}
	}
	return run(), nil
}

// entered is what the Makefile has for a program that begins before Go does.
func entered(program string) (flags []string) {
	if runtime.GOOS == "linux" && runtime.GOARCH == "amd64" {
		switch program {
		case "dockerinit":
			return []string{"-tags", "resident", "-ldflags", "-E dockerinit/platform_lx/resident/blocked.entry -checklinkname=0"}
		case "dockerexec":
			return []string{"-ldflags", "-E dockerinit/platform_lx/entry.exec"}
		}
	}
	return nil
}

// A Result is what can be seen of a program that has ended.
type Result struct {
	Status         int // 128+N where signal N ended it
	Stdout, Stderr string
}

// Run runs the program to its end. It is killed after ten seconds.
func Run(t T, cmd *exec.Cmd) Result {
	t.Helper()
	return Start(t, cmd).Wait()
}

// A Process is a program that runs.
type Process struct {
	*exec.Cmd
	t           T
	out, err    lockedBuffer
	ended       chan struct{}
	description string
}

// Start begins it. Stdout and stderr are kept, but where cmd has its own.
func Start(t T, cmd *exec.Cmd) *Process {
	t.Helper()
	p := &Process{Cmd: cmd, t: t, ended: make(chan struct{}), description: strings.Join(cmd.Args, " ")}
	if cmd.Stdout == nil {
		cmd.Stdout = &p.out
	}
	if cmd.Stderr == nil {
		cmd.Stderr = &p.err
	}
	// What it leaves behind may hold its output open.
	cmd.WaitDelay = time.Second
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(p.ended)
		_ = cmd.Wait() // its status is looked at below
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		<-p.ended
	})
	return p
}

const patience = time.Minute

// Wait waits for its end.
func (p *Process) Wait() Result {
	p.t.Helper()
	select {
	case <-p.ended:
	case <-time.After(patience):
		_ = p.Process.Kill()
		<-p.ended
		p.t.Fatal(fmt.Sprintf("%s: has not ended after %v\nstdout %s\nstderr %s", p.description, patience, p.out.String(), p.err.String()))
	}
	r := Result{Status: p.ProcessState.ExitCode(), Stdout: p.out.String(), Stderr: p.err.String()}
	if w, ok := p.ProcessState.Sys().(syscall.WaitStatus); ok && w.Signaled() {
		r.Status = 128 + int(w.Signal())
	}
	return r
}

// Await waits until text is in its stdout or stderr.
func (p *Process) Await(text string) {
	p.t.Helper()
	p.await(text, patience)
}

// AwaitLong is Await for what has hundreds of megabytes to move first.
func (p *Process) AwaitLong(text string) {
	p.t.Helper()
	p.await(text, 12*patience)
}

func (p *Process) await(text string, long time.Duration) {
	p.t.Helper()
	if !within(long, func() bool {
		return strings.Contains(p.out.String(), text) || strings.Contains(p.err.String(), text)
	}) {
		p.t.Fatal(fmt.Sprintf("%s: no %q\nstdout %s\nstderr %s", p.description, text, p.out.String(), p.err.String()))
	}
}

// Signal sends a signal to it alone.
func (p *Process) Signal(s os.Signal) {
	p.t.Helper()
	if err := p.Process.Signal(s); err != nil {
		p.t.Fatal(err)
	}
}

// Until tells whether what is awaited comes in time.
func Until(done func() bool) bool { return within(patience, done) }

func within(long time.Duration, done func() bool) bool {
	for begun := time.Now(); !done(); time.Sleep(5 * time.Millisecond) {
		if time.Since(begun) > long {
			return false
		}
	}
	return true
}

// Payload writes a payload of a small lx zone, with the given properties and
// internal_metadata on top. A nil value takes one out.
func Payload(t T, properties, internal map[string]any) (name string) {
	t.Helper()
	zone := map[string]any{"brand": "lx", "docker": true, "hostname": "zone"}
	metadata := map[string]any{"docker:cmd": `["/bin/sh","-c","echo from the command"]`}
	overlay(metadata, internal)
	zone["internal_metadata"] = metadata
	overlay(zone, properties)
	text, err := json.MarshalIndent(zone, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return File(t, "payload.json", string(text))
}

func overlay(on, top map[string]any) {
	maps.Copy(on, top)
	maps.DeleteFunc(on, func(_ string, v any) bool { return v == nil })
}

// Shell is a docker:cmd that runs a script.
func Shell(script string) map[string]any {
	text, _ := json.Marshal([]string{"/bin/sh", "-c", script}) // strings can be encoded
	return map[string]any{"docker:cmd": string(text)}
}

// File writes a file into a folder of its own that everybody can read.
func File(t T, name, content string) (path string) {
	t.Helper()
	path = filepath.Join(Folder(t), name)
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// Folder is a folder that everybody can write to, with a short path.
func Folder(t T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "cmd")
	if err == nil {
		err = os.Chmod(dir, 0o777)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Errorf("%v", err)
		}
	})
	return dir
}

// Ordinary makes cmd that of an ordinary user, also where the test is root.
func Ordinary(cmd *exec.Cmd) *exec.Cmd {
	if os.Geteuid() == 0 {
		attributes(cmd).Credential = &syscall.Credential{Uid: 65534, Gid: 65534}
	}
	return cmd
}

// Group gives cmd a process group of its own.
func Group(cmd *exec.Cmd) *exec.Cmd {
	attributes(cmd).Setpgid = true
	return cmd
}

func attributes(cmd *exec.Cmd) *syscall.SysProcAttr {
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	return cmd.SysProcAttr
}

var (
	column   = regexp.MustCompile(`(?m)^(  \S .{11}) +[0-9][0-9a-zµ.]*  `)
	after    = regexp.MustCompile(`after [0-9][0-9a-zµ.]*[a-z]`)
	rootName = regexp.MustCompile(`[^ ]*/dockerinit-root-[0-9]+`)
)

// Steady is the text of a program without what differs from run to run.
func Steady(text string) string {
	text = column.ReplaceAllString(text, "$1    TIME  ")
	text = after.ReplaceAllString(text, "after TIME")
	return rootName.ReplaceAllString(text, "ROOT")
}

// Golden compares text with a file of testdata, or rewrites that with -update.
func Golden(t T, update bool, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if update {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s is another (-update if it is meant):\ngot\n%s\nwant\n%s", file, got, want)
	}
}

// A lockedBuffer is written by a copy of a program's output and read meanwhile.
type lockedBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}
