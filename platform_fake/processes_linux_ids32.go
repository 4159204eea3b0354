//go:build linux && (386 || arm)

package fake

import "syscall"

// The calls without the number are those for ids of 16 bits.
const getresuid, getresgid = syscall.SYS_GETRESUID32, syscall.SYS_GETRESGID32
