//go:build linux

package resident

import (
	"errors"
	"io"
	"math"
	"os"
	"reflect"
	"strings"
	"syscall"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"

	"dockerinit/core/process"
)

// What the loop has on its stack begins after the head.
func TestTheLoopKnowsTheHead(t *testing.T) {
	if size := unsafe.Sizeof(head{}); size != 128 {
		t.Errorf("it has %d bytes", size)
	}
}

func TestWhatTheLoopSays(t *testing.T) {
	for _, tt := range []struct {
		name, word string
		want       Return
		wrong      bool
	}{
		{name: "a time has come", word: "aaaaaaaaaaaaaaaa"},
		{name: "a signal", word: "aaaaaaaaaaapaaaa", want: Return{Signal: unix.SIGTERM}},
		{name: "the highest signal", word: "aaaaaaaaaaeaaaaa", want: Return{Signal: 64}},
		{name: "a process has ended by itself", word: "aaaaabcdaaaaajaa", want: Return{Pid: 0x123, Exit: process.Exit{Status: 9}}},
		{name: "with the highest status", word: "aaaaaaacaaaappaa", want: Return{Pid: 2, Exit: process.Exit{Status: 255}}},
		{name: "a process was killed, with a core", word: "aaaaaaacaaaaaail", want: Return{Pid: 2, Exit: process.Exit{Signal: 11}}},
		{name: "a process has ended, and a signal has come before", word: "aaaaabcdaaapajaa", want: Return{Signal: unix.SIGTERM, Pid: 0x123, Exit: process.Exit{Status: 9}}},
		{name: "it cannot wait", word: "pppppppppppppppp", want: Return{Unable: true}},
		{name: "a word that is too short", word: "aaaa", wrong: true},
		{name: "no word", word: "", wrong: true},
		{name: "other letters", word: "aaaaaaaaaaaaaaaq", wrong: true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got Return
			if err := got.came(tt.word); (err != nil) != tt.wrong || !tt.wrong && !reflect.DeepEqual(got, tt.want) {
				t.Errorf("%v\n got %+v\nwant %+v", err, got, tt.want)
			}
		})
	}
}

func TestWhatIsHandedOver(t *testing.T) {
	f, err := os.Open("/dev/null")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	fd, err := unix.FcntlInt(f.Fd(), unix.F_DUPFD, 0) // not closed on exec
	if err != nil {
		t.Fatal(err)
	}
	raw := append(words(nil, monotonic()-5e9, 2, -1, int64(fd)), "state"...)
	var r Return
	if err := r.handed(raw); err != nil || string(r.State) != "state" || len(r.Files) != 2 || r.Files[0] != nil || r.Lasted.Round(1e9) != 5e9 {
		t.Fatalf("%v: %+v", err, r)
	}
	if flags, err := unix.FcntlInt(r.Files[1].Fd(), unix.F_GETFD, 0); err != nil || flags != unix.FD_CLOEXEC || int(r.Files[1].Fd()) != fd {
		t.Errorf("flags %d, %v", flags, err)
	}
	_ = r.Files[1].Close()
	for _, broken := range [][]byte{words(nil, 0, 2, -1), words(nil, 0, -1), words(nil, 0, math.MaxInt64)} {
		if err := new(Return).handed(broken); err == nil {
			t.Errorf("%x was taken", broken)
		}
	}
}

// Nobody but who has the descriptor comes to it, and nobody changes it.
func TestKeep(t *testing.T) {
	f, err := keep([]byte("state"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.NewSectionReader(f, 0, 100))
	if err != nil || string(text) != "state" {
		t.Errorf("%q, %v", text, err)
	}
	if _, err := f.WriteAt([]byte("x"), 0); !errors.Is(err, syscall.EPERM) {
		t.Errorf("it can be written: %v", err)
	}
	if err := f.Truncate(0); !errors.Is(err, syscall.EPERM) {
		t.Errorf("it can be cut: %v", err)
	}

	dir := t.TempDir()
	g, err := nameless(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer g.Close()
	left, err := os.ReadDir(dir)
	info, err2 := g.Stat()
	if err := errors.Join(err, err2); err != nil || len(left) > 0 || info.Mode() != 0o600 || info.Sys().(*syscall.Stat_t).Nlink != 0 {
		t.Errorf("%v: %v is left, %v", err, left, info)
	}
	if _, err := nameless(dir + "/none"); err == nil {
		t.Error("a file was made in no directory")
	}
}

// Only PID 1 is the loop or follows it, whatever it is called with.
func TestAnybodyElseIsWhatItIs(t *testing.T) {
	if r, err := Returned(); r != nil || err != nil || There() {
		t.Errorf("%+v, %v", r, err)
	}
	if err := Become(Task{}); !errors.Is(err, errors.ErrUnsupported) {
		t.Error(err)
	}
}

// What people build is entered where it should be.
func TestTheMakefileKnowsTheEntries(t *testing.T) {
	text, err := os.ReadFile("../../Makefile")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"TAG  = " + Tag + "\n", "ENTRY = " + Linker + "\n", "-ldflags 'dockerinit/cmd/dockerexec=$(LDFLAGS) -E dockerinit/platform_lx/entry.exec'"} {
		if !strings.Contains(string(text), want) {
			t.Errorf("the Makefile has no %q", want)
		}
	}
}
