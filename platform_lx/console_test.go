//go:build linux

package lx

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"dockerinit/core/bootlog"
	"dockerinit/core/exit"
	"dockerinit/core/zone"
)

// A hostSide is the other side of a console, whose streams are FIFOs.
type hostSide struct {
	*console
	log strings.Builder
}

func newHost(t *testing.T) *hostSide {
	dir := t.TempDir()
	h := &hostSide{}
	h.console = newConsole(bootlog.NewLogger(bootlog.NewText(&h.log)))
	h.Dir, h.Own = dir+"/zfd", dir+"/console"
	return h
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// fifo makes a stream, and holds it open at both ends.
func fifo(t testing.TB, name string) *os.File {
	t.Helper()
	must(t, os.MkdirAll(filepath.Dir(name), 0o755))
	must(t, unix.Mkfifo(name, 0o600))
	f, err := os.OpenFile(name, os.O_RDWR, 0)
	must(t, err)
	t.Cleanup(func() { f.Close() })
	return f
}

// read is what has been written to a stream.
func read(t testing.TB, f *os.File) string {
	t.Helper()
	buf := make([]byte, 4096)
	n, err := f.Read(buf)
	must(t, err)
	return string(buf[:n])
}

// readUntil reads what comes in pieces, up to its end.
func readUntil(t testing.TB, f *os.File, end string) (text string) {
	t.Helper()
	for !strings.HasSuffix(text, end) && len(text) < 4096 {
		text += read(t, f)
	}
	return text
}

// shown is an error with its code, as one text.
func shown(err error) string { return fmt.Sprintf("%d %v", exit.CodeOf(err), err) }

func TestATerminal(t *testing.T) {
	if inOwnNamespaces(t, syscall.CLONE_NEWNS) {
		return
	}
	h := newHost(t)
	// The first terminal of a file system of one's own has the number 0.
	must(t, os.Mkdir(h.Dir, 0o755))
	must(t, unix.Mount("devpts", h.Dir, "devpts", 0, "newinstance,ptmxmode=0666"))
	defer unix.Unmount(h.Dir, unix.MNT_DETACH)
	master, err := os.OpenFile(h.Dir+"/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	must(t, err)
	defer master.Close()
	must(t, unix.IoctlSetPointerInt(int(master.Fd()), unix.TIOCSPTLCK, 0))

	h.Say("before it is open")
	s, err := h.Open(context.Background(), zone.Console{TTY: true})
	must(t, err)
	defer s.Close()
	flags, err := unix.FcntlInt(s.In.Fd(), unix.F_GETFL, 0)
	must(t, err)
	if s.In == nil || s.In != s.Out || s.In != s.Err || flags&(unix.O_ACCMODE|unix.O_NONBLOCK) != unix.O_RDWR || h.log.Len() > 0 {
		t.Errorf("T4 got %+v with flags %#x, want one terminal that is read and written; logged\n%s", s, flags, &h.log)
	}
	h.Say("when it is")
	if got := readUntil(t, master, "when it is\r\n"); got != "before it is open\r\nwhen it is\r\n" {
		t.Errorf("the host's side shows %q", got)
	}
	if _, err := os.OpenFile("/dev/tty", os.O_RDWR, 0); err == nil {
		t.Error("T6 to open it made it the controlling terminal")
	}

	ctx, cancel := context.WithCancel(context.Background())
	cancel() // there is no zfd 1
	_, err = h.Open(ctx, zone.Console{OpenStdin: true})
	if want := "/zfd/0 is a terminal and docker:tty is not true: the host may discard all output\n"; !strings.Contains(h.log.String(), want) {
		t.Errorf("T3 logged\n%s(%v) want …%s", &h.log, err, want)
	}
}

func TestTee(t *testing.T) {
	const way = ": a Linux program cannot have the console copied for a log driver: the native dockerinit can " +
		"(init_name=/native/usr/vm/sbin/dockerinit), and docker:logdriver=json-file needs no copy"
	for _, tt := range []struct {
		name   string
		copies []int
		tty    bool
		want   string
	}{
		{"three streams have two copies", []int{3, 4}, false, "of 3, of 4"},
		{"a terminal has one, and nothing", []int{1}, true, "of 1, nothing"},
		{"an LX zone has none", nil, false, "53 ZFD/3" + way},
		{"nor of a terminal", nil, true, "53 ZFD/1" + way},
		{"nor of one of the two", []int{3}, false, "53 ZFD/4" + way},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := newHost(t)
			for _, n := range tt.copies {
				_, err := fmt.Fprintf(fifo(t, h.Node(n)), "of %d", n)
				must(t, err)
			}
			got := ""
			stdout, stderr, err := h.Tee(context.Background(), zone.Console{TTY: tt.tty})
			if err != nil {
				got = strings.ReplaceAll(shown(err), h.Dir, "ZFD")
			} else {
				got = read(t, stdout) + ", "
				if tt.tty {
					rest, err := io.ReadAll(stderr)
					must(t, err)
					got += "nothing" + string(rest)
				} else {
					got += read(t, stderr)
				}
				must(t, stdout.Close())
				must(t, stderr.Close())
			}
			if got != tt.want {
				t.Errorf("\n got %s\nwant %s", got, tt.want)
			}
		})
	}
}
