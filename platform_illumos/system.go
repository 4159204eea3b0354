//go:build illumos && amd64

package illumos

import (
	"context"
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"

	"dockerinit/core/bootlog"
	"dockerinit/core/exit"
	"dockerinit/core/process"
	"dockerinit/core/shim"
	"dockerinit/core/zone"
	"dockerinit/platform_illumos/libc"
)

// system is the rest of the kernel.
type system struct {
	log       *bootlog.Logger
	processes *processes
	native    string // where the native programs are
	nfsTime   time.Duration
	locks     bool // the lock daemon was asked for
}

// A server that does not answer would hold the boot for ever. vmadm gives a new
// zone 300 s in all.
const nfsTime = time.Minute

func newSystem(log *bootlog.Logger, p *processes, native string) *system {
	return &system{log: log, processes: p, native: native, nfsTime: nfsTime}
}

// Mount leaves it to the caller to say what could not be mounted.
func (s *system) Mount(ctx context.Context, m zone.Mount) error {
	if m.Type == "nfs" {
		return s.mountNFS(ctx, m)
	}
	uid, gid, options := m.Owner()
	if err := libc.Mount(m.Source, m.Target, m.Type, mountOptions(m.Type, options), 0); err != nil {
		return err
	}
	if uid >= 0 || gid >= 0 {
		if err := unix.Lchown(m.Target, uid, gid); err != nil {
			return fmt.Errorf("give it to %d:%d: %w", uid, gid, err)
		}
	}
	return nil
}

// mountNFS asks the helper, because the kernel wants an open port, the server's
// file handle and more.
func (s *system) mountNFS(ctx context.Context, m zone.Mount) error {
	path := s.native + "/usr/lib/fs/nfs/mount"
	if info, err := os.Stat(path); err != nil {
		return fmt.Errorf("only %s can mount NFS: %w", path, err)
	} else if !info.Mode().IsRegular() {
		return fmt.Errorf("%s: not a program", path)
	}
	said, end, err := shim.Run(ctx, s.processes, process.Command{
		Path: path, Args: []string{"mount", "-o", nfsOptions(m.Options), m.Source, m.Target}, Dir: "/", Umask: 0o022,
		Session: true, // so that what it starts ends with it
	}, s.nfsTime)
	switch {
	case err != nil && said != "":
		return helperError(fmt.Errorf("%s: %w; it said: %s", path, err, said), exit.MountVolume)
	case err != nil:
		return helperError(fmt.Errorf("%s: %w", path, err), exit.MountVolume)
	case end.Code() != 0 && said == "":
		return fmt.Errorf("%s: ended with status %d and no word", path, end.Code())
	case end.Code() != 0:
		return fmt.Errorf("%s (status %d)", said, end.Code())
	}
	s.startLocks()
	return nil
}

// startLocks starts the lock daemon of an LX zone, which its Linux has none of.
// In a native zone it is a service of its own.
func (s *system) startLocks() {
	if s.locks || s.native == "" {
		return
	}
	s.locks = true
	if err := libc.BrandCall(libc.LXLockManager); err != nil {
		tell(s.log, bootlog.LevelWarn, "volumes", "start the NFS lock daemon: "+err.Error()+": file locks on NFS volumes may fail")
	}
}

func (*system) SetHostname(_ context.Context, name string) error {
	// The kernel goes by the 0 at the end, and not by the length.
	// illumos: usr/src/uts/common/syscall/systeminfo.c
	ended := append([]byte(name), 0)
	if err := unix.Sethostname(ended[:len(name)]); err != nil {
		return fmt.Errorf("sethostname: %w", err)
	}
	return nil
}
