package image

import (
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// plant makes an image from one line a thing:
//
//	dir etc             file etc/passwd TEXT      link etc/mtab /proc/mounts
//	fifo etc/group      socket run/sock           hard OLD NEW
//
// Beside its root lies "outside", which nothing may ever touch.
func plant(t testing.TB, lines ...string) (root *Root, dir string) {
	t.Helper()
	top := t.TempDir()
	dir = filepath.Join(top, "root")
	for _, d := range []string{dir, filepath.Join(top, "outside")} {
		if err := os.Mkdir(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for _, line := range lines {
		kind, rest, _ := strings.Cut(line, " ")
		name, text, _ := strings.Cut(rest, " ")
		if err := plantOne(kind, dir, name, text); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
	}
	root, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { root.Close() })
	return root, dir
}

func plantOne(kind, dir, name, text string) error {
	path := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	switch kind {
	case "dir":
		return os.MkdirAll(path, 0o755)
	case "file":
		return os.WriteFile(path, []byte(text), 0o644)
	case "link":
		return os.Symlink(text, path)
	case "hard":
		return os.Link(path, filepath.Join(dir, text))
	case "fifo":
		return syscall.Mknod(path, syscall.S_IFIFO|0o644, 0)
	case "socket":
		// A socket's path is short; the directory of a test may not be.
		l, err := net.ListenUnix("unix", &net.UnixAddr{Name: filepath.Join(os.TempDir(), fmt.Sprintf("s%d", os.Getpid())), Net: "unix"})
		if err != nil {
			return err
		}
		l.SetUnlinkOnClose(false)
		defer l.Close()
		return os.Rename(l.Addr().String(), path)
	}
	return fmt.Errorf("%q is not a kind of file", kind)
}

// tree is all that is in the image, one line a thing.
func tree(t testing.TB, dir string) string {
	t.Helper()
	var b strings.Builder
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || path == dir {
			return err
		}
		name := strings.TrimPrefix(path, dir)
		info, err := d.Info()
		if err != nil {
			return err
		}
		switch mode := info.Mode(); {
		case mode.IsDir():
			fmt.Fprintf(&b, "dir %s %o\n", name, mode.Perm())
		case mode.IsRegular():
			text, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			fmt.Fprintf(&b, "file %s %o %s\n", name, mode.Perm(), text)
		case mode&fs.ModeSymlink != 0:
			target, err := os.Readlink(path)
			if err != nil {
				return err
			}
			fmt.Fprintf(&b, "link %s %s\n", name, target)
		default:
			fmt.Fprintf(&b, "%s %s\n", kind(mode), name)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// untouched fails where something came into the directory beside the root.
func untouched(t testing.TB, dir string) {
	t.Helper()
	if got := tree(t, filepath.Join(filepath.Dir(dir), "outside")); got != "" {
		t.Errorf("outside of the root there is now\n%s", got)
	}
}

// soon fails the test where do hangs.
func soon(t testing.TB, do func()) {
	t.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		do()
	}()
	select {
	case <-done:
	case <-time.After(time.Minute):
		t.Fatal("it hangs")
	}
}

// outcome is a result or the error, as one text.
func outcome(result string, err error) string {
	if err != nil {
		return err.Error()
	}
	return result
}

// chain is n links, the last of which leads to target: /l1 → /l2 → … → target.
func chain(n int, target string) (lines []string) {
	for i := 1; i < n; i++ {
		lines = append(lines, fmt.Sprintf("link l%d l%d", i, i+1))
	}
	return append(lines, fmt.Sprintf("link l%d %s", n, target))
}
