//go:build linux

package lx

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"dockerinit/core/metadata"
	"dockerinit/platform_fake/need"

	"golang.org/x/sys/unix"
)

// oneKey is a store that knows sdc:brand only.
type oneKey struct{}

func (oneKey) Get(key string) (string, bool, error) { return "lx", key == "sdc:brand", nil }
func (oneKey) Put(key, value string) error          { return errors.New("read-only") }
func (oneKey) Delete(key string) error              { return errors.New("read-only") }
func (oneKey) Keys() ([]string, error)              { return []string{"sdc:brand"}, nil }

// serve plays the host on a socket in a directory of its own.
func serve(t *testing.T) (socket string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), ".zonecontrol")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("unix", filepath.Join(dir, socketName))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var serving sync.WaitGroup
	serving.Go(func() { _ = metadata.ServeListener(ctx, &metadata.Server{Store: oneKey{}}, l) })
	t.Cleanup(func() { cancel(); serving.Wait() })
	return filepath.Join(dir, socketName)
}

func ask(t *testing.T, dial metadata.Dial) (string, error) {
	t.Helper()
	c := metadata.New(dial, slog.New(slog.DiscardHandler), metadata.ExecContact)
	defer c.Close()
	values, err := c.Get(t.Context(), "sdc:brand")
	return values["sdc:brand"], err
}

func TestMetadataS19Trust(t *testing.T) {
	self := os.Geteuid()
	for _, test := range []struct {
		name   string
		needs  func(testing.TB)
		change func(dir string) error
		alias  int
		want   string
	}{
		{"root's directory, root's server", need.Root, nil, nobodyElse, ""},
		{"a user namespace's root", func(testing.TB) {}, nil, self, ""},
		{"the group can write", need.Root, func(dir string) error { return os.Chmod(dir, 0o775) }, nobodyElse, "has mode 0775"},
		{"everyone can write", need.Root, func(dir string) error { return os.Chmod(dir, 0o757) }, nobodyElse, "has mode 0757"},
		{"another user's directory", need.Root, func(dir string) error { return os.Chown(dir, 4711, 0) }, nobodyElse, "belongs to user 4711"},
		{"a link to a directory", func(testing.TB) {}, func(dir string) error {
			return errors.Join(os.Rename(dir, dir+".real"), os.Symlink(dir+".real", dir))
		}, self, "is not a directory"},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.needs(t)
			socket := serve(t)
			if test.change != nil {
				if err := test.change(filepath.Dir(socket)); err != nil {
					t.Fatal(err)
				}
			}
			conn, err := dialTrusted(t.Context(), socket, test.alias)
			if conn != nil {
				conn.Close()
			}
			if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}

func TestMetadataS19Peer(t *testing.T) {
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	conn, other := os.NewFile(uintptr(pair[0]), "a"), os.NewFile(uintptr(pair[1]), "b")
	defer conn.Close()
	defer other.Close()
	self := os.Geteuid()
	if err := checkPeer(conn, self); err != nil {
		t.Errorf("the peer that counts as root: %v", err)
	}
	if err := checkPeer(conn, nobodyElse); (err == nil) != (self == 0) {
		t.Errorf("user %d serves: %v", self, err)
	}
}

func TestMetadataS19PeerIsNotRoot(t *testing.T) {
	need.Root(t)
	const somebody, same = 4711, ^uintptr(0)
	// The raw call changes this thread only, whose user the socket remembers.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if _, _, errno := unix.RawSyscall(unix.SYS_SETRESUID, same, somebody, same); errno != 0 {
		t.Fatal(errno)
	}
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	if _, _, errno := unix.RawSyscall(unix.SYS_SETRESUID, same, 0, same); errno != 0 {
		panic(errno) // this thread must not go on as somebody else
	}
	if err != nil {
		t.Fatal(err)
	}
	conn, other := os.NewFile(uintptr(pair[0]), "a"), os.NewFile(uintptr(pair[1]), "b")
	defer conn.Close()
	defer other.Close()
	if err := checkPeer(conn, nobodyElse); err == nil || !strings.Contains(err.Error(), "served by user 4711") {
		t.Errorf("got %v", err)
	}
	if err := checkPeer(conn, somebody); err != nil {
		t.Errorf("the id that counts as root: %v", err)
	}
}

func TestMetadataS20StaleSocket(t *testing.T) {
	socket := filepath.Join(t.TempDir(), socketName)
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: socket})
	if err != nil {
		t.Fatal(err)
	}
	l.SetUnlinkOnClose(false)
	l.Close()
	begun := time.Now()
	_, err = DialMetadataAt(t.Context(), socket)
	if !errors.Is(err, unix.ECONNREFUSED) || time.Since(begun) > 5*time.Second {
		t.Errorf("got %v after %v", err, time.Since(begun))
	}
}

func TestMetadataOverSocket(t *testing.T) {
	socket := serve(t)
	brand, err := ask(t, func(ctx context.Context) (metadata.Conn, error) { return DialMetadataAt(ctx, socket) })
	if err != nil || brand != "lx" {
		t.Errorf("got %q, %v", brand, err)
	}
}

func TestMetadataSocketIsNotInherited(t *testing.T) {
	conn, err := dialSocket(t.Context(), serve(t))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	raw, err := conn.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	_ = raw.Control(func(fd uintptr) {
		if flags, err := unix.FcntlInt(fd, unix.F_GETFD, 0); err != nil || flags&unix.FD_CLOEXEC == 0 {
			t.Errorf("flags %x, %v", flags, err)
		}
	})
}

