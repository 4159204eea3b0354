//go:build linux

package lx

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"dockerinit/core/bootlog"
	"dockerinit/core/exit"
	"dockerinit/core/process"
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
	h.console = &console{log: slog.New(bootlog.NewText(&h.log)), zfd: dir + "/zfd", console: dir + "/console"}
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

func TestThreeStreams(t *testing.T) {
	h := newHost(t)
	in, out, errs := fifo(t, h.node(0)), fifo(t, h.node(1)), fifo(t, h.node(2))
	s, err := h.Open(context.Background(), zone.Console{OpenStdin: true})
	must(t, err)
	defer closeFiles(s)
	for _, pair := range []struct{ from, to *os.File }{{in, s.In}, {s.Out, out}, {s.Err, errs}} {
		_, err := pair.from.WriteString("through " + pair.to.Name())
		must(t, err)
		if got := read(t, pair.to); got != "through "+pair.to.Name() {
			t.Errorf("%s has %q", pair.to.Name(), got)
		}
	}
	for i, f := range []*os.File{s.In, s.Out, s.Err} {
		flags, err := unix.FcntlInt(f.Fd(), unix.F_GETFL, 0)
		must(t, err)
		inherited, err := unix.FcntlInt(f.Fd(), unix.F_GETFD, 0)
		must(t, err)
		if way := []int{unix.O_RDONLY, unix.O_WRONLY, unix.O_WRONLY}[i]; flags&(unix.O_ACCMODE|unix.O_NONBLOCK) != way || inherited != unix.FD_CLOEXEC {
			t.Errorf("%s: flags %#x and %#x, want it one-way, blocking and ours alone", f.Name(), flags, inherited)
		}
	}
	if h.log.Len() > 0 {
		t.Errorf("logged\n%s", &h.log)
	}
}

func TestStdinThatIsNotOpenIsNotTouched(t *testing.T) {
	h := newHost(t)
	fifo(t, h.node(1))
	fifo(t, h.node(2))
	s, err := h.Open(context.Background(), zone.Console{})
	must(t, err)
	defer closeFiles(s)
	if s.In != nil {
		t.Errorf("stdin is %s, want none, which is /dev/null", s.In.Name())
	}
}

func TestATerminal(t *testing.T) {
	if inOwnNamespaces(t, syscall.CLONE_NEWNS) {
		return
	}
	h := newHost(t)
	// The first terminal of a file system of one's own has the number 0.
	must(t, os.Mkdir(h.zfd, 0o755))
	must(t, unix.Mount("devpts", h.zfd, "devpts", 0, "newinstance,ptmxmode=0666"))
	defer unix.Unmount(h.zfd, unix.MNT_DETACH)
	master, err := os.OpenFile(h.zfd+"/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	must(t, err)
	defer master.Close()
	must(t, unix.IoctlSetPointerInt(int(master.Fd()), unix.TIOCSPTLCK, 0))

	h.Say("before it is open")
	s, err := h.Open(context.Background(), zone.Console{TTY: true})
	must(t, err)
	defer closeFiles(s)
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

func TestATerminalThatIsNone(t *testing.T) {
	h := newHost(t)
	fifo(t, h.node(0))
	s, err := h.Open(context.Background(), zone.Console{TTY: true})
	must(t, err)
	defer closeFiles(s)
	if want := "/zfd/0 is none: the host's zlog-mode has no t\n"; s.In == nil || s.In != s.Out || s.In != s.Err || !strings.HasSuffix(h.log.String(), want) {
		t.Errorf("T3 got %+v, logged\n%swant …%s", s, &h.log, want)
	}
}

// S-11: what an image has put in the place of a stream is not opened.
func TestWhatIsNoStreamIsRefused(t *testing.T) {
	for _, tt := range []struct {
		name string
		put  func(t *testing.T, name string) error
		want string
	}{
		{"a regular file", func(_ *testing.T, name string) error { return os.WriteFile(name, nil, 0o666) }, "52 DIR/zfd/1: a regular file, not a device"},
		{"a directory", func(_ *testing.T, name string) error { return os.Mkdir(name, 0o755) }, "52 DIR/zfd/1: a directory, not a device"},
		{"a link, even to a device", func(_ *testing.T, name string) error { return os.Symlink(os.DevNull, name) }, "52 DIR/zfd/1: a symbolic link, not a device"},
		{"a link that leads nowhere", func(_ *testing.T, name string) error { return os.Symlink("nowhere", name) }, "52 DIR/zfd/1: a symbolic link, not a device"},
		{"a socket", func(t *testing.T, name string) error {
			l, err := net.Listen("unix", name)
			if err == nil {
				t.Cleanup(func() { l.Close() })
			}
			return err
		}, "52 DIR/zfd/1: not a character device"},
		{"a link in the directory's place", func(t *testing.T, name string) error {
			zfd := filepath.Dir(name)
			fifo(t, zfd+".elsewhere/1")
			return os.Symlink(zfd+".elsewhere", zfd)
		}, "52 DIR/zfd: not a directory"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir, err := os.MkdirTemp("", "zfd") // a socket's name must be short
			must(t, err)
			defer os.RemoveAll(dir)
			h := newHost(t)
			h.zfd = dir + "/zfd"
			if !strings.HasSuffix(tt.want, "directory") {
				must(t, os.Mkdir(h.zfd, 0o755))
			}
			must(t, tt.put(t, h.node(1)))
			s, err := h.Open(context.Background(), zone.Console{})
			if got := strings.ReplaceAll(shown(err), dir, "DIR"); got != tt.want || s != (process.Stdio{}) {
				t.Errorf("%+v\n got %s\nwant %s", s, got, tt.want)
			}
		})
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
				_, err := fmt.Fprintf(fifo(t, h.node(n)), "of %d", n)
				must(t, err)
			}
			got := ""
			stdout, stderr, err := h.Tee(context.Background(), zone.Console{TTY: tt.tty})
			if err != nil {
				got = strings.ReplaceAll(shown(err), h.zfd, "ZFD")
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
