//go:build linux

package mounted

import (
	"errors"
	"fmt"
	"strings"

	"golang.org/x/sys/unix"
)

// Program tells whether a program is the host's: it lies on another file system
// than the image, which is mounted read-only, and no symbolic link leads there.
// An image may have a directory /native of its own.
func Program(path string) error {
	var root, file unix.Stat_t
	if err := unix.Stat("/", &root); err != nil {
		return fmt.Errorf("/: %w", err)
	}
	for at := 0; at < len(path); {
		n := strings.IndexByte(path[at+1:], '/')
		if n < 0 {
			n = len(path) - at - 1
		}
		at += 1 + n
		if err := unix.Lstat(path[:at], &file); err != nil {
			return fmt.Errorf("%s: %w", path[:at], err)
		}
		if file.Mode&unix.S_IFMT == unix.S_IFLNK {
			return fmt.Errorf("%s: a symbolic link, which the host's native programs are not behind", path[:at])
		}
	}
	if file.Mode&unix.S_IFMT != unix.S_IFREG {
		return fmt.Errorf("%s: not a file", path)
	}
	fd, err := unix.Open(path, unix.O_WRONLY|unix.O_NOFOLLOW|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err == nil {
		_ = unix.Close(fd)
	}
	if file.Dev == root.Dev || !errors.Is(err, unix.EROFS) {
		return fmt.Errorf("%s: not on a read-only mount of the host's, so it may be the image's own: not executed", path)
	}
	return nil
}
