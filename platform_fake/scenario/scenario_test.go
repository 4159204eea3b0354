package scenario_test

import (
	"testing"

	"dockerinit/core"
	"dockerinit/platform_fake/need"
	"dockerinit/platform_fake/scenario"
)

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
