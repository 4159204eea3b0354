//go:build linux && !386 && !arm

package fake

import "syscall"

const getresuid, getresgid = syscall.SYS_GETRESUID, syscall.SYS_GETRESGID
