package scenario_test

import (
	"syscall"
	"testing"

	"dockerinit/core"
	"dockerinit/platform_fake/need"
	"dockerinit/platform_fake/scenario"
)

// TestMain gives the tests the umask that a kernel gives to the first process:
// directories that a boot makes are cut by it.
func TestMain(m *testing.M) {
	syscall.Umask(0o022)
	m.Run()
}

func TestAll(t *testing.T) {
	names := map[string]bool{}
	for _, s := range scenario.All() {
		t.Run(s.Name, func(t *testing.T) {
			if names[s.Name] {
				t.Error("the name stands twice")
			}
			names[s.Name] = true
			if s.Here != nil {
				need.That(t, s.Here(), "a kernel without an emulator for other processors", "run it where binfmt_misc is empty")
			}
			s.Check(t, scenario.Boot(t, s.New(t), core.Options{}))
		})
	}
}
