//go:build linux

package lx

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"golang.org/x/sys/unix"

	"dockerinit/core/bootlog"
	"dockerinit/core/process"
	"dockerinit/core/zone"
	"dockerinit/platform_lx/mounted"
)

// system is the rest of the kernel.
type system struct {
	log       *bootlog.Logger
	processes processes
	nfs       nfsHelper
	nfsTime   time.Duration // for one volume
	warned    bool          // of the lock daemon
}

// A server that does not answer would hold the boot for ever. vmadm gives a new
// zone 300 s in all.
const nfsTime = time.Minute

func newSystem(log *bootlog.Logger, p processes) *system {
	return &system{log: log, processes: p, nfs: newNFSHelper(), nfsTime: nfsTime}
}

// Mount leaves it to the caller to say what could not be mounted.
func (s *system) Mount(ctx context.Context, m zone.Mount) error {
	switch m.Type {
	case "nfs":
		return s.mountNFS(ctx, m)
	case "fd":
		return linkDescriptors(m.Target)
	}
	return mount(m)
}

// linkDescriptors does what the file system fd does on illumos, which Linux does not
// have: the directory, which must be empty, becomes a link to the same descriptors.
// So a zone of brand joyent-minimal can be tried on Linux.
func linkDescriptors(dir string) error {
	if err := unix.Rmdir(dir); err != nil {
		return &os.PathError{Op: "rmdir", Path: dir, Err: err}
	}
	return os.Symlink("/proc/self/fd", dir)
}

func mount(m zone.Mount) error {
	uid, gid, options := m.Owner()
	o := mountOptions(options)
	if isLX() {
		o = o.onLX()
	}
	if err := unix.Mount(m.Source, m.Target, m.Type, o.flags, o.data); err != nil {
		return err
	}
	if uid >= 0 || gid >= 0 {
		if err := unix.Lchown(m.Target, uid, gid); err != nil {
			return fmt.Errorf("give it to %d:%d: %w", uid, gid, err)
		}
	}
	if o.propagation == 0 {
		return nil
	}
	// The kernel takes this of a mount that is there already, and nothing beside it.
	return unix.Mount("", m.Target, "", o.propagation, "")
}

// onLX leaves out what the kernel of an LX zone refuses, and has nothing to say there:
// how a file system is written to that is on no disk, and who else sees what is mounted
// below it. illumos-joyent: usr/src/uts/common/brand/lx/syscall/lx_mount.c
func (o options) onLX() options {
	o.flags &^= msSynchronous | msDirSync | msMandLock | msNoDirAtime
	o.propagation = 0
	return o
}

// mountNFS asks the helper, because the kernel wants an open port, the server's
// file handle and more.
func (s *system) mountNFS(ctx context.Context, m zone.Mount) error {
	path, err := s.nfs.find()
	if err != nil {
		return err
	}
	said, end, err := s.processes.run(ctx, "", process.Command{
		Path: path, Args: s.nfs.args(m), Dir: "/", Umask: 0o022,
		Session: true, // so that what it starts ends with it
	}, s.nfsTime)
	switch {
	case err != nil && said != "":
		return fmt.Errorf("%s: %w; it said: %s", path, err, said)
	case err != nil:
		return fmt.Errorf("%s: %w", path, err)
	case end.Code() != 0 && said == "":
		return fmt.Errorf("%s: ended with status %d and no word", path, end.Code())
	case end.Code() != 0:
		return fmt.Errorf("%s (status %d)", said, end.Code())
	}
	if s.nfs.native && !s.warned {
		s.warned = true
		s.log.LogAttrs(bootlog.LevelWarn, "NFS volumes are mounted without the lock daemon, which only a native dockerinit can start: "+
			"file locks on them may fail", bootlog.Step("volumes"))
	}
	return nil
}

func (*system) SetHostname(_ context.Context, name string) error {
	// The kernel of an LX zone goes by the 0 at the end, and not by the length.
	// illumos-joyent: usr/src/uts/common/syscall/systeminfo.c
	ended := append([]byte(name), 0)
	if err := unix.Sethostname(ended[:len(name)]); err != nil {
		return fmt.Errorf("sethostname: %w", err)
	}
	return nil
}

// An nfsHelper is the program that mounts NFS volumes: the native one in an LX
// zone, else the one that the image has.
type nfsHelper struct {
	native bool
	paths  []string
}

func newNFSHelper() nfsHelper {
	if isLX() {
		return nfsHelper{native: true, paths: []string{"/native/usr/lib/fs/nfs/mount"}}
	}
	return nfsHelper{paths: []string{"/sbin/mount.nfs", "/usr/sbin/mount.nfs"}}
}

func (h nfsHelper) find() (string, error) {
	if h.native {
		return h.paths[0], mounted.Program(h.paths[0])
	}
	for _, path := range h.paths {
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() {
			return path, nil
		} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return "", err
		}
	}
	return "", fmt.Errorf("%s: not there, and only it can mount NFS", h.paths[0])
}

func (h nfsHelper) args(m zone.Mount) []string {
	if h.native {
		return []string{"mount", "-o", nfsOptions(m.Options), m.Source, m.Target}
	}
	return []string{"mount.nfs", m.Source, m.Target, "-o", nfsOptions(m.Options)}
}
