//go:build linux

package lx

import (
	"context"
	"fmt"

	"dockerinit/core/exit"
	"dockerinit/core/process"
	"dockerinit/core/shim"
)

// processes executes commands.
type processes struct {
	execution
	self shim.Self
}

// Enter is the first call of a main that starts commands: see shim.Enter.
func Enter() shim.Self {
	return shim.Enter(func(words []string, _ func(string)) process.Kernel {
		var k kernel
		if len(words) > 0 {
			k.root = words[0]
		}
		return k
	})
}

// Start does what Exec does in a child. A kernel without process contracts cannot let
// the container end with it: for a command that SharesFate somebody has to stay.
func (p processes) Start(ctx context.Context, cmd process.Command) (pid int, err error) {
	return p.self.Start(ctx, cmd, nil, func(string) {})
}

// Wait waits by pid: PID 1 also gets children that it has not started.
func (processes) Wait(ctx context.Context, pid int) (process.Exit, error) { return shim.Wait(ctx, pid) }

// execution becomes commands and starts none, which is all that dockerexec does:
// it is kept free of what starting takes.
type execution struct{}

// Exec becomes the command, with the calls of kernel.
func (execution) Exec(cmd process.Command) error { return process.Become(kernel{}, cmd) }

func (execution) Start(_ context.Context, cmd process.Command) (pid int, err error) {
	return 0, exit.Fork.Errorf("start %q: this program starts nothing", cmd.Path)
}

func (execution) Wait(_ context.Context, pid int) (process.Exit, error) {
	return process.Exit{}, fmt.Errorf("wait for process %d: this program starts nothing", pid)
}
