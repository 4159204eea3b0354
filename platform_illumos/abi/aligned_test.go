//go:build linux && amd64

package abi

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Go's own way to call libc is refused where another library is called.
func TestMisalignedCallEndsTheRun(t *testing.T) {
	_, binary := build(t, "aligned")
	loader := filepath.Join(t.TempDir(), "loader")
	if err := compile(loader, "testdata/aligned/probe.c"); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(loader, binary, "libc").CombinedOutput()
	if err != nil || string(out) != "42\n" {
		t.Errorf("through package libc: %v\n%s", err, out)
	}
	c := exec.Command(loader, binary, "sysvicall6")
	out, _ = c.CombinedOutput()
	if c.ProcessState.ExitCode() != 126 || !strings.Contains(string(out), "misaligned stack: ipadm_probe") {
		t.Errorf("through sysvicall6: status %d\n%s", c.ProcessState.ExitCode(), out)
	}
}
