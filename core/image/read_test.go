package image

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"dockerinit/platform_fake/need"
)

func TestReadFile(t *testing.T) {
	for _, test := range []struct {
		name  string
		image []string
		want  string
	}{
		{"a file", []string{"file f hello"}, "hello"},
		{"through links", []string{"link f /a/b", "link a c", "file c/b hello"}, "hello"},
		{"an empty file", []string{"file f"}, ""},
		{"exactly the limit", []string{"file f 1234567890"}, "1234567890"},
		{"S-5: one byte more", []string{"file f 1234567890x"}, "read /f: too large"},
		{"nothing there", nil, "open /f: no such file or directory"},
		{"S-4: a FIFO", []string{"fifo f"}, "open /f: is a FIFO, not a regular file"},
		{"S-4: a link to a FIFO", []string{"link f p", "fifo p"}, "open /f: is a FIFO, not a regular file"},
		{"S-4: a socket", []string{"socket f"}, "open /f: is a socket, not a regular file"},
		{"S-4: a directory", []string{"dir f"}, "open /f: is a directory, not a regular file"},
		{"a loop", []string{"link f f"}, "open /f: too many levels of symbolic links"},
		{"U17: a link out of the root", []string{"link f ../outside/f"}, "open /f: no such file or directory"},
	} {
		t.Run(test.name, func(t *testing.T) {
			root, _ := plant(t, test.image...)
			soon(t, func() {
				b, err := root.ReadFile("/f", 10)
				if got := outcome(string(b), err); got != test.want {
					t.Errorf("\ngot  %s\nwant %s", got, test.want)
				}
				if refused := strings.Contains(test.want, "not a regular file"); refused != errors.Is(err, ErrNotRegular) {
					t.Errorf("is it ErrNotRegular? %v", err)
				}
				if large := strings.Contains(test.want, "too large"); large != errors.Is(err, ErrTooLarge) {
					t.Errorf("is it ErrTooLarge? %v", err)
				}
			})
		})
	}
}

func TestReadFileOfTheSystem(t *testing.T) {
	need.System(t, "linux")
	root, err := Open("/")
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	_, dir := plant(t, "link cwd /proc/self/cwd/f", "link up ../../../../../../../../../../proc/self/fd/0", "link mounts /proc/mounts")
	for _, test := range []struct{ name, path, want string }{
		{"S-4: an endless device", "/dev/zero", "open /dev/zero: is a device, not a regular file"},
		{"S-4: a terminal", "/dev/tty", "open /dev/tty: is a device, not a regular file"},
		{"S-9: an open file", "/proc/self/fd/0", "open /proc/self/fd/0: leads through a link of /proc that has no path"},
		{"S-9: by another name", "/dev/stdin", "open /dev/stdin: leads through a link of /proc that has no path"},
		{"S-9: a process's root", "/proc/self/root/etc/passwd", "open /proc/self/root/etc/passwd: leads through a link of /proc that has no path"},
		{"S-9: a process's program", "/proc/self/exe", "open /proc/self/exe: leads through a link of /proc that has no path"},
		{"S-9: a link of the image to a process's directory", dir + "/cwd", "open " + dir + "/cwd: leads through a link of /proc that has no path"},
		{"S-9: a relative link to an open file", dir + "/up", "open " + dir + "/up: leads through a link of /proc that has no path"},
		{"/proc/self is an ordinary link", "/proc/self/stat", ""},
		{"/proc/mounts is one", dir + "/mounts", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			soon(t, func() {
				b, err := root.ReadFile(test.path, 1<<20)
				if got := outcome("", err); got != test.want {
					t.Errorf("\ngot  %s\nwant %s", got, test.want)
				}
				if err == nil && len(b) == 0 {
					t.Error("a file of /proc, whose size is 0, was read as empty")
				}
			})
		})
	}
}

// What the kernel makes up has the size 0, and is bounded all the same.
func TestReadFileS5WithoutASize(t *testing.T) {
	need.System(t, "linux")
	root, err := Open("/")
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	if b, err := root.ReadFile("/proc/self/status", 10); !errors.Is(err, ErrTooLarge) {
		t.Errorf("%d bytes were read, %v", len(b), err)
	}
}

