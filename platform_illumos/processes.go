//go:build illumos

package illumos

import (
	"context"
	"fmt"

	"dockerinit/core/process"
)

// processes executes commands.
type processes struct{}

func (processes) Exec(cmd process.Command) error {
	return cannot("execute the command", fmt.Sprintf("%q does not run", cmd.Path))
}

func (processes) Start(_ context.Context, cmd process.Command) (pid int, err error) {
	return 0, cannot("start a helper", fmt.Sprintf("%q does not run", cmd.Path))
}

func (processes) Wait(_ context.Context, pid int) (process.Exit, error) {
	return process.Exit{}, cannot("wait for a helper", fmt.Sprintf("nothing is known of process %d", pid))
}
