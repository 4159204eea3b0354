//go:build (illumos || linux) && amd64

package libc

import (
	"runtime"
	"strings"
	"syscall"
	"unsafe"
)

// A Function is a function of a library. A variable of this type has the name of
// an import for its own, so that it lies where the runtime linker puts the
// function: its address is the function's, and what is there is code.
type Function = uintptr

// frame is what the trampoline reads and writes. call_amd64.s knows its layout.
type frame struct {
	function uintptr
	count    uintptr // of arguments; at least registers
	words    *uintptr
	errno    uintptr // ___errno, which returns where the thread's errno is
	result   uintptr
	failed   uintptr // errno afterwards
}

// registers is how many arguments are passed in registers. System V ABI, amd64
const registers = 6

// callWith calls the function and waits. It is built for Linux too, whose calls
// are alike, so that a test can run it there.
func callWith(errnoAt, function *Function, args ...uintptr) (result uintptr, errno syscall.Errno) {
	words := make([]uintptr, max(len(args), registers))
	copy(words, args)
	f := &frame{
		function: uintptr(unsafe.Pointer(function)),
		count:    uintptr(len(words)),
		words:    &words[0],
		errno:    uintptr(unsafe.Pointer(errnoAt)),
	}
	enter(f)
	runtime.KeepAlive(words)
	runtime.KeepAlive(function)
	runtime.KeepAlive(errnoAt)
	return f.result, syscall.Errno(f.failed)
}

// enter tells the scheduler that this thread may be away for long: a call may
// start a daemon and wait for it. Between the two nothing may need more stack.
//
//go:nosplit
func enter(f *frame) {
	entersyscall()
	asmcgocall(unsafe.Pointer(trampolineAt), unsafe.Pointer(f))
	exitsyscall()
}

//go:linkname entersyscall runtime.entersyscall
func entersyscall()

//go:linkname exitsyscall runtime.exitsyscall
func exitsyscall()

// asmcgocall calls a function on the system stack, with arg in %rdi. It lets arg
// escape, so that a frame is on the heap.
//
//go:linkname asmcgocall runtime.asmcgocall
func asmcgocall(function, arg unsafe.Pointer) int32

// trampolineAt is the routine itself and not the wrapper that a func value of
// Go would be.
var trampolineAt unsafe.Pointer

func trampoline()

var _ = trampoline // used by call_amd64.s alone, which go vet wants declared

// Bytes is memory that C may be given: on the heap, and zero.
//
//go:noinline
func Bytes(size int) []byte { return make([]byte, size) }

// String is the text with a NUL, on the heap. A text that has one already would
// be cut there, and is EINVAL.
func String(text string) ([]byte, error) {
	if strings.IndexByte(text, 0) >= 0 {
		return nil, syscall.EINVAL
	}
	b := Bytes(len(text) + 1)
	copy(b, text)
	return b, nil
}

// At is where the bytes are, as an argument. 0 (NULL) where there are none.
func At(b []byte) uintptr { return uintptr(unsafe.Pointer(unsafe.SliceData(b))) }

// Text copies a C string, at most most bytes of it. "" for NULL.
func Text(at uintptr, most int) string {
	p := *(*unsafe.Pointer)(unsafe.Pointer(&at)) // C's memory, which the collector knows nothing of
	if p == nil {
		return ""
	}
	var b []byte
	for i := range most {
		c := *(*byte)(unsafe.Add(p, i))
		if c == 0 {
			break
		}
		b = append(b, c)
	}
	return string(b)
}
