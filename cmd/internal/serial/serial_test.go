//go:build linux && !fake

package serial

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"dockerinit/core/bootlog"
	"dockerinit/core/metadata"

	"golang.org/x/sys/unix"
)

// oneKey is a store that knows sdc:brand only.
type oneKey struct{}

func (oneKey) Get(key string) (string, bool, error) { return "lx", key == "sdc:brand", nil }
func (oneKey) Put(key, value string) error          { return errors.New("read-only") }
func (oneKey) Delete(key string) error              { return errors.New("read-only") }
func (oneKey) Keys() ([]string, error)              { return []string{"sdc:brand"}, nil }

func ask(t *testing.T, dial metadata.Dial) (string, error) {
	t.Helper()
	c := metadata.New(dial, bootlog.NewLogger(), metadata.ExecContact)
	defer c.Close()
	values, err := c.Get(t.Context(), "sdc:brand")
	return values["sdc:brand"], err
}

// pty is a serial line with both ends here.
func pty(t *testing.T) (host *os.File, guest string) {
	t.Helper()
	fd, err := unix.Open("/dev/ptmx", unix.O_RDWR|unix.O_NOCTTY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	host = os.NewFile(uintptr(fd), "/dev/ptmx")
	t.Cleanup(func() { host.Close() })
	if err := unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	guest = fmt.Sprintf("/dev/pts/%d", n)
	// The other end is kept open, so that this one does not see its last close.
	keep, err := os.OpenFile(guest, os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { keep.Close() })
	return host, guest
}

func TestMetadataOverALine(t *testing.T) {
	host, guest := pty(t)
	// What somebody else's conversation has left on the line.
	if _, err := io.WriteString(host, "SUCCESS\nhalf an answer\nV2_OK\ninvalid command\n"); err != nil {
		t.Fatal(err)
	}
	var serving sync.WaitGroup
	serving.Go(func() {
		_ = (&metadata.Server{Store: oneKey{}}).Serve(t.Context(), host)
	})
	brand, err := ask(t, func(ctx context.Context) (metadata.Conn, error) { return Dial(ctx, guest) })
	if err != nil || brand != "lx" {
		t.Errorf("got %q, %v", brand, err)
	}
	host.Close()
	serving.Wait()
}

func TestIsRaw(t *testing.T) {
	_, guest := pty(t)
	conn, err := Dial(t.Context(), guest)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	var mode *unix.Termios
	raw, err := conn.(line).SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	_ = raw.Control(func(fd uintptr) { mode, err = unix.IoctlGetTermios(int(fd), unix.TCGETS) })
	if err != nil {
		t.Fatal(err)
	}
	if mode.Iflag&(unix.BRKINT|unix.ICRNL|unix.INPCK|unix.ISTRIP|unix.IXON) != 0 ||
		mode.Oflag&unix.OPOST != 0 ||
		mode.Cflag&(unix.CSIZE|unix.HUPCL) != unix.CS8 ||
		mode.Lflag&(unix.ECHO|unix.ICANON|unix.IEXTEN|unix.ISIG) != 0 ||
		mode.Cc[unix.VMIN] != 0 || mode.Cc[unix.VTIME] != 1 {
		t.Errorf("got %+v", mode)
	}
}

// lockedLine names the line that the second process of the next test locks.
const lockedLine = "DOCKERINIT_TEST_LOCKED_LINE"

// A lock is a process's, so the other client is this test in a second one.
func TestIsExclusive(t *testing.T) {
	if guest := os.Getenv(lockedLine); guest != "" {
		conn, err := Dial(t.Context(), guest)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		fmt.Println("locked")
		_, _ = io.Copy(io.Discard, os.Stdin)
		return
	}
	_, guest := pty(t)
	other := exec.Command(os.Args[0], "-test.run=^TestIsExclusive$")
	other.Env = append(os.Environ(), lockedLine+"="+guest)
	release, err := other.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := other.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := other.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil || line != "locked\n" {
		t.Fatalf("the other process says %q, %v", line, err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := Dial(ctx, guest); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("while another process has the lock: %v", err)
	}
	release.Close()
	conn, err := Dial(t.Context(), guest)
	if err != nil {
		t.Fatal(err)
	}
	conn.Close()
	if err := other.Wait(); err != nil {
		t.Error(err)
	}
}

func TestAbsent(t *testing.T) {
	_, err := Dial(t.Context(), filepath.Join(t.TempDir(), "ttyS1"))
	if !errors.Is(err, os.ErrNotExist) {
		t.Fatalf("got %v", err)
	}
	begun := time.Now()
	if _, err := ask(t, func(ctx context.Context) (metadata.Conn, error) { return Dial(ctx, "/nowhere/ttyS1") }); err == nil || time.Since(begun) > 5*time.Second {
		t.Errorf("got %v after %v", err, time.Since(begun))
	}
}
