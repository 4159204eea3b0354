//go:build illumos

// Package agent is the way to the host's metadata agent: the socket in the zone's
// control directory, and whether it is the host's own. It is apart from the rest
// of the platform, so that mdata links no more.
package agent

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"

	"dockerinit/core/metadata"

	"golang.org/x/sys/unix"
)

// The control directories that hold the host's socket. In a native zone it is at
// the root; in an LX zone, in which this program runs natively, the brand has
// mounted the one below /native.
const (
	nativeControl = "/native/.zonecontrol"
	ownControl    = "/.zonecontrol"
	oldControl    = "/var/run/smartdc"
	socketName    = "metadata.sock"
)

// InZone tells whether the host has mounted a control directory here.
func InZone() bool { return anyExists(nativeControl, ownControl, oldControl) }

// Dial connects to the host of the zone that this is.
func Dial(ctx context.Context) (metadata.Conn, error) {
	return metadata.Sockets(socketPaths(isMount(nativeControl)), func(path string) (metadata.Conn, error) {
		return dialTrusted(ctx, path)
	})
}

// socketPaths is where to look, in order. The brand is not known before the
// first answer, but only its own mounts are mounts: an image of a native zone
// may have planted the directory below /native.
func socketPaths(nativeIsMount bool) []string {
	dirs := []string{ownControl, nativeControl, oldControl}
	if nativeIsMount {
		dirs = []string{nativeControl, ownControl, oldControl}
	}
	for i, dir := range dirs {
		dirs[i] = filepath.Join(dir, socketName)
	}
	return dirs
}

// dialTrusted connects to a socket that only the host can have made: its
// directory is root's and a mount, which no image can make, and the process at the
// other end runs as root. That this process is of the global zone is not checked
// beyond that: x/sys has no ucred_getzoneid. Nobody in the zone can make a socket in a
// directory that is read-only to the zone.
func dialTrusted(ctx context.Context, path string) (metadata.Conn, error) {
	if err := checkDirectory(filepath.Dir(path)); err != nil {
		return nil, err
	}
	fd, err := dial(ctx, path)
	if err != nil {
		return nil, err
	}
	if err := checkPeer(fd); err != nil {
		unix.Close(fd)
		return nil, err
	}
	return os.NewFile(uintptr(fd), path), nil
}

func checkDirectory(dir string) error {
	info, err := os.Lstat(dir)
	if err != nil {
		return err
	}
	if !info.IsDir() {
		return fmt.Errorf("not trusted: %s is not a directory", dir)
	}
	if uid := info.Sys().(*syscall.Stat_t).Uid; uid != 0 {
		return fmt.Errorf("not trusted: %s belongs to user %d, not to root", dir, uid)
	}
	if mode := info.Mode().Perm(); mode&0o022 != 0 {
		return fmt.Errorf("not trusted: %s has mode %04o, others than root can write to it", dir, mode)
	}
	// That the host mounts it read-only cannot be asked for: statvfs(2) and access(2)
	// of such a mount are answered by the file system below, which the host writes to.
	// illumos: usr/src/uts/common/fs/lofs/lofs_vfsops.c, lofs_vnops.c
	if !isMount(dir) {
		return fmt.Errorf("not trusted: %s is no mount of the host's", dir)
	}
	return nil
}

func checkPeer(fd int) error {
	peer, err := unix.GetPeerUcred(uintptr(fd))
	if err != nil {
		return fmt.Errorf("not trusted: who serves it is not known: %w", err)
	}
	if uid := peer.Geteuid(); uid != 0 {
		return fmt.Errorf("not trusted: it is served by user %d, not by root", uid)
	}
	return nil
}

// isMount tells whether another file system than around it is mounted on dir: the
// host has the control directories on one of its own, and the kernel tells that one's
// device.
func isMount(dir string) bool {
	var here, above unix.Stat_t
	if unix.Lstat(dir, &here) != nil || unix.Lstat(filepath.Dir(dir), &above) != nil {
		return false
	}
	return here.Dev != above.Dev
}

func anyExists(paths ...string) bool {
	for _, path := range paths {
		if _, err := os.Lstat(path); err == nil {
			return true
		}
	}
	return false
}

// DialAt connects to a socket, and trusts it.
func DialAt(ctx context.Context, path string) (*os.File, error) {
	fd, err := dial(ctx, path)
	if err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(fd), path), nil
}

// dial does without package net, which would cost dockerexec a tenth of its start.
func dial(ctx context.Context, path string) (fd int, err error) {
	syscall.ForkLock.RLock()
	fd, err = unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	if err == nil {
		unix.CloseOnExec(fd)
	}
	syscall.ForkLock.RUnlock()
	if err != nil {
		return -1, os.NewSyscallError("socket", err)
	}
	if err = unix.SetNonblock(fd, true); err == nil {
		err = connect(ctx, fd, path)
	}
	if err != nil {
		unix.Close(fd)
		return -1, &os.PathError{Op: "connect", Path: path, Err: err}
	}
	return fd, nil
}

// connect may be told to wait, and then learns from the socket what came of it.
func connect(ctx context.Context, fd int, path string) error {
	err := unix.Connect(fd, &unix.SockaddrUnix{Name: path})
	if !errors.Is(err, unix.EINPROGRESS) && !errors.Is(err, unix.EINTR) {
		return err
	}
	return metadata.Again(ctx, func() (done bool, err error) {
		ready := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLOUT}}
		if n, err := unix.Poll(ready, 0); n == 0 || errors.Is(err, unix.EINTR) {
			return false, nil
		} else if err != nil {
			return false, err
		}
		cause, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_ERROR)
		if err == nil && cause != 0 {
			err = syscall.Errno(cause)
		}
		return err == nil, err
	})
}
