//go:build linux

package resident

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// keep writes what is handed over to where only who has the descriptor can read
// it: memory without a name that nobody can change any more, or where a kernel
// has none, as that of an LX zone, a file that has lost its name before there is
// anything in it.
func keep(raw []byte) (*os.File, error) {
	f, err := unnamed()
	if err != nil {
		return nil, err
	}
	if _, err := f.Write(raw); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	// A file has no seals.
	_, _ = unix.FcntlInt(f.Fd(), unix.F_ADD_SEALS, unix.F_SEAL_WRITE|unix.F_SEAL_GROW|unix.F_SEAL_SHRINK|unix.F_SEAL_SEAL)
	return f, nil
}

func unnamed() (*os.File, error) {
	fd, err := unix.MemfdCreate(name, unix.MFD_CLOEXEC|unix.MFD_ALLOW_SEALING)
	if err == nil {
		return os.NewFile(uintptr(fd), name), nil
	}
	for _, dir := range []string{"/dev/shm", "/var/log", "/"} {
		file, more := nameless(dir)
		if more == nil {
			return file, nil
		}
		err = fmt.Errorf("%w; %w", err, more)
	}
	return nil, err
}

// nameless makes a file that is removed at once. Whoever may change the directory
// can at most give it another name before, and has that of a file which only root
// can read.
func nameless(dir string) (*os.File, error) {
	name := filepath.Join(dir, fmt.Sprintf(".dockerinit-%x", monotonic()))
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL|unix.O_NOFOLLOW, 0o600)
	if err != nil {
		return nil, err
	}
	if err := os.Remove(name); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}
