//go:build linux

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
	"strconv"
	"strings"
	"syscall"

	"dockerinit/core/metadata"
	"dockerinit/platform_lx/entry"
	"dockerinit/platform_lx/mounted"

	"golang.org/x/sys/unix"
)

// The control directories that hold the host's socket. An LX zone has the native
// one mounted by its brand; where that is no mount an image may have planted it.
const (
	nativeControl = "/native/.zonecontrol" // entry.Socket is in it
	ownControl    = "/.zonecontrol"
	oldControl    = "/var/run/smartdc"
	socketName    = "metadata.sock"
)

// InZone tells whether the host has mounted a control directory here.
func InZone() bool { return anyExists(nativeControl, ownControl, oldControl) }

// Dial connects to the host of the zone that this is.
func Dial(ctx context.Context) (metadata.Conn, error) {
	early := entry.Take()
	conn, err := metadata.Sockets(socketPaths(mounted.On(nativeControl)), func(path string) (metadata.Conn, error) {
		if path == entry.Socket && early != nil {
			conn := early
			early = nil
			if err := trust(conn.File, path, isRoot); err != nil {
				return nil, err
			}
			return conn, nil
		}
		return dialTrusted(ctx, path, isRoot)
	})
	if early != nil { // it is not the one that counts
		early.Close()
	}
	return conn, err
}

// socketPaths is where to look, in order. The brand is not known before the
// first answer, but only its own mounts are mounts.
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

// dialTrusted connects to a socket that nobody but root, of the host or at least
// of this zone, can have made: its directory is root's and nobody else can write
// there, and the process at the other end runs as root. Who is root is asked as
// this process sees it.
func dialTrusted(ctx context.Context, path string, isRoot func(uid int) bool) (metadata.Conn, error) {
	conn, err := DialAt(ctx, path)
	if err != nil {
		return nil, err
	}
	if err := trust(conn, path, isRoot); err != nil {
		return nil, err
	}
	return conn, nil
}

// trust closes a connection that is not to be trusted.
func trust(conn *os.File, path string, isRoot func(uid int) bool) error {
	err := checkDirectory(filepath.Dir(path), isRoot)
	if err == nil {
		err = checkPeer(conn, isRoot)
	}
	if err != nil {
		conn.Close()
	}
	return err
}

func checkDirectory(dir string, isRoot func(uid int) bool) error {
	info, err := os.Lstat(dir)
	if err != nil {
		return err
	}
	if !info.IsDir() {
		return fmt.Errorf("not trusted: %s is not a directory", dir)
	}
	if uid := int(info.Sys().(*syscall.Stat_t).Uid); !isRoot(uid) {
		return fmt.Errorf("not trusted: %s belongs to user %d, not to root", dir, uid)
	}
	if mode := info.Mode().Perm(); mode&0o022 != 0 {
		return fmt.Errorf("not trusted: %s has mode %04o, others than root can write to it", dir, mode)
	}
	return nil
}

// checkPeer asks who made the socket listen. A kernel that has no answer, as an
// LX zone's may have none for a process of another zone, leaves it to the
// directory.
func checkPeer(conn *os.File, isRoot func(uid int) bool) error {
	raw, err := conn.SyscallConn()
	if err != nil {
		return err
	}
	var peer *unix.Ucred
	var asked error
	if err := raw.Control(func(fd uintptr) {
		peer, asked = unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED)
	}); err != nil {
		return err
	}
	switch {
	case errors.Is(asked, unix.ENOPROTOOPT), errors.Is(asked, unix.EOPNOTSUPP), errors.Is(asked, unix.ENOSYS):
		return nil
	case asked != nil:
		return fmt.Errorf("not trusted: who serves it is not known: %w", asked)
	case !isRoot(int(peer.Uid)):
		return fmt.Errorf("not trusted: it is served by user %d, not by root", peer.Uid)
	}
	return nil
}

// isRoot tells whether uid is root's, of the host or of this zone.
func isRoot(uid int) bool { return uid == 0 || isHostsRoot(uid) }

// isHostsRoot knows the id under which a user namespace shows everyone who is not
// in it: also the root of the machine, on which `dockerzone run` plays the host.
// It is taken for root only in a namespace that gives it to nobody.
func isHostsRoot(uid int) bool {
	mapping, err := os.ReadFile("/proc/self/uid_map")
	if err != nil {
		return false
	}
	text, err := os.ReadFile("/proc/sys/kernel/overflowuid")
	if err != nil {
		return false
	}
	overflow, err := strconv.Atoi(strings.TrimSpace(string(text)))
	return err == nil && uid == overflow && isUnmapped(uid, string(mapping))
}

// isUnmapped reads a uid_map: lines of first id inside, first id outside, count.
func isUnmapped(uid int, mapping string) bool {
	for line := range strings.Lines(mapping) {
		fields := strings.Fields(line)
		if len(fields) != 3 {
			return false
		}
		first, wrong := strconv.Atoi(fields[0])
		count, wrong2 := strconv.Atoi(fields[2])
		if wrong != nil || wrong2 != nil || uid >= first && uid-first < count {
			return false
		}
	}
	return strings.TrimSpace(mapping) != ""
}

func anyExists(paths ...string) bool {
	for _, path := range paths {
		if _, err := os.Lstat(path); err == nil {
			return true
		}
	}
	return false
}

// DialAt connects to a socket, and trusts it. It does without package net, which
// would cost dockerexec a tenth of its start.
func DialAt(ctx context.Context, path string) (*os.File, error) {
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		return nil, os.NewSyscallError("socket", err)
	}
	// A full queue is EAGAIN: an error like that of a host that is not there yet.
	err = unix.Connect(fd, &unix.SockaddrUnix{Name: path})
	for errors.Is(err, unix.EINTR) && ctx.Err() == nil {
		err = unix.Connect(fd, &unix.SockaddrUnix{Name: path})
	}
	if err != nil {
		unix.Close(fd)
		return nil, &os.PathError{Op: "connect", Path: path, Err: err}
	}
	return os.NewFile(uintptr(fd), path), nil
}
