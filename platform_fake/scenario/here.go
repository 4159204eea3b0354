package scenario

import "os"

// noEmulator tells whether the kernel executes nothing but its own programs: on
// a machine where an emulator has been registered, it would be given the others.
func noEmulator() bool {
	const own = 2 // register and status
	formats, err := os.ReadDir("/proc/sys/fs/binfmt_misc")
	return err != nil || len(formats) <= own
}
