//go:build (illumos || linux) && amd64

package libc

import (
	"encoding/binary"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"syscall"
	"testing"
	"unsafe"
)

// call_amd64.s has these numbers.
func TestFrame(t *testing.T) {
	var f frame
	for i, at := range []uintptr{
		unsafe.Offsetof(f.function), unsafe.Offsetof(f.count), unsafe.Offsetof(f.words),
		unsafe.Offsetof(f.errno), unsafe.Offsetof(f.result), unsafe.Offsetof(f.failed),
	} {
		if want := uintptr(i) * 8; at != want {
			t.Errorf("field %d is at %d, want %d", i, at, want)
		}
	}
}

// probe is a library of two functions in machine code: errno tells where the word
// is; callee writes to its first argument the stack pointer that it was entered
// with, its next seven arguments, and errno as it was then, sets errno to 17 and
// returns -2.
func probe(t *testing.T) (errno, callee *Function) {
	t.Helper()
	code, err := syscall.Mmap(-1, 0, 4096, syscall.PROT_READ|syscall.PROT_WRITE|syscall.PROT_EXEC, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = syscall.Munmap(code) })
	word := At(code) + 2048
	where := binary.LittleEndian.AppendUint64(nil, uint64(word))
	copy(code, slices.Concat([]byte{0x48, 0xb8}, where, []byte{0xc3})) // mov $word, %rax; ret
	copy(code[1024:], slices.Concat(
		[]byte{
			0x48, 0x89, 0x27, // mov %rsp, (%rdi)
			0x48, 0x89, 0x77, 0x08, // mov %rsi, 8(%rdi)
			0x48, 0x89, 0x57, 0x10, // mov %rdx, 16(%rdi)
			0x48, 0x89, 0x4f, 0x18, // mov %rcx, 24(%rdi)
			0x4c, 0x89, 0x47, 0x20, // mov %r8, 32(%rdi)
			0x4c, 0x89, 0x4f, 0x28, // mov %r9, 40(%rdi)
			0x48, 0x8b, 0x44, 0x24, 0x08, // mov 8(%rsp), %rax
			0x48, 0x89, 0x47, 0x30, // mov %rax, 48(%rdi)
			0x48, 0x8b, 0x44, 0x24, 0x10, // mov 16(%rsp), %rax
			0x48, 0x89, 0x47, 0x38, // mov %rax, 56(%rdi)
			0x48, 0xb9, // mov $word, %rcx
		}, where,
		[]byte{
			0x8b, 0x01, // mov (%rcx), %eax
			0x48, 0x89, 0x47, 0x40, // mov %rax, 64(%rdi)
			0xc7, 0x01, 17, 0, 0, 0, // movl $17, (%rcx)
			0x48, 0xc7, 0xc0, 0xfe, 0xff, 0xff, 0xff, // mov $-2, %rax
			0xc3, // ret
		}))
	return (*Function)(unsafe.Pointer(&code[0])), (*Function)(unsafe.Pointer(&code[1024]))
}

func TestCall(t *testing.T) {
	errno, callee := probe(t)
	for count := 1; count <= 9; count++ {
		seen := Bytes(9 * 8)
		args := []uintptr{At(seen)}
		for i := 1; i < count; i++ {
			args = append(args, uintptr(1000+i))
		}
		result, failed := callWith(errno, callee, args...)
		runtime.KeepAlive(seen)
		var got []uint64
		for i := range 9 {
			got = append(got, binary.LittleEndian.Uint64(seen[i*8:]))
		}
		if got[0]%16 != 8 {
			t.Errorf("%d arguments: entered with the stack at %#x, want 8 above a multiple of 16", count, got[0])
		}
		for i := 1; i < min(count, 8); i++ {
			if got[i] != uint64(1000+i) {
				t.Errorf("%d arguments: number %d is %d", count, i, got[i])
			}
		}
		if got[8] != 0 || failed != 17 || int64(result) != -2 {
			t.Errorf("%d arguments: errno was %d and is %d, the result is %d", count, got[8], failed, int64(result))
		}
	}
}

// Calls from many goroutines, with stacks that grow and a collector that runs.
func TestCallsAtOnce(t *testing.T) {
	errno, callee := probe(t)
	var all sync.WaitGroup
	for g := range 8 {
		all.Go(func() {
			for i := range 2000 {
				seen := Bytes(9 * 8)
				callWith(errno, callee, At(seen), uintptr(g), 2, 3, 4, 5, 6, uintptr(i))
				runtime.KeepAlive(seen)
				if binary.LittleEndian.Uint64(seen[8:]) != uint64(g) || binary.LittleEndian.Uint64(seen[56:]) != uint64(i) {
					t.Errorf("goroutine %d, call %d: %s", g, i, fmt.Sprintf("%x", seen))
					return
				}
				if i%500 == 0 {
					runtime.GC()
				}
			}
		})
	}
	all.Wait()
}

func TestTexts(t *testing.T) {
	b, err := String("abc")
	if err != nil || string(b) != "abc\x00" {
		t.Errorf("%q %v", b, err)
	}
	if got := Text(At(b), 10) + Text(At(b), 2) + Text(0, 10); got != "abcab" {
		t.Error(got)
	}
	if _, err := String("a\x00b"); err == nil {
		t.Error("a NUL would have cut it")
	}
	runtime.KeepAlive(b)
}
