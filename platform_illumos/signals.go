package illumos

import (
	"slices"
	"strconv"
	"strings"
	"syscall"

	"dockerinit/core/zone"
)

// signalNames are in the order of their numbers, from 1.
// illumos: usr/src/uts/common/sys/iso/signal_iso.h
var signalNames = strings.Fields("HUP INT QUIT ILL TRAP ABRT EMT FPE KILL BUS SEGV SYS PIPE ALRM TERM USR1 USR2 CHLD PWR WINCH " +
	"URG IO STOP TSTP CONT TTIN TTOU VTALRM PROF XCPU XFSZ WAITING LWP FREEZE THAW CANCEL LOST XRES JVM1 JVM2 INFO")

// illumos: usr/src/uts/common/sys/iso/signal_iso.h
const (
	firstRealTime = 42 // _SIGRTMIN
	lastRealTime  = 74 // _SIGRTMAX
)

// linuxSignals are those that a Linux program of an LX zone knows, from 1. Its brand
// has EMT stand for STKFLT, which illumos has none of.
// Linux: include/uapi/asm-generic/signal.h; illumos: usr/src/common/brand/lx/lx_signum.c
var linuxSignals = strings.Fields("HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM EMT " +
	"CHLD CONT STOP TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH IO PWR SYS")

// A Linux program's real-time signals: the kernel counts from 32, of which libraries
// keep the first two, and what they and Docker call RTMIN is 34.
const (
	linuxFirstRealTime = 32
	linuxRTMIN         = 34
)

// signalNumber is the kernel's number of a signal. What the image calls so is what the
// zone's own programs do: Linux's, in an LX zone.
func signalNumber(s zone.Signal, lx bool) (syscall.Signal, bool) {
	name := string(s)
	least := firstRealTime
	if lx {
		least = fromLinux(linuxRTMIN)
		if name == "STKFLT" {
			name = "EMT"
		}
	}
	n, numbered := s.Number()
	if numbered && lx {
		n = fromLinux(n)
	}
	if numbered {
		return syscall.Signal(n), n <= lastRealTime
	}
	for prefix, base := range map[string]int{"RTMIN": least, "RTMAX": lastRealTime} {
		if by, ok := strings.CutPrefix(name, prefix); ok {
			n, _ := strconv.Atoi(by) // "", "+3" or "-3": zone has checked that
			return syscall.Signal(base + n), base+n >= least && base+n <= lastRealTime
		}
	}
	n = slices.Index(signalNames, name) + 1
	return syscall.Signal(n), n > 0
}

// fromLinux is the kernel's number of what a Linux program of an LX zone calls n.
func fromLinux(n int) int {
	if n > 0 && n <= len(linuxSignals) {
		return slices.Index(signalNames, linuxSignals[n-1]) + 1
	}
	return n - linuxFirstRealTime + firstRealTime
}

// toLinux is its reverse. What no Linux program has stays what it is.
func toLinux(n int) int {
	if n > 0 && n <= len(signalNames) {
		if linux := slices.Index(linuxSignals, signalNames[n-1]) + 1; linux > 0 {
			return linux
		}
		return n
	}
	return n - firstRealTime + linuxFirstRealTime
}

// forwarded are the signals for the command. Those that tini leaves out are told
// by the kernel to the one process that they are about, and EMT with them. PIPE,
// URG and PROF are told to this one, by its own writes and by Go's runtime, which
// would make them look as if they came from outside. WAITING, LWP and CANCEL are
// libc's, and package os/signal knows none above 64.
func forwarded() (all []syscall.Signal) {
	own := strings.Fields("FPE ILL SEGV BUS ABRT TRAP SYS EMT TTIN TTOU CHLD KILL STOP PIPE URG PROF WAITING LWP CANCEL")
	for n := 1; n <= 64; n++ {
		if n > len(signalNames) || !slices.Contains(own, signalNames[n-1]) {
			all = append(all, syscall.Signal(n))
		}
	}
	return all
}
