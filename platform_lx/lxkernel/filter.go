//go:build linux

package lxkernel

import (
	"fmt"
	"math"
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Linux: include/uapi/linux/seccomp.h
const (
	setModeFilter   = 1
	newListener     = 1 << 3
	waitKillable    = 1 << 5 // Go interrupts its threads by signals
	retAllow        = 0x7fff0000
	retErrno        = 0x00050000
	retNotify       = 0x7fc00000
	offsetNr        = 0
	offsetFirstArg  = 16
	firstUnknown    = unix.SYS_EXECVEAT // number 322: LX has no call from here on
	notifyReceive   = 0xc0502100
	notifySend      = 0xc0182101
	notifyAddFD     = 0x40182103
	addFDSend       = 1 << 1
	responseGoAhead = 1 << 0
)

// missing are the older calls that LX refuses as well.
// illumos-joyent: usr/src/uts/common/brand/lx/os/lx_syscall.c
var missing = []uint32{
	unix.SYS_USELIB, unix.SYS_USTAT, unix.SYS_PIVOT_ROOT, unix.SYS_IOPL, unix.SYS_IOPERM, unix.SYS_CREATE_MODULE, unix.SYS_INIT_MODULE,
	unix.SYS_DELETE_MODULE, unix.SYS_GET_KERNEL_SYMS, unix.SYS_QUOTACTL, unix.SYS_NFSSERVCTL, unix.SYS_GETPMSG, unix.SYS_PUTPMSG,
	unix.SYS_AFS_SYSCALL, unix.SYS_TUXCALL, unix.SYS_SECURITY, unix.SYS_READAHEAD, unix.SYS_LOOKUP_DCOOKIE, unix.SYS_EPOLL_CTL_OLD,
	unix.SYS_EPOLL_WAIT_OLD, unix.SYS_REMAP_FILE_PAGES, unix.SYS_VSERVER, unix.SYS_MBIND, unix.SYS_SET_MEMPOLICY,
	unix.SYS_GET_MEMPOLICY, unix.SYS_MQ_OPEN, unix.SYS_MQ_UNLINK, unix.SYS_MQ_TIMEDSEND, unix.SYS_MQ_TIMEDRECEIVE, unix.SYS_MQ_NOTIFY,
	unix.SYS_MQ_GETSETATTR, unix.SYS_KEXEC_LOAD, unix.SYS_ADD_KEY, unix.SYS_REQUEST_KEY, unix.SYS_KEYCTL, unix.SYS_MIGRATE_PAGES,
	unix.SYS_TEE, unix.SYS_VMSPLICE, unix.SYS_MOVE_PAGES, unix.SYS_PERF_EVENT_OPEN, unix.SYS_FANOTIFY_INIT, unix.SYS_FANOTIFY_MARK,
	unix.SYS_NAME_TO_HANDLE_AT, unix.SYS_OPEN_BY_HANDLE_AT, unix.SYS_CLOCK_ADJTIME, unix.SYS_SETNS, unix.SYS_PROCESS_VM_READV,
	unix.SYS_PROCESS_VM_WRITEV, unix.SYS_KCMP, unix.SYS_FINIT_MODULE, unix.SYS_RENAMEAT2, unix.SYS_SECCOMP, unix.SYS_MEMFD_CREATE,
	unix.SYS_KEXEC_FILE_LOAD, unix.SYS_BPF,
}

// different are the calls that this package answers, or lets go ahead.
var different = []uint32{
	unix.SYS_UNAME, unix.SYS_SENDTO, unix.SYS_RECVFROM, unix.SYS_SENDMSG, unix.SYS_RECVMSG,
	unix.SYS_BIND, unix.SYS_GETSOCKNAME, unix.SYS_SETSOCKOPT, unix.SYS_SETHOSTNAME,
}

// mountFlags are the flags of mount(2) that LX knows, as usr/src/uts/common/brand/lx/
// syscall/lx_mount.c has them: a magic number, and what lies in it, too.
const mountFlags = unix.MS_MGC_VAL | unix.MS_RDONLY | unix.MS_NOSUID | unix.MS_NODEV | unix.MS_NOEXEC | unix.MS_REMOUNT | unix.MS_NOATIME |
	unix.MS_BIND | unix.MS_SILENT | unix.MS_STRICTATIME | 0xf0000000

// Enter puts the calling thread, and what it executes, onto the kernel. tell is
// given the number of the descriptor by which that is served, and returns when
// somebody serves it. The thread belongs to the caller from then on.
func Enter(tell func(listener int) error) error {
	runtime.LockOSThread()
	program := filter()
	prog := unix.SockFprog{Len: uint16(len(program)), Filter: &program[0]}
	fd, _, errno := unix.RawSyscall(unix.SYS_SECCOMP, setModeFilter, newListener|waitKillable, uintptr(unsafe.Pointer(&prog)))
	runtime.KeepAlive(program)
	if errno != 0 {
		return fmt.Errorf("seccomp: %w", errno)
	}
	return tell(int(fd))
}

func filter() (p []unix.SockFilter) {
	load := func(at uint32) {
		p = append(p, unix.SockFilter{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: at})
	}
	result := func(k uint32) { p = append(p, unix.SockFilter{Code: unix.BPF_RET | unix.BPF_K, K: k}) }
	// where does what follows only where what was loaded compares so with k.
	where := func(compares uint16, k uint32, follows func()) {
		at := len(p)
		p = append(p, unix.SockFilter{Code: unix.BPF_JMP | compares | unix.BPF_K, K: k})
		follows()
		p[at].Jf = uint8(len(p) - at - 1)
	}
	enosys := uint32(retErrno | unix.ENOSYS)
	load(offsetNr)
	// Here are the calls of x32 too, which lie above.
	where(unix.BPF_JGE, firstUnknown, func() { result(enosys) })
	for _, nr := range missing {
		where(unix.BPF_JEQ, nr, func() { result(enosys) })
	}
	for _, nr := range different {
		where(unix.BPF_JEQ, nr, func() { result(retNotify) })
	}
	where(unix.BPF_JEQ, unix.SYS_SOCKET, func() {
		load(argument(0))
		where(unix.BPF_JEQ, unix.AF_NETLINK, func() { result(retNotify) })
		result(retAllow)
	})
	// Who makes a thread has to give it a stack, whether it uses that or not.
	// illumos-joyent: usr/src/lib/brand/lx/lx_brand/common/clone.c, lx_clone
	where(unix.BPF_JEQ, unix.SYS_CLONE, func() {
		load(argument(0))
		where(unix.BPF_JSET, unix.CLONE_THREAD, func() {
			load(argument(1))
			where(unix.BPF_JEQ, 0, func() {
				load(argument(1) + 4)
				where(unix.BPF_JEQ, 0, func() { result(enosys) })
			})
		})
		result(retAllow)
	})
	where(unix.BPF_JEQ, unix.SYS_MOUNT, func() {
		load(argument(3))
		where(unix.BPF_JSET, math.MaxUint32&^mountFlags, func() { result(enosys) })
		// Who gives one of these to a mount names no file system.
		where(unix.BPF_JSET, unix.MS_PRIVATE|unix.MS_SLAVE, func() { result(retErrno | uint32(unix.ENODEV)) })
		result(retAllow)
	})
	// It has to say whom it has waited for.
	where(unix.BPF_JEQ, unix.SYS_WAITID, func() {
		load(argument(2))
		where(unix.BPF_JEQ, 0, func() { result(retNotify) })
		result(retAllow)
	})
	where(unix.BPF_JEQ, unix.SYS_KILL, func() {
		load(argument(0))
		where(unix.BPF_JEQ, math.MaxUint32, func() { result(retNotify) }) // -1
		result(retAllow)
	})
	result(retAllow)
	return p
}

// argument is where the lower half of a call's argument is; the upper follows.
func argument(n uint32) uint32 { return offsetFirstArg + 8*n }
