package shim

import (
	"context"
	"errors"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"dockerinit/core/exit"
	"dockerinit/core/process"
)

// self is this test. Its shims never get as far as a command: what becomes of
// commands is tested where the kernels are, in the platforms.
var self Self

func TestMain(m *testing.M) {
	self = Enter(func(words []string, say func(string)) process.Kernel { return ending{words: words, say: say} })
	os.Exit(m.Run())
}

// ending is a kernel whose first call is the last.
type ending struct {
	process.Kernel // nil: nothing else is called
	words          []string
	say            func(string)
}

func (k ending) Linger() time.Duration {
	if k.words[0] == "lingering" {
		return time.Minute
	}
	return 0
}

func (ending) OpenNull() (int, error) { return syscall.Open(os.DevNull, syscall.O_RDWR, 0) }

func (k ending) Inherit(int) error {
	if k.words[0] == "lingering" {
		k.words = append(k.words, strconv.Itoa(os.Getpid()))
	}
	k.say("as " + strings.Join(k.words, " "))
	switch k.words[0] {
	case "killed":
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
	case "ended":
		os.Exit(9)
	case "hanging":
		time.Sleep(5 * time.Minute)
	}
	return syscall.ENOSPC
}

func TestWhatDoesNotBecomeTheCommand(t *testing.T) {
	cmd := process.Command{Path: "/x", Args: []string{"x"}}
	for _, tt := range []struct{ name, word, want string }{
		{"a failure comes back as it was", "failing", "descriptor 0: no space left on device"},
		{"P2 the end of the shim is not the command's beginning", "ended", `start "/x": the shim ended early, with status 9`},
		{"P2 nor is its death", "killed", `start "/x": the shim ended early, with status 137`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			free := lowest(t)
			var said []string
			pid, err := self.Start(t.Context(), cmd, []string{tt.word, "2"}, func(text string) { said = append(said, text) })
			if pid != 0 || err == nil || err.Error() != tt.want {
				t.Errorf("pid %d\n got %v\nwant %s", pid, err, tt.want)
			}
			if got := strings.Join(said, "\n"); got != "as "+tt.word+" 2" {
				t.Errorf("said %q, want the note with the platform's words", got)
			}
			if pid, err := syscall.Wait4(-1, nil, syscall.WNOHANG, nil); !errors.Is(err, syscall.ECHILD) {
				t.Errorf("a child is left: pid %d, %v", pid, err)
			}
			if now := lowest(t); now != free {
				t.Errorf("a descriptor is left: the next would be %d, was %d", now, free)
			}
		})
	}
}

// lowest is the number that the next descriptor has.
func lowest(t *testing.T) uintptr {
	t.Helper()
	f, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	return f.Fd()
}

func TestAFileThatIsNoneIsNotGiven(t *testing.T) {
	free := lowest(t)
	_, err := self.Start(t.Context(), process.Command{Path: "/x", Files: []*os.File{nil}}, []string{"failing"}, func(string) {})
	if want := `start "/x": descriptor 3: invalid argument`; exit.CodeOf(err) != exit.Fork || err.Error() != want {
		t.Errorf("\n got %v\nwant %s", err, want)
	}
	if now := lowest(t); now != free {
		t.Errorf("a descriptor is left: the next would be %d, was %d", now, free)
	}
}

func TestWaitForNoChild(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for _, pid := range []int{-1, 0, os.Getpid()} {
		if end, err := Wait(ctx, pid); err == nil || ctx.Err() != nil {
			t.Errorf("pid %d: %+v, %v", pid, end, err)
		}
	}
}

// Who is called as a shim and has not the pipes of one is none.
func TestOnlyAPipeIsAPipe(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()
	null, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	for _, tt := range []struct {
		name string
		fd   int
		want bool
	}{
		{"to read", int(r.Fd()), true},
		{"to write", int(w.Fd()), true},
		{"a device", int(null.Fd()), false},
		{"nothing", -1, false},
	} {
		if got := isPipe(tt.fd); got != tt.want {
			t.Errorf("%s: %t", tt.name, got)
		}
	}
}

