//go:build linux && amd64

package abi

import (
	"debug/elf"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"dockerinit/platform_fake/need"
)

// made is the folder of what is built once for all tests.
var made string

func TestMain(m *testing.M) {
	if root := os.Getenv(zoneVariable); root != "" {
		fmt.Fprintln(os.Stderr, "enter the zone:", enterZone(root))
		os.Exit(126)
	}
	var err error
	if made, err = os.MkdirTemp("", "abi"); err == nil {
		err = os.Chmod(made, 0o755) // some tests run as nobody
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	need.Defaults()
	status := m.Run()
	os.RemoveAll(made)
	os.Exit(status)
}

var loaderOnce = sync.OnceValues(func() (path string, err error) {
	path = filepath.Join(made, "loader")
	return path, compile(path)
})

// compile makes a loader, of further sources too.
func compile(path string, further ...string) error {
	sources, err := filepath.Glob("loader/*.c")
	if err != nil || len(sources) == 0 {
		return fmt.Errorf("no sources of the loader: %v", err)
	}
	args := append([]string{"-g", "-O1", "-Wall", "-Wextra", "-Wshadow", "-Wstrict-prototypes", "-Werror", "-fPIE", "-pie", "-rdynamic",
		"-mincoming-stack-boundary=3", "-fno-optimize-sibling-calls", "-fno-omit-frame-pointer",
		"-o", path}, append(sources, further...)...)
	if out, err := exec.Command("gcc", append(args, "-ldl", "-pthread")...).CombinedOutput(); err != nil {
		return fmt.Errorf("gcc: %v\n%s", err, out)
	}
	return nil
}

// build makes the loader and an illumos program, from a folder as seen from testdata.
func build(t *testing.T, program string, flags ...string) (loader, binary string) {
	t.Helper()
	need.Program(t, "gcc", "gcc")
	loader, err := loaderOnce()
	if err != nil {
		t.Fatal(err)
	}
	binary = filepath.Join(t.TempDir(), filepath.Base(program))
	args := append(append([]string{"build", "-o", binary}, flags...), "./"+filepath.Join("testdata", program))
	c := exec.Command("go", args...)
	c.Env = illumos()
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	mark(t, binary)
	return loader, binary
}

// mark is what make illumos does with the programs.
func mark(t *testing.T, binary string) {
	t.Helper()
	f, err := os.OpenFile(binary, os.O_WRONLY, 0)
	must(t, err)
	_, err = f.WriteAt([]byte{byte(elf.ELFOSABI_SOLARIS)}, elf.EI_OSABI)
	must(t, errors.Join(err, f.Close()))
}

// illumos is the environment of a go command that builds for it.
func illumos() []string {
	return append(os.Environ(), "GOOS=illumos", "GOARCH=amd64", "CGO_ENABLED=0")
}

func TestIllumosProgramRuns(t *testing.T) {
	loader, binary := build(t, "basics")
	for _, what := range strings.Fields("hello files root time goroutines preempt nil exec reexec signal unix tcp4 tcp6 descriptors") {
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
