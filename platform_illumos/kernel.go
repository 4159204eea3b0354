//go:build illumos && amd64

package illumos

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"dockerinit/core/exit"
	"dockerinit/core/process"
	"dockerinit/platform_illumos/libc"
)

// kernel makes the calls of process.Become. What Go's packages have is libc's own
// function here, which is about the whole process; templates and the mask of
// signals are the thread's.
type kernel struct {
	say  func(text string)
	keep bool // a template is active when it executes, and stays

	untemplated error // why none is
}

// OpenNull goes by what the file does: its numbers are the kernel's own business.
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

func (kernel) Dup2(from, to int) error { return unix.Dup2(from, to) }

func (kernel) Inherit(fd int) error {
	_, err := unix.FcntlInt(uintptr(fd), unix.F_SETFD, 0)
	return err
}

// CloseOnExecFrom goes by the list that the kernel has of them. closefrom(3C) would
// close them now, and with them the log and the runtime's own.
//
// It is called by root and on the thread that executes, so that this is where the
// template is activated: a user may not be allowed to.
func (k *kernel) CloseOnExecFrom(lowest int) error {
	if k.keep {
		k.untemplated = keepTemplateActive()
	}
	// In an LX zone /proc is Linux's, and the native one is below /native.
	for _, proc := range []string{libc.ZoneRoot(), ""} {
		if closeOnExecIn(proc+"/proc/self/fd", lowest) == nil {
			return nil
		}
	}
	return closeOnExecAll(lowest)
}

// closeOnExecAll tries every number that there can be, which takes its time.
func closeOnExecAll(lowest int) error {
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		return err
	}
	const most = 1 << 20 // rlim_fd_max's own limit is less
	for fd := lowest; fd < int(min(limit.Max, most)); fd++ {
		if _, err := unix.FcntlInt(uintptr(fd), unix.F_SETFD, unix.FD_CLOEXEC); err != nil && !errors.Is(err, unix.EBADF) {
			return err
		}
	}
	return nil
}

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
	group, err := unix.Getpgrp()
	if err != nil {
		return err
	}
	return unix.IoctlSetPointerInt(fd, unix.TIOCSPGRP, group)
}

func (kernel) Umask(mask uint32)       { unix.Umask(int(mask)) }
func (kernel) Chdir(dir string) error  { return unix.Chdir(dir) }
func (kernel) Getcwd() (string, error) { return unix.Getwd() }

// SetLimit goes through package syscall, whose Exec then leaves a limit of open
// files alone. Of Docker's limits illumos has few; the others would be resource
// controls, and are the host's.
func (k kernel) SetLimit(l process.Limit) error {
	resource, ok := limits[l.Name]
	if !ok {
		k.say(fmt.Sprintf("limit %s: illumos has none of that name", l.Name))
		return nil
	}
	return syscall.Setrlimit(resource, &syscall.Rlimit{Cur: limitValue(l.Soft), Max: limitValue(l.Hard)})
}

// limits are Docker's names of them. illumos: usr/src/uts/common/sys/resource.h
var limits = map[string]int{
	"as": unix.RLIMIT_AS, "core": unix.RLIMIT_CORE, "cpu": unix.RLIMIT_CPU, "data": unix.RLIMIT_DATA, "fsize": unix.RLIMIT_FSIZE,
	"nofile": unix.RLIMIT_NOFILE, "stack": unix.RLIMIT_STACK,
}

// limitValue has illumos' own infinity, (rlim_t)-3.
func limitValue(n uint64) uint64 {
	if n == process.Unlimited {
		return ^uint64(2)
	}
	return n
}

// Linger is for a shim in init's own contract: see shim.Lingering. By then init
// has told why, and has ended.
func (k kernel) Linger() time.Duration {
	if k.keep {
		return time.Minute
	}
	return 0
}

// Execve is Go's own, which gives the limit of open files back as this program
// found it, unless SetLimit has set it.
func (k *kernel) Execve(path string, argv, env []string) error {
	if k.untemplated != nil {
		return exit.Contract.Wrap(k.untemplated)
	}
	leaving()
	return syscall.Exec(path, argv, env)
}
