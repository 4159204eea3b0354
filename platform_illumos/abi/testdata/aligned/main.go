//go:build illumos

// Program aligned calls a function of libipadm: as Go calls libc, with a
// misaligned stack, or through package libc.
package main

import (
	"fmt"
	"os"
	"syscall"
	"unsafe"

	"dockerinit/platform_illumos/libc"
)

//go:cgo_import_dynamic libc_ipadm_probe ipadm_probe "libipadm.so.1"
//go:linkname procProbe libc_ipadm_probe
var procProbe libc.Function

func sysvicall6(function, count, a1, a2, a3, a4, a5, a6 uintptr) (r1, r2 uintptr, errno syscall.Errno)

func main() {
	var sum uintptr
	if os.Args[1] == "libc" {
		sum, _ = libc.Call(&procProbe, 40, 2)
	} else {
		sum, _, _ = sysvicall6(uintptr(unsafe.Pointer(&procProbe)), 2, 40, 2, 0, 0, 0, 0)
	}
	fmt.Println(sum)
}
