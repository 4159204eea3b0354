package image

import (
	"os"
	"runtime"
	"syscall"
	"testing"
)

// asOrdinaryUser does do without root's right to read everything. On Linux a
// thread can give that up for files alone, and take it back.
func asOrdinaryUser(t *testing.T, do func()) {
	t.Helper()
	if os.Geteuid() != 0 {
		do()
		return
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := syscall.Setfsuid(65534); err != nil {
		t.Fatal(err)
	}
	defer syscall.Setfsuid(0)
	do()
}
