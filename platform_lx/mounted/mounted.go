//go:build linux

// Package mounted tells what the host has mounted from what the image has.
package mounted

import (
	"path/filepath"

	"golang.org/x/sys/unix"
)

// On tells whether something is mounted on path itself, a directory or a file. Two mounts of one
// file system have the same device, so the kernel is asked first where it knows.
func On(path string) bool {
	var stx unix.Statx_t
	const flags = unix.AT_SYMLINK_NOFOLLOW | unix.AT_NO_AUTOMOUNT
	if unix.Statx(unix.AT_FDCWD, path, flags, unix.STATX_TYPE, &stx) == nil && stx.Attributes_mask&unix.STATX_ATTR_MOUNT_ROOT != 0 {
		return stx.Attributes&unix.STATX_ATTR_MOUNT_ROOT != 0
	}
	var here, above unix.Stat_t
	if unix.Lstat(path, &here) != nil || unix.Lstat(filepath.Dir(path), &above) != nil {
		return false
	}
	return here.Dev != above.Dev
}
