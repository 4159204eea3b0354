//go:build linux

package resident_test

import (
	"os"
	"strings"
	"testing"

	"dockerinit/platform_lx/entry"
	"dockerinit/platform_lx/resident"
)

// What people build is entered where it should be.
func TestTheMakefileKnowsTheEntries(t *testing.T) {
	text, err := os.ReadFile("../../Makefile")
	if err != nil {
		t.Fatal(err)
	}
	for program, first := range map[string]string{"dockerinit": resident.Entry, "dockerexec": entry.Exec} {
		if !strings.Contains(string(text), "-ldflags 'dockerinit/cmd/"+program+"=$(LDFLAGS) -E "+first+"'") {
			t.Errorf("the Makefile does not build %s with -E %s", program, first)
		}
	}
}
