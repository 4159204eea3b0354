package image

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func TestResolve(t *testing.T) {
	long := strings.Repeat("d/", maxDepth)
	for _, test := range []struct {
		name  string
		image []string
		path  string
		want  string
	}{
		{"a plain name", []string{"file etc/passwd x"}, "/etc/passwd", "/etc/passwd"},
		{"names start at the root with and without a slash", []string{"file etc/passwd x"}, "etc/passwd", "/etc/passwd"},
		{"the root", nil, "/", "/"},
		{"a directory with a slash", []string{"dir etc"}, "/etc/", "/etc"},
		{"slashes and dots", []string{"file etc/passwd x"}, "//etc/././/passwd", "/etc/passwd"},
		{"a relative link", []string{"file etc/a x", "link etc/b a"}, "/etc/b", "/etc/a"},
		{"an absolute link is the image's own", []string{"link usr/bin/vi /etc/alternatives/vi", "link etc/alternatives/vi /usr/bin/vim", "file usr/bin/vim x"}, "/usr/bin/vi", "/usr/bin/vim"},
		{"a linked directory on the way", []string{"link bin usr/bin", "file usr/bin/sh x"}, "/bin/sh", "/usr/bin/sh"},
		{"dot-dot after a link is the parent of its target", []string{"link a /x/y", "file x/f x", "dir x/y"}, "/a/../f", "/x/f"},
		{"dot-dot ends at the root", []string{"file etc/passwd x"}, "/../../../etc/passwd", "/etc/passwd"},
		{"a link's dot-dot ends at the root", []string{"link a/b ../../../../../etc/passwd", "file etc/passwd x"}, "/a/b", "/etc/passwd"},
		{"S-9: a link beside the root is not reached", []string{"link a ../outside"}, "/a", "resolve /a: no such file or directory"},
		{"a link to the root", []string{"link a /", "dir b"}, "/a/b", "/b"},
		{"a link with a slash wants a directory", []string{"link a b/", "file b x"}, "/a", "resolve /a: /b is not a directory"},
		{"a file with a slash", []string{"file b x"}, "/b/", "resolve /b/: /b is not a directory"},
		{"a file on the way", []string{"file b x"}, "/b/c", "resolve /b/c: /b is not a directory"},
		{"a file before dot-dot", []string{"file b x"}, "/b/../b", "resolve /b/../b: /b is not a directory"},
		{"nothing there", nil, "/a", "resolve /a: no such file or directory"},
		{"a dangling link", []string{"link a b"}, "/a", "resolve /a: no such file or directory"},
		{"a link to itself", []string{"link a a"}, "/a", "resolve /a: too many levels of symbolic links"},
		{"S-9: links in a circle", []string{"link a /b/x", "link b /a/x"}, "/a", "resolve /a: too many levels of symbolic links"},
		{"40 links", append(chain(40, "f"), "file f x"), "/l1", "/f"},
		{"41 links", append(chain(41, "f"), "file f x"), "/l1", "resolve /l1: too many levels of symbolic links"},
		{"no name", nil, "", "resolve : no such file or directory"},
		{"S-14: a NUL byte", nil, "a\x00b", "resolve a\x00b: invalid argument"},
		{"as deep as it goes", []string{"file " + long + "f x"}, long + "f", "/" + long + "f"},
		{"too deep", []string{"file " + long + "d/f x"}, long + "d/f", "resolve " + long + "d/f: file name too long"},
		{"too many parts", []string{"dir a"}, strings.Repeat("a/../", maxSteps), "resolve " + strings.Repeat("a/../", maxSteps) + ": file name too long"},
		{"too many parts of links", []string{"link a " + strings.Repeat("./", maxSteps/3)}, "/a/a/a/a", "resolve /a/a/a/a: file name too long"},
		{"a FIFO has a path as well", []string{"fifo a"}, "/a", "/a"},
		{"S-4: a FIFO on the way", []string{"fifo a"}, "/a/b", "resolve /a/b: /a is not a directory"},
	} {
		t.Run(test.name, func(t *testing.T) {
			root, _ := plant(t, test.image...)
			soon(t, func() {
				if got := outcome(root.Resolve(test.path)); got != test.want {
					t.Errorf("\ngot  %s\nwant %s", got, test.want)
				}
			})
		})
	}
}

func TestStatFollowsAndLstatDoesNot(t *testing.T) {
	root, _ := plant(t, "file f 12345", "link l /f", "link d /x", "link x/l ../f")
	for _, test := range []struct {
		path        string
		stat, lstat fs.FileMode // type bits
	}{
		{"/f", 0, 0},
		{"/l", 0, fs.ModeSymlink},
		{"/d", fs.ModeDir, fs.ModeSymlink},
		{"/d/", fs.ModeDir, fs.ModeDir},
		{"/d/l", 0, fs.ModeSymlink},
		{"/", fs.ModeDir, fs.ModeDir},
	} {
		stat, err1 := root.Stat(test.path)
		lstat, err2 := root.Lstat(test.path)
		if err1 != nil || err2 != nil {
			t.Errorf("%s: %v, %v", test.path, err1, err2)
			continue
		}
		if stat.Mode().Type() != test.stat || lstat.Mode().Type() != test.lstat {
			t.Errorf("%s: stat is %v and lstat %v, want %v and %v", test.path, stat.Mode().Type(), lstat.Mode().Type(), test.stat, test.lstat)
		}
	}
	if _, err := root.Stat("/nothing"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Stat of nothing: %v", err)
	}
}