// A check that nobody waits for tells by its end what has become of it.
func TestHear(t *testing.T) {
	h, err := self.Hear(process.Command{Args: []string{"x"}}, []string{"failing"})
	if err != nil {
		t.Fatal(err)
	}
	var status syscall.WaitStatus
	if got, err := syscall.Wait4(h.Pid, &status, 0, nil); got != h.Pid || status.ExitStatus() != 125 {
		t.Errorf("pid %d, status %d: %v", got, status.ExitStatus(), err)
	}
	if got, want := h.End(), "descriptor 0: no space left on device"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}

	h, err = self.Hear(process.Command{Args: []string{"x"}}, []string{"hanging"})
	if err != nil {
		t.Fatal(err)
	}
	_ = syscall.Kill(h.Pid, syscall.SIGKILL)
	if got, err := syscall.Wait4(h.Pid, nil, 0, nil); got != h.Pid || h.End() != "" {
		t.Errorf("pid %d: %v", got, err)
	}

	if _, err := (Self{}).Hear(process.Command{Args: []string{"x"}}, nil); exit.CodeOf(err) != exit.Fork {
		t.Error(err)
	}
}

// As much is kept as Docker keeps, the rest is read, and whoever holds the pipe
// is not waited for.
func TestListen(t *testing.T) {
	for _, tt := range []struct {
		behaviour string
		size      int
		held      bool
		want      string
	}{
		{"nothing", 0, false, ""},
		{"all that Docker keeps", 4096, false, strings.Repeat("x", 4096)},
		{"and a byte more", 4097, false, strings.Repeat("x", 4096) + "..."},
		{"more than a pipe holds", 300000, false, strings.Repeat("x", 4096) + "..."},
		{"from somebody who stays", 10, true, strings.Repeat("x", 10)},
	} {
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		h := &Heard{words: r, said: make(chan string, 1), failed: make(chan error, 1)}
		h.failed <- nil
		go func() { h.said <- listen(r) }()
		if _, err := w.WriteString(strings.Repeat("x", tt.size)); err != nil {
			t.Fatal(err)
		}
		if !tt.held {
			_ = w.Close()
		}
		if got := h.End(); got != tt.want {
			t.Errorf("%s: %d bytes", tt.behaviour, len(got))
		}
		_ = w.Close()
		_ = r.Close()
	}
}

func TestAHangingShimIsKilled(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	begun := time.Now()
	_, err := self.Start(ctx, process.Command{Path: "/x", Args: []string{"x"}}, []string{"hanging"}, func(string) {})
	if !errors.Is(err, context.DeadlineExceeded) || exit.CodeOf(err) != exit.Fork || time.Since(begun) > time.Minute {
		t.Errorf("after %v: %v", time.Since(begun), err)
	}
	if pid, err := syscall.Wait4(-1, nil, syscall.WNOHANG, nil); !errors.Is(err, syscall.ECHILD) {
		t.Errorf("a child is left: pid %d, %v", pid, err)
	}
}

func TestAShimLingersWhoseEndWouldBeOurs(t *testing.T) {
	var note string
	_, err := self.Start(t.Context(), process.Command{Path: "/x", Args: []string{"x"}}, []string{"lingering"}, func(text string) { note = text })
	if err == nil || err.Error() != "descriptor 0: no space left on device" {
		t.Error(err)
	}
	pid, err := strconv.Atoi(strings.TrimPrefix(note, "as lingering "))
	if err != nil {
		t.Fatal(note, err)
	}
	if got, err := syscall.Wait4(pid, nil, syscall.WNOHANG, nil); got != 0 || err != nil {
		t.Errorf("it is there no more: pid %d, %v", got, err)
	}
	_ = syscall.Kill(pid, syscall.SIGKILL)
	if got, err := syscall.Wait4(pid, nil, 0, nil); got != pid {
		t.Errorf("pid %d: %v", got, err)
	}
}

func TestOnlyAProgramThatEnteredStarts(t *testing.T) {
	_, err := Self{}.Start(t.Context(), process.Command{Path: "/x"}, nil, nil)
	if exit.CodeOf(err) != exit.Fork || err.Error() != `start "/x": this program does not know itself` {
		t.Error(err)
	}
}
