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
	lastRealTime  = 72 // the last that Go's runtime takes for one
)

// linuxSignals are those that a Linux program of an LX zone knows, from 1.
// Linux: include/uapi/asm-generic/signal.h
var linuxSignals = strings.Fields("HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT " +
	"CHLD CONT STOP TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH IO PWR SYS")

// linuxRealTime is SIGRTMIN as a Linux program has it, in glibc.
const linuxRealTime = 34

// signalNumber is the kernel's number of a signal. One that the image gives by a
// number is what the zone's own programs call so: Linux's, in an LX zone.
func signalNumber(s zone.Signal, lx bool) (syscall.Signal, bool) {
	name := string(s)
	n, numbered := s.Number()
	switch {
	case numbered && !lx:
		return syscall.Signal(n), true
	case numbered && n >= linuxRealTime:
		n += firstRealTime - linuxRealTime
		return syscall.Signal(n), n <= lastRealTime
	case numbered && n > len(linuxSignals):
		return 0, false
	case numbered:
		name = linuxSignals[n-1]
	}
	for prefix, base := range map[string]int{"RTMIN": firstRealTime, "RTMAX": lastRealTime} {
		if by, ok := strings.CutPrefix(name, prefix); ok {
			n, _ := strconv.Atoi(by) // "", "+3" or "-3": zone has checked that
			return syscall.Signal(base + n), base+n >= firstRealTime && base+n <= lastRealTime
		}
	}
	n = slices.Index(signalNames, name) + 1
	return syscall.Signal(n), n > 0
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
