//go:build linux

package lx

import (
	"errors"
	"fmt"
	"math"

	"golang.org/x/sys/unix"

	"dockerinit/core/process"
)

// kernel makes the calls of process.Become. Those that Go would make on all
// threads are made raw, on the calling one: it is the one that execve keeps.
type kernel struct {
	process.Posix
	root string // of the command, where it is another one than this program's
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
func (k kernel) CloseOnExecFrom(lowest int) error {
	if unix.CloseRange(uint(lowest), math.MaxUint32, unix.CLOSE_RANGE_CLOEXEC) == nil {
		return nil
	}
	return k.CloseOnExecIn("/proc/self/fd", lowest)
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
