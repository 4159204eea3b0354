//go:build linux && amd64

package resident

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// Go begins as if nothing had been before it, but for one word that it is told.
func TestGoIsEnteredWithOneProcessor(t *testing.T) {
	program := filepath.Join(t.TempDir(), "entered")
	build := exec.Command("go", "build", "-ldflags", "-E "+Entry, "-o", program, "./testdata/entered")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, tt := range []struct {
		name      string
		args, env []string
		want      string
	}{
		{"nothing but its name", []string{"init"}, []string{}, `1 ["init"] ["GOMAXPROCS=1"]`},
		{"arguments and variables", []string{"a", "", "b c"}, []string{"X=1", "Y="}, `1 ["a" "" "b c"] ["GOMAXPROCS=1" "X=1" "Y="]`},
		{"another number", []string{"a"}, []string{"GOMAXPROCS=7"}, `1 ["a"] ["GOMAXPROCS=1"]`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := exec.Cmd{Path: program, Args: tt.args, Env: tt.env}
			out, err := c.CombinedOutput()
			if err != nil || string(out) != tt.want+"\n" {
				t.Errorf("%v: got %swant %s", err, out, tt.want)
			}
		})
	}
}
