//go:build illumos && amd64

package libc

import (
	"errors"
	"syscall"
	"testing"
)

// What no kernel does and no caller: a failure without a reason, and a text that C
// would take for another one.
func TestFailures(t *testing.T) {
	minusOne := ^uintptr(0)
	for _, tt := range []struct {
		name      string
		got, want error
	}{
		{"no failure", fails(0, syscall.EIO), nil},
		{"one of 32 bits", fails(minusOne>>32, syscall.EIO), syscall.EIO},
		{"without a reason", fails(minusOne, 0), syscall.EINVAL},
		{"a NUL", Mount("swap", "/tmp/a\x00b", "tmpfs", "", 0), syscall.EINVAL},
	} {
		if !errors.Is(tt.got, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, tt.got, tt.want)
		}
	}
}
