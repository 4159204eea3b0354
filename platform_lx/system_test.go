//go:build linux

package lx

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"dockerinit/core/bootlog"
	"dockerinit/core/zone"
	"dockerinit/platform_fake/need"
)

// The numbers are written out in options.go, which is built on every system.
func TestMountFlagsAreTheKernels(t *testing.T) {
	for _, tt := range []struct {
		name      string
		got, want uintptr
	}{
		{"ro", msReadOnly, unix.MS_RDONLY},
		{"nosuid", msNoSuid, unix.MS_NOSUID},
		{"nodev", msNoDev, unix.MS_NODEV},
		{"noexec", msNoExec, unix.MS_NOEXEC},
		{"sync", msSynchronous, unix.MS_SYNCHRONOUS},
		{"dirsync", msDirSync, unix.MS_DIRSYNC},
		{"mand", msMandLock, unix.MS_MANDLOCK},
		{"recursively", msRecursive, unix.MS_REC},
		{"unbindable", msUnbindable, unix.MS_UNBINDABLE},
		{"private", msPrivate, unix.MS_PRIVATE},
		{"slave", msSlave, unix.MS_SLAVE},
		{"shared", msShared, unix.MS_SHARED},
		{"noatime", msNoAtime, unix.MS_NOATIME},
		{"nodiratime", msNoDirAtime, unix.MS_NODIRATIME},
		{"relatime", msRelAtime, unix.MS_RELATIME},
		{"strictatime", msStrictAtime, unix.MS_STRICTATIME},
	} {
		if tt.got != tt.want {
			t.Errorf("%s is %#x, want %#x", tt.name, tt.got, tt.want)
		}
	}
}

func TestMountAndHostnameInTheKernel(t *testing.T) {
	if inOwnNamespaces(t, syscall.CLONE_NEWNS|syscall.CLONE_NEWUTS) {
		return
	}
	ctx := context.Background()
	system := newSystem(nil, processes{})

	if err := system.SetHostname(ctx, "web0.example.com"); err != nil {
		t.Fatal(err)
	}
	if got, _ := os.Hostname(); got != "web0.example.com" {
		t.Errorf("the hostname is %q, want %q", got, "web0.example.com")
	}
	if err := system.SetHostname(ctx, strings.Repeat("n", 65)); err == nil {
		t.Error("a name of 65 bytes was taken, which the kernel has no room for")
	}

	target := t.TempDir()
	m := zone.Mount{Type: "tmpfs", Source: "shm", Target: target, Options: []string{"mode=1777", "size=64k", "noexec", "shared"}}
	if err := system.Mount(ctx, m); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := unix.Unmount(target, 0); err != nil {
			t.Error(err)
		}
	}()
	var made unix.Statfs_t
	if err := unix.Statfs(target, &made); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(target)
	if err != nil {
		t.Fatal(err)
	}
	got := fmt.Sprintf("tmpfs=%t size=%d noexec=%t mode=%s", made.Type == unix.TMPFS_MAGIC,
		made.Blocks*uint64(made.Bsize), made.Flags&unix.ST_NOEXEC != 0, info.Mode())
	want := "tmpfs=true size=65536 noexec=true mode=dtrwxrwxrwx"
	if got != want {
		t.Errorf("\n got %s\nwant %s", got, want)
	}

	if mounts, err := os.ReadFile("/proc/self/mountinfo"); err != nil || !regexp.MustCompile(` `+target+` \S+ shared:\d+ - tmpfs `).Match(mounts) {
		t.Errorf("%v: not a shared mount in\n%s", err, mounts)
	}

	for _, tt := range []struct {
		name string
		m    zone.Mount
		want string
	}{
		{"a target that is not there", zone.Mount{Type: "tmpfs", Source: "shm", Target: filepath.Join(target, "absent"), Options: []string{"ro"}},
			"no such file or directory"},
		{"an option that tmpfs has not is refused", zone.Mount{Type: "tmpfs", Source: "shm", Target: target, Options: []string{"sparkling"}},
			"invalid argument"},
		{"descriptors in the place of files", zone.Mount{Type: "fd", Source: "fd", Target: filepath.Dir(target)},
			"rmdir " + filepath.Dir(target) + ": directory not empty"},
	} {
		if err := system.Mount(ctx, tt.m); fmt.Sprint(err) != tt.want {
			t.Errorf("%s:\n got %v\nwant %s", tt.name, err, tt.want)
		}
	}
}

// A zone of brand joyent-minimal asks for a file system that Linux does not have.
func TestDescriptorsInTheirDirectory(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "fd")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := newSystem(bootlog.NewLogger(), processes{}).Mount(t.Context(), zone.Mount{Type: "fd", Source: "fd", Target: dir}); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "0")); err != nil {
		t.Error(err)
	}
}

// inOwnNamespaces runs the calling test once more in a child with namespaces of
// its own, and tells whether this was done: the parent then has no more to do.
func inOwnNamespaces(t *testing.T, namespaces uintptr) (done bool) {
	t.Helper()
	const inside = "LX_TEST_INSIDE"
	if os.Getenv(inside) == t.Name() {
		// What is mounted here must not spread to the machine.
		if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
			t.Fatal(err)
		}
		return false
	}
	need.Root(t)
	cmd := exec.Command("/proc/self/exe", "-test.run=^"+t.Name()+"$", "-test.v")
	cmd.Env = append(os.Environ(), inside+"="+t.Name())
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: namespaces}
	out, err := cmd.CombinedOutput()
	// Root in a container may not.
	need.That(t, !errors.Is(err, fs.ErrPermission), "the right to make namespaces", "run it outside of a container")
	if err != nil {
		t.Errorf("in namespaces of its own: %s\n%s", err, out)
	}
	return true
}
