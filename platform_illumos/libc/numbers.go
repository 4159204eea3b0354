package libc

import "encoding/binary"

// illumos: usr/src/uts/common/sys/mount.h
const (
	ReadOnly   = 0x1   // MS_RDONLY
	NoSuid     = 0x10  // MS_NOSUID
	Remount    = 0x20  // MS_REMOUNT
	Overlay    = 0x80  // MS_OVERLAY
	MaxOptions = 1024  // MAX_MNTOPT_STR
	data       = 0x4   // MS_DATA
	optionText = 0x100 // MS_OPTIONSTR
)

// mountFlags are those with which mount reads the arguments that it is given.
func mountFlags(flags int, options string) int {
	flags |= data
	if options != "" {
		flags |= optionText
	}
	return flags
}

// struct door_info, whose 64-bit members are packed to 4 bytes.
// illumos: usr/src/uts/common/sys/door.h
const doorInfoSize = 48

// doorTarget is di_target, the server's process.
func doorTarget(info []byte) int { return int(int32(binary.LittleEndian.Uint32(info))) }

// illumos: usr/src/uts/common/sys/signal.h, sys/time.h, sys/syscall.h
const (
	LastSignal    = 74 // MAXSIG: SIGRTMAX
	sigSetmask    = 3  // SIG_SETMASK
	sigsetSize    = 16 // sigset_t
	sigactionSize = 32 // struct sigaction
	itimervalSize = 32 // struct itimerval

	TimerReal     = 0 // ITIMER_REAL
	TimerVirtual  = 1 // ITIMER_VIRTUAL
	TimerProf     = 2 // ITIMER_PROF
	TimerRealProf = 3 // ITIMER_REALPROF

	waitAll     = 7    // P_ALL; sys/procset.h
	waitExited  = 0x1  // WEXITED; sys/wait.h
	waitLeave   = 0x80 // WNOWAIT
	siginfoSize = 256  // SI_MAXSZ; sys/siginfo.h

	UnreadBytes = 0x4004667f // FIONREAD; sys/filio.h

	sysBrand      = 177 // SYS_brand
	LXLockManager = 131 // starts the NFS lock daemon of an LX zone; illumos-joyent: sys/lx_brand.h
)
