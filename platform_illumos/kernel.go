//go:build illumos && amd64

package illumos

import (
	"fmt"
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
	process.Posix
	say  func(text string)
	keep bool // a template is active when it executes, and stays

	untemplated error // why none is
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
		if k.CloseOnExecIn(proc+"/proc/self/fd", lowest) == nil {
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
		unix.CloseOnExec(fd) // which fails where there is none, and else does not
	}
	return nil
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

func (kernel) Chdir(dir string) error { return unix.Chdir(dir) }

// SetLimit goes through package syscall, whose Exec then leaves a limit of open
// files alone. Of Docker's limits illumos has few, also in an LX zone, whose image may
// ask for all: the others would be resource controls, and are the host's.
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
