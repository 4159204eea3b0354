//go:build linux

package process

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"

	"dockerinit/platform_fake/need"
)

// S-12: an image may have planted another directory where /proc should be.
func TestAListThatIsNotOfOurDescriptors(t *testing.T) {
	planted := t.TempDir()
	for _, name := range []string{"0", "1", "2"} {
		if err := os.WriteFile(filepath.Join(planted, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := fmt.Sprint(Posix{}.CloseOnExecIn(planted, 3)), planted+": does not list this process's descriptors"; got != want {
		t.Errorf("\n got %s\nwant %s", got, want)
	}
	fifo := filepath.Join(planted, "fifo")
	if err := unix.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := (Posix{}).CloseOnExecIn(fifo, 3); !errors.Is(err, unix.ENOTDIR) {
		t.Errorf("a FIFO: %v", err)
	}
	if err := (Posix{}).CloseOnExecIn("/proc/self/fd", 1<<20); err != nil {
		t.Error(err)
	}
}

// P2: /dev/null is everybody's, and a file becomes the user's.
func TestOwn(t *testing.T) {
	need.Root(t)
	f, err := os.Create(filepath.Join(t.TempDir(), "stdout"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := (Posix{}).Own(int(f.Fd()), 4711); err != nil {
		t.Error(err)
	}
	var st unix.Stat_t
	if err := unix.Fstat(int(f.Fd()), &st); err != nil || st.Uid != 4711 || st.Gid != 0 {
		t.Errorf("the file is of %d:%d (%v), want 4711:0", st.Uid, st.Gid, err)
	}
	null := filepath.Join(t.TempDir(), "null") // a node of our own: the machine's is not put at risk
	if err := unix.Mknod(null, unix.S_IFCHR|0o600, int(unix.Mkdev(1, 3))); err != nil {
		need.That(t, false, "to make a device: "+err.Error(), "run it where mknod is allowed")
	}
	fd, err := unix.Open(null, unix.O_PATH, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	if err := (Posix{}).Own(fd, 4711); err != nil {
		t.Error(err)
	}
	if err := unix.Stat(null, &st); err != nil || st.Uid != 0 {
		t.Errorf("/dev/null is of %d (%v), want root", st.Uid, err)
	}
}

func TestNullBlocksLikeAnyFile(t *testing.T) {
	fd, err := Posix{}.OpenNull()
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	if flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFL, 0); err != nil || flags&unix.O_NONBLOCK != 0 || flags&unix.O_ACCMODE != unix.O_RDWR {
		t.Errorf("flags %#x (%v)", flags, err)
	}
}

// The fallback for kernels without close_range, such as that of an LX zone.
func TestCloseOnExecByList(t *testing.T) {
	fd, err := unix.Open("/", unix.O_RDONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	high, err := unix.FcntlInt(uintptr(fd), unix.F_DUPFD, 200)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(high)
	if err := (Posix{}).CloseOnExecIn("/proc/self/fd", high); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ fd, want int }{{fd, 0}, {high, unix.FD_CLOEXEC}} {
		if got, err := unix.FcntlInt(uintptr(tt.fd), unix.F_GETFD, 0); err != nil || got != tt.want {
			t.Errorf("descriptor %d of %d and up: flags %d (%v), want %d", tt.fd, high, got, err, tt.want)
		}
	}
}

func TestNullIsADeviceThatGivesNothing(t *testing.T) {
	fd, err := Posix{}.OpenNull()
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	for path, want := range map[string]string{
		"/dev/zero": "a device that can be read from",
		os.Args[0]:  "not a device",
		os.DevNull:  "<nil>",
	} {
		fd, err := unix.Open(path, unix.O_RDONLY|unix.O_NONBLOCK, 0)
		if err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(isNull(fd)); got != want {
			t.Errorf("%s as /dev/null: %q, want %q", path, got, want)
		}
		unix.Close(fd)
	}
}