func TestMetadataSocketOrder(t *testing.T) {
	for _, test := range []struct {
		name          string
		nativeIsMount bool
		want          string
	}{
		{"an LX zone", true, "/native/.zonecontrol/metadata.sock /.zonecontrol/metadata.sock /var/run/smartdc/metadata.sock"},
		{"/native may be planted", false, "/.zonecontrol/metadata.sock /native/.zonecontrol/metadata.sock /var/run/smartdc/metadata.sock"},
	} {
		if got := strings.Join(socketPaths(test.nativeIsMount), " "); got != test.want {
			t.Errorf("%s\n got %s\nwant %s", test.name, got, test.want)
		}
	}
}

func TestMetadataPlantedSocketHidesNoOther(t *testing.T) {
	real := serve(t)
	planted := serve(t)
	if err := os.Chmod(filepath.Dir(planted), 0o777); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(t.TempDir(), "link.sock")
	if err := os.Symlink(real, link); err != nil {
		t.Fatal(err)
	}
	var tried []string
	dial := func(paths ...string) (metadata.Conn, error) {
		return metadata.Sockets(paths, func(path string) (metadata.Conn, error) {
			tried = append(tried, path)
			return dialTrusted(t.Context(), path, os.Geteuid())
		})
	}
	conn, err := dial(filepath.Join(t.TempDir(), "absent"), link, planted, real)
	if err != nil {
		t.Fatal(err)
	}
	conn.Close()
	if want := []string{planted, real}; fmt.Sprint(tried) != fmt.Sprint(want) {
		t.Errorf("tried %q, want %q", tried, want)
	}
	if _, err := dial(link, planted); err == nil || !strings.Contains(err.Error(), "not a socket") || !strings.Contains(err.Error(), "not trusted") {
		t.Errorf("got %v", err)
	}
}

func TestMetadataOverflowUser(t *testing.T) {
	for _, test := range []struct {
		name, mapping string
		want          bool
	}{
		{"the machine itself", "         0          0 4294967295\n", false},
		{"a namespace of one user", "         0       1000          1\n", true},
		{"a namespace that has that user too", "0 100000 65536\n", false},
		{"in the second line", "0 1000 1\n1 100000 65535\n", false},
		{"two lines without", "0 1000 1\n1 100000 1000\n", true},
		{"no namespace yet", "", false},
		{"no mapping", "garbage\n", false},
	} {
		if got := isUnmapped(65534, test.mapping); got != test.want {
			t.Errorf("%s: got %v", test.name, got)
		}
	}
}

func TestMetadataMount(t *testing.T) {
	if !isMount("/proc") {
		t.Error("/proc is not taken for a mount")
	}
	dir := filepath.Join(t.TempDir(), "sub")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if isMount(dir) || isMount(filepath.Join(dir, "absent")) {
		t.Error("a plain or absent directory is taken for a mount")
	}
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

func TestMetadataOverSerialLine(t *testing.T) {
	host, guest := pty(t)
	// What somebody else's conversation has left on the line.
	if _, err := io.WriteString(host, "SUCCESS\nhalf an answer\nV2_OK\ninvalid command\n"); err != nil {
		t.Fatal(err)
	}
	var serving sync.WaitGroup
	serving.Go(func() {
		_ = (&metadata.Server{Store: oneKey{}}).Serve(t.Context(), host)
	})
	brand, err := ask(t, func(ctx context.Context) (metadata.Conn, error) { return DialMetadataAt(ctx, guest) })
	if err != nil || brand != "lx" {
		t.Errorf("got %q, %v", brand, err)
	}
	host.Close()
	serving.Wait()
}

func TestMetadataSerialIsRaw(t *testing.T) {
	_, guest := pty(t)
	conn, err := dialSerial(t.Context(), guest)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	var mode *unix.Termios
	raw, err := conn.(serialLine).SyscallConn()
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
func TestMetadataSerialIsExclusive(t *testing.T) {
	if guest := os.Getenv(lockedLine); guest != "" {
		conn, err := dialSerial(t.Context(), guest)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		fmt.Println("locked")
		_, _ = io.Copy(io.Discard, os.Stdin)
		return
	}
	_, guest := pty(t)
	other := exec.Command(os.Args[0], "-test.run=^TestMetadataSerialIsExclusive$")
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
	if _, err := dialSerial(ctx, guest); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("while another process has the lock: %v", err)
	}
	release.Close()
	conn, err := dialSerial(t.Context(), guest)
	if err != nil {
		t.Fatal(err)
	}
	conn.Close()
	if err := other.Wait(); err != nil {
		t.Error(err)
	}
}

func TestMetadataSerialAbsent(t *testing.T) {
	_, err := dialSerial(t.Context(), filepath.Join(t.TempDir(), "ttyS1"))
	if !errors.Is(err, os.ErrNotExist) {
		t.Fatalf("got %v", err)
	}
	begun := time.Now()
	if _, err := ask(t, func(ctx context.Context) (metadata.Conn, error) { return dialSerial(ctx, "/nowhere/ttyS1") }); err == nil || time.Since(begun) > 5*time.Second {
		t.Errorf("got %v after %v", err, time.Since(begun))
	}
}
