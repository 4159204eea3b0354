//go:build linux

#include "textflag.h"

// System calls. Linux: arch/x86/entry/syscalls/syscall_64.tbl
#define SYS_close   3
#define SYS_socket  41
#define SYS_connect 42
#define SYS_sendto  44
#define SYS_fcntl   72

// Linux: include/linux/socket.h, include/linux/net.h
#define AF_UNIX      1
#define SOCK         0x80801 // SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC
#define MSG_NOSIGNAL 0x4000

// Linux: include/uapi/linux/fcntl.h
#define F_DUPFD_CLOEXEC 1030

// A struct sockaddr_un: the family, and Socket with its 0.
DATA address<>+0(SB)/2, $AF_UNIX
DATA address<>+2(SB)/8, $"/native/"
DATA address<>+10(SB)/8, $".zonecon"
DATA address<>+18(SB)/8, $"trol/met"
DATA address<>+26(SB)/8, $"adata.so"
DATA address<>+34(SB)/3, $"ck\x00"
GLOBL address<>(SB), RODATA|NOPTR, $37

DATA processors<>+0(SB)/8, $"GOMAXPRO"
DATA processors<>+8(SB)/5, $"CS=1\x00"
GLOBL processors<>(SB), RODATA|NOPTR, $13

// exec is dockerexec's first instruction.
TEXT ·exec(SB), NOSPLIT|NOFRAME, $0
	MOVQ SP, BX
	LEAQ ·ForExec(SB), R13
	CALL ·ask(SB)
	JMP  ·start(SB)

// ask asks the host the question in R13, the address of a Go string. It changes
// what a system call changes, its arguments, R12 and R14.
TEXT ·ask(SB), NOSPLIT|NOFRAME, $0
	MOVL $AF_UNIX, DI
	MOVL $SOCK, SI
	XORL DX, DX
	MOVL $SYS_socket, AX
	SYSCALL
	CMPQ AX, $0
	JLT  done
	MOVQ AX, R12
	CMPQ AX, $2
	JHI  free

	// PID 1 may have no descriptors at all; 0 to 2 are not for this.
	MOVQ R12, DI
	MOVL $F_DUPFD_CLOEXEC, SI
	MOVL $3, DX
	MOVL $SYS_fcntl, AX
	SYSCALL
	MOVQ AX, R14
	MOVQ R12, DI
	MOVL $SYS_close, AX
	SYSCALL
	CMPQ R14, $0
	JLT  done
	MOVQ R14, R12

free:
	MOVQ R12, DI
	LEAQ address<>(SB), SI
	MOVL $37, DX
	MOVL $SYS_connect, AX
	SYSCALL
	TESTQ AX, AX
	JNZ  never

	// A socket that has just been made takes all of it, or nothing has been asked.
	MOVQ R12, DI
	MOVQ 0(R13), SI
	MOVQ 8(R13), DX
	MOVQ DX, R14
	MOVL $MSG_NOSIGNAL, R10
	XORL R8, R8
	XORL R9, R9
	MOVL $SYS_sendto, AX
	SYSCALL
	CMPQ AX, R14
	JNE  never
	MOVQ R12, ·descriptor(SB)
	MOVQ R13, ·question(SB)
done:
	RET

never:
	MOVQ R12, DI
	MOVL $SYS_close, AX
	SYSCALL
	RET

// start goes on to Go's beginning, with the stack as the kernel left it, in BX:
// argc, argv, 0, the environment. One variable comes before the others, and what is
// below it moves down by a word.
TEXT ·start(SB), NOSPLIT|NOFRAME, $0
	MOVQ ·profile(SB), AX
	MOVQ $0, (AX)
	LEAQ -8(BX), DI
	MOVQ BX, SI
	MOVQ 0(BX), CX
	ADDQ $2, CX
	MOVQ DI, SP
	CLD
	REP; MOVSQ
	LEAQ processors<>(SB), AX
	MOVQ AX, (DI)
	JMP  _rt0_amd64_linux(SB)
