//go:build linux && amd64

package abi

import (
	"os/exec"
	"path/filepath"
	"testing"
)

func TestModelIsMadeAndRead(t *testing.T) {
	loader, _ := build(t, "basics")
	file := filepath.Join(t.TempDir(), "model")
	for _, tt := range []struct {
		name   string
		args   []string
		status int
		out    string
	}{
		{"there is none to read", []string{"--state", file}, 126, "illumos loader: no model: " + file + "\n"},
		{"made", []string{"--model", file, "brand=lx", "nroot=/native", "fault=mount:1:16"}, 0, ""},
		{"what is not known is refused", []string{"--model", file, "colour=red"}, 126,
			"illumos loader: nothing of that name can be set, or not to that: colour\n"},
		{"a fault without its value is refused", []string{"--model", file, "fault=mount"}, 126,
			"illumos loader: nothing of that name can be set, or not to that: fault\n"},
		{"read: nothing has happened in the zone", []string{"--state", file}, 0, "fault mount:1:16 has not come up in 0 calls\n"},
		{"something else is no model", []string{"--state", loader}, 126, "illumos loader: not a model of this loader: " + loader + "\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := exec.Command(loader, tt.args...)
			out, _ := c.CombinedOutput()
			if c.ProcessState.ExitCode() != tt.status || string(out) != tt.out {
				t.Errorf("status %d: %q, want %d: %q", c.ProcessState.ExitCode(), out, tt.status, tt.out)
			}
		})
	}
}
