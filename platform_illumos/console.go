//go:build illumos

package illumos

import (
	"context"
	"fmt"
	"os"

	"dockerinit/core/process"
	"dockerinit/core/zone"
)

// console is the container's stdio.
type console struct{}

func (console) Open(context.Context, zone.Console) (process.Stdio, error) {
	return process.Stdio{}, cannot("open the console", "the command would have no stdio")
}

func (console) Tee(context.Context, zone.Console) (stdout, stderr *os.File, err error) {
	return nil, nil, cannot("copy the console", "the log driver would have nothing to read")
}

// Say has only the standard error that init was given.
func (console) Say(text string) { fmt.Fprintln(os.Stderr, text) }
