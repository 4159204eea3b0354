//go:build linux

#include "go_asm.h"
#include "textflag.h"

// System calls. Linux: arch/x86/entry/syscalls/syscall_64.tbl
#define SYS_write           1
#define SYS_rt_sigaction    13
#define SYS_rt_sigprocmask  14
#define SYS_rt_sigreturn    15
#define SYS_pread64         17
#define SYS_nanosleep       35
#define SYS_getpid          39
#define SYS_clone           56
#define SYS_execve          59
#define SYS_exit            60
#define SYS_wait4           61
#define SYS_kill            62
#define SYS_rt_sigtimedwait 128
#define SYS_prctl           157
#define SYS_clock_gettime   228
#define SYS_exit_group      231
#define SYS_execveat        322

#define EINTR          -4
#define EAGAIN         -11
#define SIGPIPE        13
#define SIGTERM        15
#define SIGCHLD        17
#define SIG_SETMASK    2
#define SA_RESTORER    0x04000000
#define WNOHANG        1
#define PR_SET_NAME    15
#define AT_EMPTY_PATH  0x1000
#define CLOCK_MONOTONIC 1
#define CLONE_FLAGS     0x50f00 // CLONE_VM|FS|FILES|SIGHAND|THREAD|SYSVSEM, those of Go's runtime

// Go's runtime dies where it gets no thread. These are as many as it makes before
// it is in a state to do without new ones: see reserveThreads in core/supervise.
#define SPARE_THREADS 8
#define TRIES         20 // each 100 ms

// So often children are reaped as they end, before it is done for several at once.
#define MANY 32

// The head of what was handed over is first on the stack: the struct head of
// loop_amd64.go, of 128 bytes, whose offsets go_asm.h has. Above it:
#define INFO     128 // siginfo: number, errno, code; then the pid of who sent it
#define TIME     256
#define SET      272
#define STATUS   280
#define ACTION   288 // handler, flags, restorer, mask
#define LETTERS  320
#define ARGV     344
#define ENVP     384
#define NAME     392
#define RETURNED 408
#define PATH     424
#define NAP      440
#define OVER     456 // the spare threads are to end
#define WISH     464 // the signal that nobody was executed for yet, as in R14
#define FRAME    472

// Last words, for the log: spaces make them whole words of 8 bytes.
#define FAILED_SIZE 80
DATA failed<>+0(SB)/8, $"ERROR ex"
DATA failed<>+8(SB)/8, $"ec: dock"
DATA failed<>+16(SB)/8, $"erinit c"
DATA failed<>+24(SB)/8, $"annot be"
DATA failed<>+32(SB)/8, $" execute"
DATA failed<>+40(SB)/8, $"d again:"
DATA failed<>+48(SB)/8, $" this is"
DATA failed<>+56(SB)/8, $" tried o"
DATA failed<>+64(SB)/8, $"nce a se"
DATA failed<>+72(SB)/8, $"cond   \n"
GLOBL failed<>(SB), RODATA|NOPTR, $FAILED_SIZE

#define FULL_SIZE 88
DATA full<>+0(SB)/8, $"WARN exe"
DATA full<>+8(SB)/8, $"c: the c"
DATA full<>+16(SB)/8, $"ommand h"
DATA full<>+24(SB)/8, $"as ended"
DATA full<>+32(SB)/8, $", and th"
DATA full<>+40(SB)/8, $"e zone h"
DATA full<>+48(SB)/8, $"as no pr"
DATA full<>+56(SB)/8, $"ocess le"
DATA full<>+64(SB)/8, $"ft for m"
DATA full<>+72(SB)/8, $"ore than"
DATA full<>+80(SB)/8, $" that  \n"
GLOBL full<>(SB), RODATA|NOPTR, $FULL_SIZE

