//go:build linux && amd64

package entry_test

import (
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"dockerinit/platform_fake/need"
	"dockerinit/platform_lx/entry"
)

// entered is the program of testdata, in a root of its own.
func entered(t *testing.T) (root string) {
	t.Helper()
	root = t.TempDir()
	build := exec.Command("go", "build", "-ldflags", "-E "+entry.Exec, "-o", root+"/entered", "./testdata/entered")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return root
}

// Go begins as if nothing had been before it, but for a word that it is told, and
// the profile that it does not make.
func TestGoBeginsAsItWould(t *testing.T) {
	root := entered(t)
	for _, tt := range []struct {
		name      string
		args, env []string
		want      string
	}{
		{"nothing but its name", []string{"init"}, []string{}, `1 0 ["init"] ["GOMAXPROCS=1"]`},
		{"arguments and variables", []string{"a", "", "b c"}, []string{"X=1", "Y="}, `1 0 ["a" "" "b c"] ["GOMAXPROCS=1" "X=1" "Y="]`},
		{"another number", []string{"a"}, []string{"GOMAXPROCS=7"}, `1 0 ["a"] ["GOMAXPROCS=1"]`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := exec.Cmd{Path: root + "/entered", Args: tt.args, Env: tt.env}
			out, err := c.CombinedOutput()
			if want := tt.want + "\nnot asked\n"; err != nil || string(out) != want {
				t.Errorf("%v: got %swant %s", err, out, want)
			}
		})
	}
}

func TestTheHostIsAsked(t *testing.T) {
	need.Root(t) // for a root of its own
	root := entered(t)
	socket := filepath.Join(root, entry.Socket)
	for _, dir := range []string{filepath.Dir(socket), root + "/dev"} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	// Go opens it where a descriptor is missing.
	if err := os.WriteFile(root+"/dev/null", nil, 0o666); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	run := func(t *testing.T, stdin uintptr) string {
		t.Helper()
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		pid, err := syscall.ForkExec("/entered", []string{"x"}, &syscall.ProcAttr{
			Files: []uintptr{stdin, w.Fd(), w.Fd()}, Env: []string{}, Sys: &syscall.SysProcAttr{Chroot: root},
		})
		w.Close()
		if err != nil {
			t.Fatal(err)
		}
		out, err := io.ReadAll(r)
		var status syscall.WaitStatus
		if _, waited := syscall.Wait4(pid, &status, 0, nil); err != nil || waited != nil || status != 0 {
			t.Fatalf("%v, %v, status %#x\n%s", err, waited, status, out)
		}
		return string(out)
	}
	const begun = "1 0 [\"x\"] [\"GOMAXPROCS=1\"]\n"
	for name, stdin := range map[string]uintptr{"with its descriptors": 0, "with a descriptor too few": ^uintptr(0)} {
		t.Run(name, func(t *testing.T) {
			heard := make(chan string, 1)
			go func() {
				defer close(heard)
				conn, err := l.Accept()
				if err != nil {
					return
				}
				defer conn.Close()
				_ = conn.SetDeadline(time.Now().Add(time.Minute))
				question := make([]byte, len(entry.ForExec))
				n, _ := io.ReadFull(conn, question)
				_, _ = conn.Write([]byte("fine"))
				heard <- string(question[:n])
			}()
			if got, want := run(t, stdin), begun+"asked true true true fine <nil> true\n"; got != want {
				t.Errorf("got %swant %s", got, want)
			}
			if got := <-heard; got != entry.ForExec {
				t.Errorf("the host heard %q", got)
			}
		})
	}
	t.Run("nobody listens", func(t *testing.T) {
		l.(*net.UnixListener).SetUnlinkOnClose(false)
		l.Close()
		if got, want := run(t, 0), begun+"not asked\n"; got != want {
			t.Errorf("got %swant %s", got, want)
		}
	})
}
