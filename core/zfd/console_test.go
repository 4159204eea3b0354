//go:build linux

package zfd

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"dockerinit/core/bootlog"
	"dockerinit/core/exit"
	"dockerinit/core/process"
	"dockerinit/core/zone"
)

// A hostSide is the other side of a console, whose streams are FIFOs.
type hostSide struct {
	*Console
	log strings.Builder
}

func newHost(t *testing.T) *hostSide {
	dir := t.TempDir()
	h := &hostSide{}
	h.Console = &Console{Dir: dir + "/zfd", Own: dir + "/console", Log: bootlog.NewLogger(bootlog.NewText(&h.log)),
		IsTerminal: func(int) bool { return false }, Nap: nap, FIFOs: true}
	return h
}

// nap takes none of a test's time, as one of a kernel's takes none that a timer
// knows of.
func nap(time.Duration) {}

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
	must(t, syscall.Mkfifo(name, 0o600))
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

// shown is an error with its code, as one text.
func shown(err error) string { return fmt.Sprintf("%d %v", exit.CodeOf(err), err) }

func TestThreeStreams(t *testing.T) {
	h := newHost(t)
	in, out, errs := fifo(t, h.Node(0)), fifo(t, h.Node(1)), fifo(t, h.Node(2))
	s, err := h.Open(context.Background(), zone.Console{OpenStdin: true})
	must(t, err)
	defer s.Close()
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
	fifo(t, h.Node(1))
	fifo(t, h.Node(2))
	s, err := h.Open(context.Background(), zone.Console{})
	must(t, err)
	defer s.Close()
	if s.In != nil {
		t.Errorf("stdin is %s, want none, which is /dev/null", s.In.Name())
	}
}

func TestATerminalThatIsNone(t *testing.T) {
	h := newHost(t)
	fifo(t, h.Node(0))
	s, err := h.Open(context.Background(), zone.Console{TTY: true})
	must(t, err)
	defer s.Close()
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
			h.Dir = dir + "/zfd"
			if !strings.HasSuffix(tt.want, "directory") {
				must(t, os.Mkdir(h.Dir, 0o755))
			}
			must(t, tt.put(t, h.Node(1)))
			s, err := h.Open(context.Background(), zone.Console{})
			if got := strings.ReplaceAll(shown(err), dir, "DIR"); got != tt.want || s != (process.Stdio{}) {
				t.Errorf("%+v\n got %s\nwant %s", s, got, tt.want)
			}
		})
	}
}

// Whichever stream is refused, those before it are not left open.
func TestOneOfThreeStreamsIsRefused(t *testing.T) {
	for refused := range 3 {
		h := newHost(t)
		for n := range 3 {
			if n == refused {
				must(t, os.MkdirAll(h.Node(n), 0o755))
			} else {
				fifo(t, h.Node(n))
			}
		}
		before := ours(t, h.Dir)
		s, err := h.Open(context.Background(), zone.Console{OpenStdin: true})
		if got, want := h.named(shown(err)), fmt.Sprintf("52 ZFD/%d: a directory, not a device", refused); got != want || s != (process.Stdio{}) {
			t.Errorf("%+v\n got %s\nwant %s", s, got, want)
		}
		if after := ours(t, h.Dir); after != before {
			t.Errorf("%d streams are open, %d were", after, before)
		}
	}
}

// ours is how many descriptors of this process lead below dir.
func ours(t *testing.T, dir string) (n int) {
	t.Helper()
	all, err := filepath.Glob("/proc/self/fd/*")
	must(t, err)
	for _, fd := range all {
		if to, err := os.Readlink(fd); err == nil && strings.HasPrefix(to, dir+"/") {
			n++
		}
	}
	return n
}

// A zone that is not simulated has devices alone.
func TestAFIFOInADevicesPlaceIsRefused(t *testing.T) {
	h := newHost(t)
	h.FIFOs = false
	fifo(t, h.Node(1))
	_, err := h.Open(context.Background(), zone.Console{})
	if got := h.named(shown(err)); got != "52 ZFD/1: not a character device" {
		t.Errorf("got %s", got)
	}
}
