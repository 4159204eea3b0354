//go:build linux && amd64

package abi

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"dockerinit/platform_fake/need"
)

// A child of Go on illumos dies without SIGCHLD, and an adopted one with it.
func TestDeathsThatAreTold(t *testing.T) {
	loader, binary := build(t, "children")
	for _, test := range []struct{ what, output string }{
		{"own", "deaths of own children: 0\nsent: 1\nstopped: 1\n"},
		{"again", "deaths of own children: 0\n"},
	} {
		t.Run(test.what, func(t *testing.T) {
			out, err := exec.CommandContext(bounded(t), loader, binary, test.what).CombinedOutput()
			if err != nil || string(out) != test.output {
				t.Fatalf("%v\n%s", err, out)
			}
		})
	}

	t.Run("adopted", func(t *testing.T) {
		out, err := first(t, loader, binary, "adopted").CombinedOutput()
		if want := "orphan ended with 3\nmore: 0\n"; err != nil || string(out) != want {
			t.Fatalf("%v\n%s", err, out)
		}
	})

	// The one SIGCHLD that waits tells of the own child alone.
	t.Run("adopted while an own child's is pending", func(t *testing.T) {
		c := first(t, loader, binary, "merged")
		c.Dir = t.TempDir()
		for _, name := range []string{"own", "orphan"} {
			if err := syscall.Mkfifo(filepath.Join(c.Dir, name), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		out, err := c.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewReader(out)
		if line, err := lines.ReadString('\n'); line != "ready\n" {
			t.Fatalf("%q %v", line, err)
		}
		pid := c.Process.Pid
		_ = syscall.Kill(pid, syscall.SIGSTOP)
		until(t, "it is stopped", func() bool { return state(pid) == "T" })
		for _, name := range []string{"own", "orphan"} {
			pid := child(t, pid, name)
			f, err := os.OpenFile(filepath.Join(c.Dir, name), os.O_WRONLY, 0)
			if err != nil {
				t.Fatal(err)
			}
			f.Close()
			until(t, name+" is dead", func() bool { return state(pid) == "Z" })
		}
		_ = syscall.Kill(pid, syscall.SIGCONT)
		rest, _ := io.ReadAll(lines)
		if err, want := c.Wait(), "orphan ended with 3\nmore: 0\n"; err != nil || string(rest) != want {
			t.Fatalf("%v\n%s", err, rest)
		}
	})
}

// bounded is for programs that hang where they should fail.
func bounded(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

// first is a command as process 1 of a namespace with a /proc of its own.
func first(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	need.Root(t)
	mount := need.Program(t, "mount", "mount")
	script := `"$0" --make-rprivate / && "$0" -t proc proc /proc && exec "$@"`
	c := exec.CommandContext(bounded(t), "/bin/sh", append([]string{"-c", script, mount}, args...)...)
	c.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags: syscall.CLONE_NEWPID | syscall.CLONE_NEWNS,
		Pdeathsig:  syscall.SIGKILL,
	}
	return c
}

// state is the process' letter in its stat, "" where there is none.
func state(pid int) string {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if i := strings.LastIndex(string(text), ") "); i > 0 {
		return string(text[i+2 : i+3])
	}
	return ""
}

// child is the child that reads the FIFO of this name.
func child(t *testing.T, parent int, fifo string) (pid int) {
	t.Helper()
	until(t, fifo+"'s reader is there", func() bool {
		lists, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", parent))
		for _, list := range lists {
			text, _ := os.ReadFile(list)
			for _, word := range strings.Fields(string(text)) {
				line, _ := os.ReadFile("/proc/" + word + "/cmdline")
				if strings.Contains(string(line), "<"+fifo) {
					_, err := fmt.Sscan(word, &pid)
					return err == nil
				}
			}
		}
		return false
	})
	return pid
}

func until(t testing.TB, what string, is func() bool) {
	t.Helper()
	for end, pause := time.Now().Add(limit), time.Millisecond; !is(); pause = min(2*pause, 100*time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("after 30s it is not so that %s", what)
		}
		time.Sleep(pause)
	}
}