// entry is where package blocked begins, with R14 what is to be done before Go's own
// beginning where this is PID 1. The stack is as the kernel has left it: argc, argv,
// 0, the environment. System calls change AX, CX and R11 alone.
TEXT ·entry(SB), NOSPLIT|NOFRAME, $0
	MOVQ SP, BX // BX: the stack as it was
	LEAQ -FRAME(SP), R15
	ANDQ $~15, R15
	MOVQ R15, SP // R15: what is ours of it

	MOVL $SYS_getpid, AX
	SYSCALL
	CMPQ AX, $1
	JNE  run

	// Everything waits until somebody wants it.
	MOVQ $-1, SET(R15)
	MOVL $SIG_SETMASK, DI
	LEAQ SET(R15), SI
	XORL DX, DX
	MOVL $8, R10
	MOVL $SYS_rt_sigprocmask, AX
	SYSCALL

	CMPQ 0(BX), $3
	JNE  enter
	MOVQ 16(BX), SI
	MOVQ $0x746e656469736572, AX // "resident"
	CMPQ AX, 0(SI)
	JNE  enter
	CMPB 8(SI), $0
	JNE  enter

	XORL R12, R12 // R12: the descriptor
	MOVQ 24(BX), SI
digit:
	MOVBLZX (SI), AX
	TESTL   AX, AX
	JZ      number
	SUBL    $48, AX // '0'
	CMPL    AX, $9
	JHI     enter
	IMULQ   $10, R12
	ADDQ    AX, R12
	INCQ    SI
	JMP     digit

number:
	MOVQ R12, DI
	MOVQ R15, SI
	MOVL $head__size, DX
	XORL R10, R10
	MOVL $SYS_pread64, AX
	SYSCALL
	CMPQ AX, $head__size
	JNE  enter
	MOVQ $const_magic, AX
	CMPQ AX, head_magic(R15)
	JEQ  begin

enter:
	MOVB $1, ·entered(SB)
	CALL R14
	CMPQ 0(BX), $4 // what was executed again has asked what it wanted to know
	JEQ  run
	LEAQ dockerinit∕platform_lx∕entry·ForInit(SB), R13
	CALL dockerinit∕platform_lx∕entry·ask(SB)

run:
	JMP dockerinit∕platform_lx∕entry·start(SB)

begin:
	// Texts are made on the stack: those of the program would cost pages.
	MOVQ $0x6e6972656b636f64, AX // "dockerin"
	MOVQ AX, NAME(R15)
	MOVQ $0x7469, (NAME+8)(R15) // "it"

	MOVL $PR_SET_NAME, DI // it is named after its descriptor
	LEAQ NAME(R15), SI
	XORL DX, DX
	XORL R10, R10
	XORL R8, R8
	MOVL $SYS_prctl, AX
	SYSCALL

	// The kernel of an LX zone gives init only what it has a handler for. None of
	// these is ever called, for all is blocked.
	LEAQ ·handler(SB), AX
	MOVQ AX, ACTION(R15)
	MOVQ $SA_RESTORER, (ACTION+8)(R15)
	LEAQ ·restorer(SB), AX
	MOVQ AX, (ACTION+16)(R15)
	MOVQ $-1, (ACTION+24)(R15)
	MOVL $64, R13
handle:
	MOVQ R13, DI // it refuses KILL and STOP
	LEAQ ACTION(R15), SI
	XORL DX, DX
	MOVL $8, R10
	MOVL $SYS_rt_sigaction, AX
	SYSCALL
	DECL R13
	JNZ  handle

	MOVQ $0, WISH(R15)
	MOVQ head_all(R15), R13 // R13: the signals to wait for, all or those that are in turn
	MOVL $MANY, BP          // BP: how many children are still reaped as they end

reap:
	MOVQ $-1, DI
	MOVL $0, STATUS(R15)
	LEAQ STATUS(R15), SI
	MOVL $WNOHANG, DX
	XORL R10, R10
	MOVL $SYS_wait4, AX
	SYSCALL
	CMPQ AX, $EINTR
	JEQ  reap
	CMPQ AX, $0
	JLE  wait // nobody has ended, or nobody is there
	LEAQ head_pids(R15), SI
whose:
	MOVQ  0(SI), DX
	TESTQ DX, DX
	JZ    reap // an orphan
	ADDQ  $8, SI
	CMPQ  AX, DX
	JNE   whose
	SHLQ  $32, AX
	MOVL  STATUS(R15), DX
	ORQ   DX, AX
	MOVQ  AX, R14 // R14: what came
	JMP   leave

wait:
	XORL DX, DX // for ever
	CMPQ R13, head_all(R15)
	JNE  brief
	CMPQ head_until(R15), $0
	JEQ  ask
	CALL now<>(SB)
	MOVQ head_until(R15), DX
	SUBQ AX, DX
	JLE  due
	MOVQ DX, AX
	XORL DX, DX
	MOVL $1000000000, CX
	DIVQ CX
	MOVQ AX, TIME(R15)
	MOVQ DX, (TIME+8)(R15)
	JMP  timed
