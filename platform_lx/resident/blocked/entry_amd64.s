//go:build linux && resident

#include "textflag.h"

// Go: struct sigTabT in runtime/signal_unix.go, and its flags in runtime2.go. A test
// of platform_lx notices where they have changed.
#define SIGTAB_SIZE 24
#define SIG_KILL    0x02
#define SIG_THROW   0x04
#define SIG_UNBLOCK 0x80

#define FAULTS 0x209b0 // ILL TRAP BUS FPE SEGV, as bits of their numbers, and CHLD, which is no wish

TEXT ·entry(SB), NOSPLIT|NOFRAME, $0
	LEAQ ·block(SB), R14
	JMP  dockerinit∕platform_lx∕resident·entry(SB)

// block tells Go's runtime that it may leave signals blocked.
TEXT ·block(SB), NOSPLIT|NOFRAME, $0
	LEAQ runtime·sigtable(SB), SI
	MOVL $1, CX
signal:
	MOVL $FAULTS, AX
	BTQ  CX, AX
	JCS  fault
	IMUL3Q $SIGTAB_SIZE, CX, DX
	ANDL $~(SIG_KILL+SIG_THROW+SIG_UNBLOCK), (SI)(DX*1)
fault:
	INCL CX
	CMPL CX, $64
	JLE  signal
	RET
