//go:build linux && amd64

package abi

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"dockerinit/platform_fake/need"
)

// build makes the loader and an illumos program, from a folder as seen from testdata.
func build(t *testing.T, program string) (loader, binary string) {
	t.Helper()
	gcc := need.Program(t, "gcc", "gcc")
	dir := t.TempDir()
	loader, binary = filepath.Join(dir, "loader"), filepath.Join(dir, filepath.Base(program))
	sources, err := filepath.Glob("loader/*.c")
	if err != nil || len(sources) == 0 {
		t.Fatalf("no sources of the loader: %v", err)
	}
	args := append([]string{"-g", "-O1", "-Wall", "-Werror", "-fPIE", "-pie", "-rdynamic",
		"-mincoming-stack-boundary=3", "-fno-optimize-sibling-calls", "-fno-omit-frame-pointer",
		"-o", loader}, sources...)
	if out, err := exec.Command(gcc, append(args, "-ldl", "-pthread")...).CombinedOutput(); err != nil {
		t.Fatalf("gcc: %v\n%s", err, out)
	}
	c := exec.Command("go", "build", "-o", binary, "./"+filepath.Join("testdata", program))
	c.Env = append(os.Environ(), "GOOS=illumos", "GOARCH=amd64", "CGO_ENABLED=0")
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return loader, binary
}

func TestIllumosProgramRuns(t *testing.T) {
	loader, binary := build(t, "basics")
	for _, what := range strings.Fields("hello files root time goroutines preempt nil exec reexec signal unix tcp4 tcp6") {
		t.Run(what, func(t *testing.T) {
			c := exec.Command(loader, binary, what)
			c.Dir = t.TempDir()
			out, err := c.CombinedOutput()
			if err != nil || string(out) != what+" ok\n" {
				t.Fatalf("%v\n%s", err, out)
			}
		})
	}
}
