package image

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"dockerinit/platform_fake/need"
)

// S-37: a file system that is full or read-only is an error with its own text,
// and leaves nothing half made.
func TestS37FullAndReadOnly(t *testing.T) {
	need.Root(t)
	if os.Getenv("DOCKERINIT_OWN_MOUNTS") == "" {
		inOwnMounts(t)
		return
	}
	dir := t.TempDir()
	mount := func(flags uintptr, options string) {
		t.Helper()
		if err := syscall.Mount("tmpfs", dir, "tmpfs", flags, options); err != nil {
			t.Fatal(err)
		}
	}
	mount(0, "nr_inodes=12,mode=755")
	defer syscall.Unmount(dir, syscall.MNT_DETACH)
	for _, name := range []string{"var/log", "var/svc", "etc"} {
		if err := os.MkdirAll(filepath.Join(dir, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "var/svc/provisioning"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	root, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()

	fill(t, dir)
	before := tree(t, dir)
	failing(t, root, syscall.ENOSPC)
	if after := tree(t, dir); after != before {
		t.Errorf("full: it was\n%s\nand is\n%s", before, after)
	}
	if err := os.Remove(filepath.Join(dir, "etc")); err != nil { // room for a name, and none for what is in it
		t.Fatal(err)
	}
	before = tree(t, dir)
	mount(syscall.MS_REMOUNT, "size=4k")
	if err := root.WriteFile("/f", make([]byte, 1<<20), 0o644); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("WriteFile: %v", err)
	}
	if after := tree(t, dir); after != before {
		t.Errorf("half a file: it was\n%s\nand is\n%s", before, after)
	}
	mount(syscall.MS_REMOUNT|syscall.MS_RDONLY, "")
	failing(t, root, syscall.EROFS)
	if err := root.Rename("/var/svc", "provisioning", "done"); !errors.Is(err, syscall.EROFS) {
		t.Errorf("Rename: %v", err)
	}
	if after := tree(t, dir); after != before {
		t.Errorf("read-only: it was\n%s\nand is\n%s", before, after)
	}
}

// What could not be read is not taken for empty.
func TestAReadThatFails(t *testing.T) {
	root, err := Open("/")
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	// Its first page is never mapped.
	if b, err := root.ReadFile("/proc/self/mem", 4096); !errors.Is(err, syscall.EIO) {
		t.Errorf("%d bytes, %v, want %v", len(b), err, syscall.EIO)
	}
}

func failing(t *testing.T, root *Root, want error) {
	t.Helper()
	if made, err := root.MkdirAll("/srv/data", 0o755); !errors.Is(err, want) || len(made) > 0 {
		t.Errorf("MkdirAll: made %q, %v, want %v", made, err, want)
	}
	if f, err := root.CreateLog(logName); !errors.Is(err, want) || f != nil {
		t.Errorf("CreateLog: %v, want %v", err, want)
	}
	if changed, err := root.EnsureSymlink("/var/mtab", "/proc/mounts"); !errors.Is(err, want) || changed {
		t.Errorf("EnsureSymlink: %v, want %v", err, want)
	}
	if err := root.WriteFile("/f", nil, 0o644); !errors.Is(err, want) {
		t.Errorf("WriteFile: %v, want %v", err, want)
	}
}

// fill makes empty files until there is no room for another name.
func fill(t *testing.T, dir string) {
	t.Helper()
	for range 100 {
		f, err := os.CreateTemp(dir, "fill")
		if errors.Is(err, syscall.ENOSPC) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		f.Close()
	}
	t.Fatal("the file system does not get full")
}

// inOwnMounts runs the test again in a mount namespace of its own.
func inOwnMounts(t *testing.T) {
	t.Helper()
	cmd := exec.Command("/proc/self/exe", "-test.run=^"+t.Name()+"$", "-test.v")
	cmd.Env = append(os.Environ(), "DOCKERINIT_OWN_MOUNTS=1")
	cmd.SysProcAttr = &syscall.SysProcAttr{Unshareflags: syscall.CLONE_NEWNS}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
