package core

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"

	"dockerinit/core/image"
	"dockerinit/core/process"
	"dockerinit/platform_fake/need"
)

// W4: on an NFS server root may be nobody. Where it may not look, the user may
// be able to enter; where it may not make a directory, nobody is.
func TestWorkdirWhereRootIsNobody(t *testing.T) {
	need.Root(t)
	dir := t.TempDir()
	for name, mode := range map[string]os.FileMode{"": 0o755, "open": 0o755, "users": 0o700, "users/app": 0o755} {
		name = filepath.Join(dir, name)
		if err := os.MkdirAll(name, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(name, mode); err != nil {
			t.Fatal(err)
		}
	}
	root, err := image.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	for name, want := range map[string]string{
		"/open":      "",
		"/users":     "",
		"/users/app": "",
		"/open/app":  "mkdir /open/app: permission denied",
	} {
		b := &Boot{image: root, Command: process.Command{Dir: name}}
		got := ""
		asNobody(t, func() {
			if err := workdir.Actions(b)[0].Do(context.Background()); err != nil {
				got = err.Error()
			}
		})
		if got != want {
			t.Errorf("%s:\n got %s\nwant %s", name, got, want)
		}
	}
}

// asNobody does do as somebody else to all files, on this thread alone.
func asNobody(t *testing.T, do func()) {
	t.Helper()
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := syscall.Setfsuid(65534); err != nil {
		t.Fatal(err)
	}
	defer syscall.Setfsuid(0)
	do()
}
