//go:build linux

package lx

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"

	"dockerinit/core/process"
)

// Here are the calls that Linux makes about a thread and Go would make about
// all: they are made raw, on the calling thread, which is the one that execve
// keeps.

func (kernel) IDs() (process.IDs, error) {
	groups, err := unix.Getgroups()
	if err != nil {
		return process.IDs{}, err
	}
	var ids process.IDs
	for _, g := range groups {
		// Groups of the user outside have no number in the namespace, and give
		// nothing in it.
		if g == overflowGID && groupsAreFixed() {
			continue
		}
		ids.Groups = append(ids.Groups, uint32(g))
	}
	r, e, s := unix.Getresuid()
	ids.RUID, ids.EUID, ids.SUID = uint32(r), uint32(e), uint32(s)
	r, e, s = unix.Getresgid()
	ids.RGID, ids.EGID, ids.SGID = uint32(r), uint32(e), uint32(s)
	return ids, nil
}

func (kernel) Setgroups(gids []uint32) error {
	ids := make([]int, len(gids))
	for i, g := range gids {
		ids[i] = int(g)
	}
	err := unix.Setgroups(ids) // of the calling thread, unlike syscall.Setgroups
	if errors.Is(err, unix.EPERM) && groupsAreFixed() {
		return nil // IDs tells whether they are right as they are
	}
	return err
}

// groupsAreFixed tells whether this is the user namespace of an ordinary user with
// no ids but the one, in which Linux lets nobody change groups: `dockerzone run`
// makes such zones. man 7 user_namespaces
func groupsAreFixed() bool {
	text, err := os.ReadFile("/proc/self/setgroups")
	return err == nil && strings.TrimSpace(string(text)) == "deny"
}

// overflowGID stands for every group that a user namespace does not have.
// Linux: DEFAULT_OVERFLOWGID in include/linux/highuid.h
const overflowGID = 65534

func (kernel) Setgid(gid uint32) error {
	_, _, errno := unix.RawSyscall(unix.SYS_SETRESGID, uintptr(gid), uintptr(gid), uintptr(gid))
	return asError(errno)
}

func (kernel) Setuid(uid uint32) error {
	_, _, errno := unix.RawSyscall(unix.SYS_SETRESUID, uintptr(uid), uintptr(uid), uintptr(uid))
	return asError(errno)
}

func (kernel) RegainRoot() bool {
	const keep = ^uintptr(0)
	_, _, errno := unix.RawSyscall(unix.SYS_SETRESUID, keep, 0, keep)
	return errno == 0
}

func (kernel) Unprivileged(process.Credentials) error {
	return fmt.Errorf("this process is not root: %w", unix.EPERM)
}

// DefaultSignals need not touch what this program catches: execve does that. It
// leaves alone what is ignored.
func (kernel) DefaultSignals() error {
	for signal := uintptr(1); signal <= 64; signal++ {
		if signal == uintptr(unix.SIGKILL) || signal == uintptr(unix.SIGSTOP) {
			continue
		}
		var action sigaction
		if err := rtSigaction(signal, nil, &action); err != nil {
			return fmt.Errorf("signal %d: %w", signal, err)
		}
		if action.handler != sigIgnored {
			continue
		}
		if err := rtSigaction(signal, &sigaction{}, nil); err != nil {
			return fmt.Errorf("signal %d: %w", signal, err)
		}
	}
	var off unix.Itimerval
	for _, timer := range []uintptr{unix.ITIMER_REAL, unix.ITIMER_VIRTUAL, unix.ITIMER_PROF} {
		_, _, errno := unix.RawSyscall(unix.SYS_SETITIMER, timer, uintptr(unsafe.Pointer(&off)), 0)
		// A kernel that does not know a timer, as an LX zone's may not, has none set.
		if errno != 0 && errno != unix.EINVAL && errno != unix.ENOSYS {
			return fmt.Errorf("timer %d: %w", timer, errno)
		}
	}
	// The signal for a parent's end outlives an execve too. A kernel that does not
	// know the call has none.
	_ = unix.Prctl(unix.PR_SET_PDEATHSIG, 0, 0, 0, 0)
	// Last, when nothing is left that could come in.
	return unix.PthreadSigmask(unix.SIG_SETMASK, &unix.Sigset_t{}, nil)
}

// sigaction is the kernel's own structure, not libc's. Linux: struct sigaction
// in include/linux/signal_types.h; amd64 and arm64 have it alike.
type sigaction struct {
	handler  uintptr
	flags    uint64
	restorer uintptr
	mask     uint64
}

const sigIgnored = 1 // SIG_IGN; SIG_DFL is 0

func rtSigaction(signal uintptr, set, old *sigaction) error {
	_, _, errno := unix.RawSyscall6(unix.SYS_RT_SIGACTION, signal, uintptr(unsafe.Pointer(set)),
		uintptr(unsafe.Pointer(old)), unsafe.Sizeof(sigaction{}.mask), 0, 0)
	return asError(errno)
}

func asError(errno syscall.Errno) error {
	if errno != 0 {
		return errno
	}
	return nil
}
