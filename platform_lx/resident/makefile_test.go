//go:build linux

package resident

import (
	"os"
	"strings"
	"testing"
)

// What people build has the resident part.
func TestTheMakefileKnowsTheEntry(t *testing.T) {
	text, err := os.ReadFile("../../Makefile")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), "-E "+Entry+"\n") {
		t.Errorf("the Makefile does not build dockerinit with -E %s", Entry)
	}
}
