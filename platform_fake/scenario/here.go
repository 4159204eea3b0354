package scenario

import (
	"os"
	"testing"

	"dockerinit/platform_fake/need"
)

// Need skips what this machine cannot show.
func (s Scenario) Need(t testing.TB) {
	t.Helper()
	if s.Here != nil {
		need.That(t, s.Here(), "a kernel without an emulator for other processors", "run it where binfmt_misc is empty")
	}
}

// noEmulator tells whether the kernel executes nothing but its own programs: on
// a machine where an emulator has been registered, it would be given the others.
func noEmulator() bool {
	const own = 2 // register and status
	formats, err := os.ReadDir("/proc/sys/fs/binfmt_misc")
	return err != nil || len(formats) <= own
}