brief:
	MOVQ $0, TIME(R15)
	MOVQ R12, (TIME+8)(R15)
timed:
	LEAQ TIME(R15), DX
ask:
	MOVQ R13, SET(R15)
	LEAQ SET(R15), DI
	LEAQ INFO(R15), SI
	MOVL $8, R10
	MOVL $SYS_rt_sigtimedwait, AX
	SYSCALL
	CMPQ AX, $0
	JGT  came
	CMPQ AX, $EINTR
	JEQ  reap
	CMPQ AX, $EAGAIN
	JNE  unable
	CMPQ R13, head_all(R15)
	MOVQ head_all(R15), R13
	JNE  wait
due:
	XORL R14, R14
	JMP  leave
unable: // a kernel that cannot wait like this
	MOVQ $-1, R14
	JMP  leave

came:
	// Of children that end one after the other each would cost a switch: after many
	// of them others are waited for, and only for a millisecond.
	XORL R12, R12 // R12: for how long those in turn are waited for
	CMPQ AX, $SIGCHLD
	JNE  next
	DECL BP
	JNZ  reap
	MOVL $MANY, BP
	MOVL $1000000, R12
	MOVQ head_all(R15), R13
	BTRQ $(SIGCHLD-1), R13
	JMP  reap
next:
	// Next come those with higher numbers, so that a storm of one hides no other.
	MOVQ AX, CX
	MOVQ $-1, R13
	SHLQ CX, R13 // of 64 it is -1 again: all have been in turn
	ANDQ head_all(R15), R13
	JNZ  turn
	MOVQ head_all(R15), R13
turn:
	// What this process did itself, as writing to nobody, is nobody's wish. The kernel
	// of an LX zone tells that as it tells all of its own: with a code above 0.
	CMPL (INFO+8)(R15), $0
	JGT  kernels
	CMPL (INFO+16)(R15), $1
	JEQ  wait
	JMP  meant
kernels:
	CMPQ AX, $SIGPIPE
	JEQ  wait
meant:
	MOVQ head_wake(R15), DX
	LEAQ -1(AX), CX
	BTQ  CX, DX
	JCS  wake
	MOVQ head_target(R15), DI
	MOVQ AX, SI
	MOVL $SYS_kill, AX
	SYSCALL
	JMP  wait
wake:
	SHLQ $16, AX
	MOVQ AX, R14
	CMPQ WISH(R15), $(SIGTERM<<16) // the host's
	JEQ  leave
	MOVQ AX, WISH(R15)

leave:
	// Only what has the threads that it takes is executed: a zone may have as many
	// processes as it is allowed, and would end with its first one.
	MOVQ $0, NAP(R15)
	MOVQ $5000000, (NAP+8)(R15)
	MOVL $TRIES, R13
try:
	MOVQ $0, OVER(R15)
	MOVL $SPARE_THREADS, BP
thread:
	MOVL $CLONE_FLAGS, DI
	MOVQ R15, SI // they use no stack, and the kernel of an LX zone wants one all the same
	XORL DX, DX
	XORL R10, R10
	XORL R8, R8
	MOVL $SYS_clone, AX
	SYSCALL
	TESTQ AX, AX
	JZ    spare
	JLT   short
	DECL  BP
	JNZ   thread
	JMP   enough // they end by the execve

spare:
	CMPQ OVER(R15), $0
	JNE  end
	LEAQ NAP(R15), DI
	XORL SI, SI
	MOVL $SYS_nanosleep, AX
	SYSCALL
	JMP  spare
end:
	XORL DI, DI
	MOVL $SYS_exit, AX
	SYSCALL

short:
	MOVQ  $1, OVER(R15)
	TESTQ R14, R14
	JZ    later
	MOVQ  $0, TIME(R15)
	MOVQ  $100000000, (TIME+8)(R15)
	LEAQ  TIME(R15), DI
	XORL  SI, SI
	MOVL  $SYS_nanosleep, AX
	SYSCALL
	DECL  R13
	JNZ   try
	MOVQ R14, AX
	SHRQ $32, AX
	JNZ  ended
	// Somebody wants the command to stop, and the program hears of it when it can.
	MOVQ head_target(R15), DI
	MOVQ head_stop(R15), SI
	MOVL $SYS_kill, AX
	SYSCALL
	JMP  later
