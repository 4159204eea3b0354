package room

import (
	"testing"
	"unsafe"
)

// Whoever has taken it is not moved any more.
func TestTake(t *testing.T) {
	moved := make(chan bool)
	go func() {
		Take()
		var here byte
		before := uintptr(unsafe.Pointer(&here))
		deep(10)
		moved <- uintptr(unsafe.Pointer(&here)) != before
	}()
	if <-moved {
		t.Error("the stack was moved before it had 10 KiB")
	}
}

// deep takes a KiB at a time.
//
//go:noinline
func deep(kib int) byte {
	var frame [1 << 10]byte
	if kib > 1 {
		frame[kib] = deep(kib - 1)
	}
	return frame[kib]
}
