//go:build linux

package main_test

import (
	"testing"

	"dockerinit/cmd/internal/cmdtest"
)

// E8: TERM is the caller's where the command is at the caller's terminal.
func TestTERMIsTheCallersAtATerminal(t *testing.T) {
	flags, _ := zone(t)
	term := cmdtest.StartAtTerminal(t, dockerexec(flags, "sh", "-c", "echo TERM is $TERM; tty -s && echo a terminal; exit 5"))
	term.See("EXEC\n", "TERM is of-the-caller\n", "a terminal\n")
	if r := term.Wait(); r.Status != 5 {
		t.Errorf("status %d", r.Status)
	}
}
