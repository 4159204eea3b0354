package illumos

import "dockerinit/core/process"

// decodeStatus takes a status of wait apart by the kernel's own rules: those of
// Go's package compare the numbers in the wrong place on this system. Waits ask
// for ends alone, so nothing stopped or continued comes here.
// illumos: usr/src/uts/common/sys/wait.h
func decodeStatus(status uint32) process.Exit {
	if signal := status & 0x7f; signal != 0 {
		return process.Exit{Signal: int(signal)}
	}
	return process.Exit{Status: int(status >> 8 & 0xff)}
}
