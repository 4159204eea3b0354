//go:build illumos && amd64

package illumos

import (
	"errors"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"dockerinit/core/exit"
	"dockerinit/core/process"
)

// The host lets nobody but root ask it, so that no user gets as far.
func TestAnotherUserNeedsRoot(t *testing.T) {
	if err := (kernel{}).Unprivileged(process.Credentials{UID: 1000}); !errors.Is(err, unix.EPERM) || !strings.Contains(err.Error(), "not root") {
		t.Error(err)
	}
}

// What is not there for dockerexec, and a wait that would take any child.
func TestNothingIsStartedOrWaitedFor(t *testing.T) {
	if pid, err := (execution{}).Start(t.Context(), process.Command{Path: "/bin/sh"}); pid != 0 || exit.CodeOf(err) != exit.Fork {
		t.Errorf("started as %d: %v", pid, err)
	}
	if _, err := (execution{}).Wait(t.Context(), 1); err == nil {
		t.Error("waited for")
	}
	for _, pid := range []int{0, -1} {
		if _, err := new(processes).Wait(t.Context(), pid); err == nil {
			t.Errorf("process %d was waited for", pid)
		}
	}
}
