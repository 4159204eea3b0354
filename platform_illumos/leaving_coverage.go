//go:build illumos && amd64 && coverage

package illumos

import (
	"fmt"
	"os"
	"runtime/coverage"
)

// leaving writes what has been run, for `make cover-illumos`: only a program that
// ends does that by itself.
func leaving() {
	if err := coverage.WriteCountersDir(os.Getenv("GOCOVERDIR")); err != nil {
		fmt.Fprintln(os.Stderr, "coverage:", err)
	}
}