// On illumos what a link of /proc leads to is shown in its place; in an LX zone
// the native /proc is under /native.
func TestS9LinksOfProcThatAreNotShownAsLinks(t *testing.T) {
	root, _ := plant(t, "file proc/1/fd/3/f x", "file proc/1/root/f x", "file proc/1/cwd/f x", "file proc/fd/f x",
		"file native/proc/1/fd/3/f x", "file native/proc/1/root/f x", "file native/proc/fd/f x", "file srv/proc/1/root/f x")
	for name, magic := range map[string]bool{
		"/proc/1/fd/3/f": true, "/proc/1/root/f": true, "/proc/1/cwd/f": true, "/proc/fd/f": false,
		"/native/proc/1/fd/3/f": true, "/native/proc/1/root/f": true, "/native/proc/fd/f": false, "/srv/proc/1/root/f": false,
	} {
		if _, err := root.ReadFile(name, 10); errors.Is(err, ErrMagicLink) != magic || !magic && err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := root.MkdirAll(path.Dir(name)+"/made", 0o755); errors.Is(err, ErrMagicLink) != magic || !magic && err != nil {
			t.Errorf("make a directory beside %s: %v", name, err)
		}
	}
}

func TestReadFileS5HugeSparse(t *testing.T) {
	root, dir := plant(t, "file f")
	if err := os.Truncate(filepath.Join(dir, "f"), 20<<30); err != nil {
		t.Fatal(err)
	}
	soon(t, func() {
		if _, err := root.ReadFile("/f", 10<<20); !errors.Is(err, ErrTooLarge) {
			t.Errorf("got %v", err)
		}
	})
}

// A file that grows while it is read ends at the limit, or is too large.
func TestReadFileS5Growing(t *testing.T) {
	const limit = 1 << 16
	root, dir := plant(t, "file f")
	stop := make(chan struct{})
	var writer sync.WaitGroup
	writer.Go(func() {
		f, err := os.OpenFile(filepath.Join(dir, "f"), os.O_WRONLY|os.O_APPEND, 0)
		if err != nil {
			t.Error(err)
			return
		}
		defer f.Close()
		for size := 0; size < 4<<20; size += 512 {
			select {
			case <-stop:
				return
			default:
				if _, err := f.Write(make([]byte, 512)); err != nil {
					t.Error(err)
					return
				}
			}
		}
	})
	for {
		b, err := root.ReadFile("/f", limit)
		if len(b) > limit || err != nil && !errors.Is(err, ErrTooLarge) {
			t.Errorf("%d bytes, %v", len(b), err)
		}
		if err != nil {
			break
		}
	}
	close(stop)
	writer.Wait()
}

// A program that changes /etc/passwd writes a new file and renames it. Whoever
// reads meanwhile gets one of the two.
func TestReadFileBeingReplaced(t *testing.T) {
	root, dir := plant(t, "file f old")
	stop := make(chan struct{})
	var writer sync.WaitGroup
	writer.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
			}
			err := os.WriteFile(filepath.Join(dir, "new"), []byte("new"), 0o644)
			if err = errors.Join(err, os.Rename(filepath.Join(dir, "new"), filepath.Join(dir, "f"))); err != nil {
				t.Error(err)
				return
			}
		}
	})
	for range 3000 {
		if b, err := root.ReadFile("/f", 10); err != nil || string(b) != "old" && string(b) != "new" {
			t.Errorf("%q, %v", b, err)
			break
		}
	}
	close(stop)
	writer.Wait()
}

func TestOpenAsOrdinaryUser(t *testing.T) {
	root, dir := plant(t, "file f secret", "file d/g secret")
	for _, name := range []string{"f", "d"} {
		if err := os.Chmod(filepath.Join(dir, name), 0); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() { os.Chmod(filepath.Join(dir, "d"), 0o755) }) // or it could not be removed
	asOrdinaryUser(t, func() {
		for _, name := range []string{"/f", "/d/g"} {
			if _, err := root.Open(name); !errors.Is(err, fs.ErrPermission) {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

func BenchmarkReadFile(b *testing.B) {
	root, _ := plant(b, "file etc/passwd root:x:0:0:root:/root:/bin/sh")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := root.ReadFile("/etc/passwd", 1<<20); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkStat(b *testing.B) {
	root, dir := plant(b, "file usr/local/bin/true x")
	system, err := Open("/")
	if err != nil {
		b.Fatal(err)
	}
	for _, bench := range []struct {
		name, path string
		root       *Root
	}{
		{"walk", "/usr/local/bin/true", root},
		{"kernel", dir + "/usr/local/bin/true", system},
	} {
		b.Run(bench.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := bench.root.Stat(bench.path); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
