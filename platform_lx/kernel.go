//go:build linux

package lx

import (
	"errors"
	"fmt"
	"math"
	"os"
	"slices"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"

	"dockerinit/core/process"
)

// kernel makes the calls of process.Become. Those that Go would make on all
// threads are made raw, on the calling one: it is the one that execve keeps.
type kernel struct {
	root string // of the command, where it is another one than this program's
}

// OpenNull goes by what the file does, because the numbers of a device are not
// Linux's own on every kernel that runs Linux programs.
func (kernel) OpenNull() (int, error) {
	fd, err := unix.Open("/dev/null", unix.O_RDWR|unix.O_NOCTTY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return -1, err
	}
	if err := isNull(fd); err != nil {
		_ = unix.Close(fd)
		return -1, err
	}
	// What it is given to shall not find it non-blocking.
	if _, err := unix.FcntlInt(uintptr(fd), unix.F_SETFL, unix.O_RDWR); err != nil {
		_ = unix.Close(fd)
		return -1, err
	}
	return fd, nil
}

// isNull is nil for a device that takes everything and gives nothing.
func isNull(fd int) error {
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return err
	}
	if st.Mode&unix.S_IFMT != unix.S_IFCHR {
		return errors.New("not a device")
	}
	if n, err := unix.Read(fd, make([]byte, 1)); n != 0 || err != nil {
		return errors.New("a device that can be read from")
	}
	return nil
}

func (kernel) DupAbove(fd, lowest int) (int, error) {
	return unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, lowest)
}

func (kernel) Dup2(from, to int) error { return unix.Dup3(from, to, 0) }

func (kernel) Inherit(fd int) error {
	_, err := unix.FcntlInt(uintptr(fd), unix.F_SETFD, 0)
	return err
}

// CloseOnExecFrom asks the kernel for all at once; where it does not know how,
// /proc tells which there are.
func (kernel) CloseOnExecFrom(lowest int) error {
	if unix.CloseRange(uint(lowest), math.MaxUint32, unix.CLOSE_RANGE_CLOEXEC) == nil {
		return nil
	}
	return closeOnExecListed(lowest)
}

func closeOnExecListed(lowest int) error { return closeOnExecIn("/proc/self/fd", lowest) }

// closeOnExecIn believes the list in dir if the descriptor by which it is read is
// in it: an image may have something else in the place of /proc.
func closeOnExecIn(dir string, lowest int) error {
	list, err := os.OpenFile(dir, os.O_RDONLY|unix.O_DIRECTORY|unix.O_NONBLOCK, 0)
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
		if fd < lowest {
			continue
		}
		if _, err := unix.FcntlInt(uintptr(fd), unix.F_SETFD, unix.FD_CLOEXEC); err != nil && !errors.Is(err, unix.EBADF) {
			return err
		}
	}
	return nil
}

func (kernel) Own(fd int, uid uint32) error {
	var st, null unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return err
	}
	if st.Uid == uid {
		return nil
	}
	if err := unix.Stat("/dev/null", &null); err == nil && st.Mode&unix.S_IFMT == unix.S_IFCHR && st.Rdev == null.Rdev {
		return nil
	}
	return unix.Fchown(fd, int(uid), -1)
}

func (kernel) NewSession() error {
	_, err := unix.Setsid()
	if sid, e := unix.Getsid(0); e == nil && sid == unix.Getpid() {
		return nil
	}
	return err
}

func (kernel) ControllingTerminal(fd int) error { return unix.IoctlSetInt(fd, unix.TIOCSCTTY, 0) }

func (kernel) Foreground(fd int) error {
	return unix.IoctlSetPointerInt(fd, unix.TIOCSPGRP, unix.Getpgrp())
}

// Chdir enters the command's root before the directory, which lies in it. It is
// the first call after which nothing of the old root is needed.
func (k kernel) Chdir(dir string) error {
	if k.root != "" {
		if err := unix.Chroot(k.root); err != nil {
			return fmt.Errorf("enter the root %s: %w", k.root, err)
		}
	}
	return unix.Chdir(dir)
}

func (kernel) Umask(mask uint32)       { unix.Umask(int(mask)) }
func (kernel) Getcwd() (string, error) { return unix.Getwd() }

func (kernel) SetLimit(l process.Limit) error {
	resource, ok := limits[l.Name]
	if !ok {
		return errors.New("there is no such limit")
	}
	return unix.Setrlimit(resource, &unix.Rlimit{Cur: l.Soft, Max: l.Hard})
}

// limits are Docker's names of them.
var limits = map[string]int{
	"as": unix.RLIMIT_AS, "core": unix.RLIMIT_CORE, "cpu": unix.RLIMIT_CPU, "data": unix.RLIMIT_DATA, "fsize": unix.RLIMIT_FSIZE,
	"locks": unix.RLIMIT_LOCKS, "memlock": unix.RLIMIT_MEMLOCK, "msgqueue": unix.RLIMIT_MSGQUEUE,
	"nice": unix.RLIMIT_NICE, "nofile": unix.RLIMIT_NOFILE, "nproc": unix.RLIMIT_NPROC, "rss": unix.RLIMIT_RSS,
	"rtprio": unix.RLIMIT_RTPRIO, "rttime": unix.RLIMIT_RTTIME, "sigpending": unix.RLIMIT_SIGPENDING,
	"stack": unix.RLIMIT_STACK,
}

// Execve is Go's own, which gives the limit of open files back as this program
// found it, unless SetLimit has set it.
func (kernel) Execve(path string, argv, env []string) error { return syscall.Exec(path, argv, env) }
