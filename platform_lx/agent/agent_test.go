//go:build linux

package agent

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"dockerinit/core/bootlog"
	"dockerinit/core/metadata"
	"dockerinit/platform_fake/need"
	"dockerinit/platform_lx/mounted"

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
	c := metadata.New(dial, bootlog.NewLogger(), metadata.ExecContact)
	defer c.Close()
	values, err := c.Get(t.Context(), "sdc:brand")
	return values["sdc:brand"], err
}

// as is who takes one more user for root.
func as(user int) func(uid int) bool {
	return func(uid int) bool { return uid == 0 || uid == user }
}

var onlyRoot = as(0)

func TestS19Trust(t *testing.T) {
	self := os.Geteuid()
	for _, test := range []struct {
		name   string
		needs  func(testing.TB)
		change func(dir string) error
		isRoot func(uid int) bool
		want   string
	}{
		{"root's directory, root's server", need.Root, nil, onlyRoot, ""},
		{"a user namespace's root", func(testing.TB) {}, nil, as(self), ""},
		{"the group can write", need.Root, func(dir string) error { return os.Chmod(dir, 0o775) }, onlyRoot, "has mode 0775"},
		{"everyone can write", need.Root, func(dir string) error { return os.Chmod(dir, 0o757) }, onlyRoot, "has mode 0757"},
		{"another user's directory", need.Root, func(dir string) error { return os.Chown(dir, 4711, 0) }, onlyRoot, "belongs to user 4711"},
		{"a link to a directory", func(testing.TB) {}, func(dir string) error {
			return errors.Join(os.Rename(dir, dir+".real"), os.Symlink(dir+".real", dir))
		}, as(self), "is not a directory"},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.needs(t)
			socket := serve(t)
			if test.change != nil {
				if err := test.change(filepath.Dir(socket)); err != nil {
					t.Fatal(err)
				}
			}
			conn, err := dialTrusted(t.Context(), socket, test.isRoot)
			if conn != nil {
				conn.Close()
			}
			if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}

func TestS19Peer(t *testing.T) {
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	conn, other := os.NewFile(uintptr(pair[0]), "a"), os.NewFile(uintptr(pair[1]), "b")
	defer conn.Close()
	defer other.Close()
	self := os.Geteuid()
	if err := checkPeer(conn, as(self)); err != nil {
		t.Errorf("the peer that counts as root: %v", err)
	}
	if err := checkPeer(conn, onlyRoot); (err == nil) != (self == 0) {
		t.Errorf("user %d serves: %v", self, err)
	}
}

func TestS19PeerIsNotRoot(t *testing.T) {
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
	if err := checkPeer(conn, onlyRoot); err == nil || !strings.Contains(err.Error(), "served by user 4711") {
		t.Errorf("got %v", err)
	}
	if err := checkPeer(conn, as(somebody)); err != nil {
		t.Errorf("the id that counts as root: %v", err)
	}
}

func TestS20StaleSocket(t *testing.T) {
	socket := filepath.Join(t.TempDir(), socketName)
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: socket})
	if err != nil {
		t.Fatal(err)
	}
	l.SetUnlinkOnClose(false)
	l.Close()
	begun := time.Now()
	_, err = DialAt(t.Context(), socket)
	if !errors.Is(err, unix.ECONNREFUSED) || time.Since(begun) > time.Minute {
		t.Errorf("got %v after %v", err, time.Since(begun))
	}
}

func TestOverSocket(t *testing.T) {
	socket := serve(t)
	brand, err := ask(t, func(ctx context.Context) (metadata.Conn, error) { return DialAt(ctx, socket) })
	if err != nil || brand != "lx" {
		t.Errorf("got %q, %v", brand, err)
	}
}

func TestSocketIsNotInherited(t *testing.T) {
	conn, err := DialAt(t.Context(), serve(t))
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

func TestSocketOrder(t *testing.T) {
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

func TestPlantedSocketHidesNoOther(t *testing.T) {
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
			return dialTrusted(t.Context(), path, as(os.Geteuid()))
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

func TestOverflowUser(t *testing.T) {
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

func TestMount(t *testing.T) {
	if !mounted.On("/proc") {
		t.Error("/proc is not taken for a mount")
	}
	dir := filepath.Join(t.TempDir(), "sub")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if mounted.On(dir) || mounted.On(filepath.Join(dir, "absent")) {
		t.Error("a plain or absent directory is taken for a mount")
	}
}
