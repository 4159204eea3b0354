package fake

import (
	"errors"
	"syscall"
	"unsafe"

	"dockerinit/core/process"
)

func (k *kernel) Dup2(from, to int) error { return syscall.Dup3(from, to, 0) }

// CloseOnExecFrom takes one call where the kernel has it. /proc may be missing,
// or be whatever an image has in its place.
func (k *kernel) CloseOnExecFrom(lowest int) error {
	// linux: include/uapi/linux/close_range.h; the number is the same everywhere
	const closeRange, cloexec = 436, 4
	_, _, errno := syscall.Syscall(closeRange, uintptr(lowest), uintptr(^uint32(0)), cloexec)
	if errno == 0 {
		return nil
	}
	if err := eachOpen(lowest, syscall.CloseOnExec); err == nil {
		return nil
	}
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return errors.Join(errno, err)
	}
	for fd := lowest; fd < int(min(limit.Max, 1<<20)); fd++ {
		syscall.CloseOnExec(fd)
	}
	return nil
}

func (k *kernel) IDs() (process.IDs, error) {
	var i process.IDs
	if err := threeIDs(getresuid, &i.RUID, &i.EUID, &i.SUID); err != nil {
		return i, err
	}
	if err := threeIDs(getresgid, &i.RGID, &i.EGID, &i.SGID); err != nil {
		return i, err
	}
	var err error
	i.Groups, err = k.groups()
	return i, err
}

func threeIDs(call uintptr, real, effective, saved *uint32) error {
	_, _, errno := syscall.Syscall(call, uintptr(unsafe.Pointer(real)),
		uintptr(unsafe.Pointer(effective)), uintptr(unsafe.Pointer(saved)))
	return result(errno)
}

// Setgid and Setuid are package syscall's: no thread of ours stays root while
// another becomes the command.
func (k *kernel) Setgid(gid uint32) error { return syscall.Setresgid(int(gid), int(gid), int(gid)) }
func (k *kernel) Setuid(uid uint32) error { return syscall.Setresuid(int(uid), int(uid), int(uid)) }
func (k *kernel) RegainRoot() bool        { return syscall.Setresuid(0, 0, 0) == nil }

// DefaultSignals leaves handlers to execve, which takes them off: until then
// the runtime needs its own. Ignored signals and blocked ones would stay so.
func (k *kernel) DefaultSignals() error {
	const (
		signals  = 64
		maskSize = signals / 8
		ignored  = 1 // SIG_IGN
		setMask  = 2 // SIG_SETMASK
	)
	for sig := uintptr(1); sig <= signals; sig++ {
		if sig == uintptr(syscall.SIGKILL) || sig == uintptr(syscall.SIGSTOP) {
			continue
		}
		// The handler comes first in the kernel's structure, and a structure of
		// zeros is the default; the rest differs between processors.
		var action [8]uint64
		_, _, errno := syscall.RawSyscall6(syscall.SYS_RT_SIGACTION, sig, 0, uintptr(unsafe.Pointer(&action)), maskSize, 0, 0)
		if errno != 0 {
			return errno
		}
		if *(*uintptr)(unsafe.Pointer(&action)) != ignored {
			continue
		}
		action = [8]uint64{}
		_, _, errno = syscall.RawSyscall6(syscall.SYS_RT_SIGACTION, sig, uintptr(unsafe.Pointer(&action)), 0, maskSize, 0, 0)
		if errno != 0 {
			return errno
		}
	}
	for timer := range uintptr(3) {
		var off [4]uintptr // real, virtual and profiling time
		if _, _, errno := syscall.RawSyscall(syscall.SYS_SETITIMER, timer, uintptr(unsafe.Pointer(&off)), 0); errno != 0 {
			return errno
		}
	}
	if _, _, errno := syscall.RawSyscall(syscall.SYS_PRCTL, syscall.PR_SET_PDEATHSIG, 0, 0); errno != 0 {
		return errno
	}
	var none uint64
	_, _, errno := syscall.RawSyscall6(syscall.SYS_RT_SIGPROCMASK, setMask, uintptr(unsafe.Pointer(&none)), 0, maskSize, 0, 0)
	return result(errno)
}

const infinity = ^uint64(0)

// resources are Docker's ulimits. linux: include/uapi/asm-generic/resource.h
var resources = map[string]int{
	"cpu": 0, "fsize": 1, "data": 2, "stack": 3, "core": 4, "rss": 5, "nproc": 6, "nofile": 7, "memlock": 8,
	"as": 9, "locks": 10, "sigpending": 11, "msgqueue": 12, "nice": 13, "rtprio": 14, "rttime": 15,
}
