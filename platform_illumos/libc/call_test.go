//go:build illumos && amd64

package libc

import (
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
