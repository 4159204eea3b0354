// Package need is how a test says what it cannot do without. Where that is
// missing the test is skipped, loudly: the skip, its reason and the remedy are
// written to the file that DOCKERINIT_SKIPS names, which `make test` prints at
// its end. With DOCKERINIT_NO_SKIPS set, as in CI, it fails instead.
package need

import (
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"syscall"
	"testing"
)

// Root is for tests that change credentials, mount or make namespaces.
func Root(t testing.TB) {
	t.Helper()
	if os.Geteuid() != 0 {
		missing(t, "root's rights", "run it as root")
	}
}

// System is for tests of one operating system's behaviour.
func System(t testing.TB, goos string) {
	t.Helper()
	if runtime.GOOS != goos {
		missing(t, goos, "run it on "+goos)
	}
}

// Program is for tests that run a tool; it returns the tool's path.
func Program(t testing.TB, name, debianPackage string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		missing(t, "the program "+name, "install "+debianPackage)
	}
	return path
}

// That is for what a test finds out by itself, such as whether the machine lets
// it make namespaces.
func That(t testing.TB, there bool, what, remedy string) {
	t.Helper()
	if !there {
		missing(t, what, remedy)
	}
}

// Defaults gives the programs that a test starts the default of the signals that
// whoever has started the tests ignores: HUP below nohup, INT and QUIT after a &.
func Defaults() {
	for _, s := range []os.Signal{syscall.SIGHUP, syscall.SIGINT, syscall.SIGQUIT} {
		if signal.Ignored(s) {
			signal.Notify(make(chan os.Signal, 1), s) // what has a handler here has its default there
		}
	}
}

func missing(t testing.TB, what, remedy string) {
	t.Helper()
	if os.Getenv("DOCKERINIT_NO_SKIPS") != "" {
		t.Fatalf("needs %s, and nothing may be skipped here: %s", what, remedy)
	}
	if name := os.Getenv("DOCKERINIT_SKIPS"); name != "" {
		f, err := os.OpenFile(name, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o644)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if _, err := fmt.Fprintf(f, "%s: needs %s; %s\n", t.Name(), what, remedy); err != nil {
			t.Fatal(err)
		}
	}
	t.Skipf("needs %s: %s", what, remedy)
}