ended:
	// The container ends even so, and as its command did.
	MOVL $125, DI
	CMPQ AX, head_pids(R15)
	JNE  status // it was what the container shares its fate with
	MOVQ R14, DI
	SHRQ $8, DI
	ANDL $255, DI
	ANDL $127, R14
	JZ   status
	LEAQ 128(R14), DI
status:
	MOVQ DI, R12
	LEAQ full<>(SB), SI
	MOVL $FULL_SIZE, DX
	CALL say<>(SB)
	MOVQ R12, DI
	MOVL $SYS_exit_group, AX
	SYSCALL

later: // the rest can wait for a second
	CALL now<>(SB)
	ADDQ $1000000000, AX
	MOVQ AX, head_until(R15)
	MOVQ head_all(R15), R13
	MOVL $MANY, BP
	JMP  reap

enough:
	CMPQ WISH(R15), $0
	JEQ  word
	ANDQ $~(255<<16), R14
	ORQ  WISH(R15), R14
word:
	// argv: dockerinit returned FD WORD, with a letter for each four bits of R14.
	LEAQ NAME(R15), AX
	MOVQ AX, ARGV(R15)
	MOVQ $0x64656e7275746572, AX // "returned"
	MOVQ AX, RETURNED(R15)
	MOVQ $0, (RETURNED+8)(R15)
	LEAQ RETURNED(R15), AX
	MOVQ AX, (ARGV+8)(R15)
	MOVQ 24(BX), AX
	MOVQ AX, (ARGV+16)(R15)
	LEAQ LETTERS(R15), SI
	MOVQ SI, (ARGV+24)(R15)
	MOVQ $0, (ARGV+32)(R15)
	MOVQ $0, ENVP(R15)
	MOVB $0, 16(SI)
	MOVL $16, R13
letter:
	ROLQ $4, R14
	MOVL R14, AX
	ANDL $15, AX
	ADDL $97, AX // 'a'
	MOVB AX, (SI)
	INCQ SI
	DECL R13
	JNZ  letter

again:
	MOVQ head_self(R15), DI
	LEAQ (ENVP)(R15), SI // "": 0 is the end of a text too
	LEAQ ARGV(R15), DX
	LEAQ ENVP(R15), R10
	MOVL $AT_EMPTY_PATH, R8
	MOVL $SYS_execveat, AX
	SYSCALL
	// The kernel of an LX zone has no such call.
	MOVQ $0x65732f636f72702f, AX // "/proc/se"
	MOVQ AX, PATH(R15)
	MOVQ $0x6578652f666c, AX // "lf/exe"
	MOVQ AX, (PATH+8)(R15)
	LEAQ PATH(R15), DI
	LEAQ ARGV(R15), SI
	LEAQ ENVP(R15), DX
	MOVL $SYS_execve, AX
	SYSCALL
	LEAQ failed<>(SB), SI
	MOVL $FAILED_SIZE, DX
	CALL say<>(SB)
	MOVQ $1, TIME(R15)
	MOVQ $0, (TIME+8)(R15)
	LEAQ TIME(R15), DI
	XORL SI, SI
	MOVL $SYS_nanosleep, AX
	SYSCALL
	JMP  again

// now is the time in AX.
TEXT now<>(SB), NOSPLIT|NOFRAME, $0
	MOVL $CLOCK_MONOTONIC, DI
	LEAQ TIME(R15), SI
	MOVL $SYS_clock_gettime, AX
	SYSCALL
	IMUL3Q $1000000000, TIME(R15), AX
	ADDQ (TIME+8)(R15), AX
	RET

// say writes SI, of DX bytes, to the log, once in all.
TEXT say<>(SB), NOSPLIT|NOFRAME, $0
	MOVQ head_log(R15), DI
	MOVL $SYS_write, AX
	SYSCALL // where there is no log it is descriptor -1
	MOVQ $-1, head_log(R15)
	RET

TEXT ·handler(SB), NOSPLIT|NOFRAME, $0
	RET

TEXT ·restorer(SB), NOSPLIT|NOFRAME, $0
	MOVL $SYS_rt_sigreturn, AX
	SYSCALL
	RET