// The short way of the root "/" and the walk must see the same.
func TestStatOfTheSystemsRoot(t *testing.T) {
	root, err := Open("/")
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	_, dir := plant(t, "file f x", "link l f", "link up ../../../../../../../../../../../../../etc", "link loop loop", "link none x", "file d/f x", "link dd d")
	for _, name := range []string{"f", "l", "l/", "f/x", "up", "loop", "none", "nothing/x", "dd/f", "dd/../l", "dd/"} {
		name = dir + "/" + name
		short, err := root.Stat(name)
		long, lerr := root.look("stat", name, true)
		if (err == nil) != (lerr == nil) || err == nil && !os.SameFile(short, long) {
			t.Errorf("%s: the kernel says %v, the walk %v", name, err, lerr)
		}
		for _, kind := range []error{fs.ErrNotExist, syscall.ENOTDIR, syscall.ELOOP} {
			if errors.Is(err, kind) != errors.Is(lerr, kind) {
				t.Errorf("%s: the kernel says %v, the walk %v", name, err, lerr)
			}
		}
	}
	if _, err := root.Stat(""); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no name: %v", err)
	}
}

func TestOpenRoot(t *testing.T) {
	_, dir := plant(t, "file f x", "fifo p", "dir d", "link l d")
	for name, want := range map[string]string{
		"d": "", "l": "", "l/": "",
		"f": "open " + dir + "/f: not a directory",
		"p": "open " + dir + "/p: not a directory",
		"x": "open " + dir + "/x: no such file or directory",
	} {
		soon(t, func() {
			root, err := Open(dir + "/" + name)
			if got := outcome("", err); got != want {
				t.Errorf("%s: got %s, want %s", name, got, want)
			}
			if err != nil {
				return
			}
			if root.Name() != filepath.Join(dir, name) {
				t.Errorf("its name is %s", root.Name())
			}
			if err := errors.Join(root.Close(), root.Close()); err != nil {
				t.Errorf("closed twice: %v", err)
			}
			if _, err := root.Lstat("/"); !errors.Is(err, fs.ErrClosed) {
				t.Errorf("used after it was closed: %v", err)
			}
		})
	}
}

// Whoever looks at an image does so again and again, in a process that stays.
func TestNoDescriptorIsLeft(t *testing.T) {
	root, _ := plant(t, "file a/b/f 12345", "fifo a/b/p", "link l a/b")
	for name, do := range map[string]func() error{
		"Stat":            func() error { _, err := root.Stat("/l/f"); return err },
		"Resolve":         func() error { _, err := root.Resolve("/l/f"); return err },
		"ReadFile":        func() error { _, err := root.ReadFile("/l/f", 5); return err },
		"too large":       func() error { _, err := root.ReadFile("/l/f", 4); return want(err, ErrTooLarge) },
		"not regular":     func() error { _, err := root.ReadFile("/l/p", 5); return want(err, ErrNotRegular) },
		"not there":       func() error { _, err := root.Stat("/l/x"); return want(err, fs.ErrNotExist) },
		"MkdirAll":        func() error { _, err := root.MkdirAll("/a/b/c/d", 0o755); return err },
		"WriteFile":       func() error { return root.WriteFile("/a/b/w", nil, 0o644) },
		"EnsureSymlink":   func() error { _, err := root.EnsureSymlink("/a/b/s", "f"); return err },
		"through a link":  func() error { return want(root.WriteFile("/l/w", nil, 0o644), ErrLink) },
		"Rename":          func() error { return want(root.Rename("/a/b", "x", "y"), fs.ErrNotExist) },
		"CreateLog":       func() error { f, err := root.CreateLog("/a/b/log"); return errors.Join(err, f.Close()) },
		"no place for it": func() error { _, err := root.CreateLog("/a/b"); return want(err, syscall.EISDIR) },
	} {
		before := descriptors()
		if err := do(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if after := descriptors(); after != before {
			t.Errorf("%s: %d descriptors are open, %d were", name, after, before)
		}
	}
}

// want is nil for the one error that is to come.
func want(err, kind error) error {
	if errors.Is(err, kind) {
		return nil
	}
	return fmt.Errorf("%v, want %v", err, kind)
}

// descriptors is how many of them are open.
func descriptors() (n int) {
	for fd := range 256 {
		if syscall.Fstat(fd, new(syscall.Stat_t)) == nil {
			n++
		}
	}
	return n
}

func TestOwner(t *testing.T) {
	root, _ := plant(t, "file f x", "hard f g")
	info, err := root.Stat("/f")
	if err != nil {
		t.Fatal(err)
	}
	uid, gid, links, ok := Owner(info)
	if !ok || int(uid) != os.Geteuid() || links != 2 {
		t.Errorf("got %d %d %d %v, want us, with two names", uid, gid, links, ok)
	}
}
