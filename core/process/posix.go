package process

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"syscall"
)

// Posix are those calls of a Kernel that package syscall makes alike on every
// system: a platform puts it into its own.
type Posix struct{}

// OpenNull goes by what the file does, because the numbers of a device are a
// kernel's own business.
func (Posix) OpenNull() (int, error) {
	fd, err := syscall.Open(os.DevNull, syscall.O_RDWR|syscall.O_NOCTTY|syscall.O_NONBLOCK|syscall.O_CLOEXEC, 0)
	if err != nil {
		return -1, err
	}
	err = isNull(fd)
	if err == nil {
		err = syscall.SetNonblock(fd, false) // what it is given to shall not find it so
	}
	if err != nil {
		_ = syscall.Close(fd)
		return -1, err
	}
	return fd, nil
}

// isNull is nil for a device that takes everything and gives nothing.
func isNull(fd int) error {
	var st syscall.Stat_t
	if err := syscall.Fstat(fd, &st); err != nil {
		return err
	}
	if st.Mode&syscall.S_IFMT != syscall.S_IFCHR {
		return errors.New("not a device")
	}
	if n, err := syscall.Read(fd, make([]byte, 1)); n != 0 || err != nil {
		return errors.New("a device that can be read from")
	}
	return nil
}

// Own leaves /dev/null everybody's.
func (Posix) Own(fd int, uid uint32) error {
	var st, null syscall.Stat_t
	if err := syscall.Fstat(fd, &st); err != nil {
		return err
	}
	if st.Uid == uid {
		return nil
	}
	if err := syscall.Stat(os.DevNull, &null); err == nil && st.Mode&syscall.S_IFMT == syscall.S_IFCHR && st.Rdev == null.Rdev {
		return nil
	}
	return syscall.Fchown(fd, int(uid), -1)
}

// CloseOnExecIn is CloseOnExecFrom where dir lists this process's descriptors. It
// believes the list if the descriptor by which it is read is in it: an image may
// have something else in the place of /proc.
func (Posix) CloseOnExecIn(dir string, lowest int) error {
	list, err := os.OpenFile(dir, os.O_RDONLY|syscall.O_DIRECTORY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return err
	}
	defer list.Close() // it was only read
	names, err := list.Readdirnames(-1)
	if err != nil {
		return err
	}
	if !slices.Contains(names, strconv.Itoa(int(list.Fd()))) {
		return fmt.Errorf("%s: does not list this process's descriptors", dir)
	}
	for _, name := range names {
		fd, err := strconv.Atoi(name)
		if err != nil {
			return fmt.Errorf("%s: has an entry %q", dir, name)
		}
		if fd >= lowest {
			syscall.CloseOnExec(fd)
		}
	}
	return nil
}

// Umask sets the mask.
func (Posix) Umask(mask uint32) { syscall.Umask(int(mask)) }

// Getcwd asks the kernel: os.Getwd would believe $PWD.
func (Posix) Getcwd() (string, error) { return syscall.Getwd() }

// Execve is Go's own, which gives the limit of open files back as this program
// found it, unless package syscall has set it.
func (Posix) Execve(path string, argv, env []string) error { return syscall.Exec(path, argv, env) }
