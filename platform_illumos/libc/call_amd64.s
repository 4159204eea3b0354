//go:build (illumos || linux) && amd64

#include "textflag.h"

// The offsets in a frame: see call.go, and TestFrame.
#define frame_function 0
#define frame_count 8
#define frame_words 16
#define frame_errno 24
#define frame_result 32
#define frame_failed 40

DATA ·trampolineAt(SB)/8, $·trampoline(SB)
GLOBL ·trampolineAt(SB), NOPTR, $8

// trampoline is entered as a C function with one argument: %rdi is the frame, the
// stack is aligned as before a call. Three words are saved, with the address of
// return four: it is aligned again. It keeps what C's rules say that a function
// keeps.
TEXT ·trampoline(SB), NOSPLIT|NOFRAME, $0-0
	PUSHQ BP
	MOVQ  SP, BP
	PUSHQ BX
	PUSHQ R12
	PUSHQ R13
	MOVQ  SP, R13
	ANDQ  $~15, SP
	MOVQ  DI, BX

	// errno says nothing of a call that did not set it.
	MOVQ frame_errno(BX), AX
	CALL AX
	MOVL $0, (AX)

	// The arguments from the seventh on are on the stack, the last one pushed
	// first; an even number of words keeps the alignment.
	MOVQ frame_count(BX), CX
	MOVQ frame_words(BX), R12
	SUBQ $6, CX
	JLE  loaded
	MOVQ CX, DX
	INCQ DX
	ANDQ $~1, DX
	SHLQ $3, DX
	MOVQ SP, R10
	SUBQ DX, R10
	MOVQ R10, SP

next:
	MOVQ 40(R12)(CX*8), AX
	MOVQ AX, -8(R10)(CX*8)
	DECQ CX
	JNZ  next

loaded:
	MOVQ 0(R12), DI
	MOVQ 8(R12), SI
	MOVQ 16(R12), DX
	MOVQ 24(R12), CX
	MOVQ 32(R12), R8
	MOVQ 40(R12), R9
	XORL AX, AX // no vector registers, for functions with variable arguments
	MOVQ frame_function(BX), R11
	CALL R11
	MOVQ AX, frame_result(BX)

	MOVQ    frame_errno(BX), AX
	CALL    AX
	MOVLQSX (AX), AX
	MOVQ    AX, frame_failed(BX)

	MOVQ R13, SP
	POPQ R13
	POPQ R12
	POPQ BX
	POPQ BP
	XORL AX, AX
	RET
