//go:build linux

package lx

import (
	"context"
	"errors"
	"time"

	"dockerinit/core/bootlog"
	"dockerinit/core/process"
	"dockerinit/core/supervise"
	"dockerinit/core/zone"
)

// A Stack is one way to configure the network. Which one the kernel allows is
// decided once, when the stack is brought up.
type Stack interface {
	Configure(ctx context.Context, nic zone.NIC) error
	AddRoute(ctx context.Context, route zone.Route) error
	Chores() []supervise.Chore // what has to be done now and then, for as long as the zone runs
	Close() error
}

// Stacks open them, told all that will be asked for.
type Stacks struct {
	Linux func(*bootlog.Logger, zone.Network) (Stack, error)         // of a kernel that is really Linux's
	LX    func(*bootlog.Logger, Runner, zone.Network) (Stack, error) // of an LX zone's, which native tools alone change

	// Resume makes a chore of a Linux stack again: see core.Platform.
	Resume func(log *bootlog.Logger, state []byte, then time.Time) (supervise.Chore, error)
}

// A Runner runs a program to its end: see processes.run.
type Runner = func(ctx context.Context, root string, cmd process.Command, limit time.Duration) (said string, end process.Exit, err error)

// network is the zone's IP stack.
type network struct {
	log    *bootlog.Logger
	isLX   func() bool
	run    Runner
	stacks Stacks
	stack  Stack // nil: not up
	chores []supervise.Chore
}

func (n *network) Up(_ context.Context, want zone.Network) error {
	if n.stack != nil {
		return nil
	}
	var stack Stack
	var err error
	if n.isLX() {
		stack, err = n.stacks.LX(n.log, n.run, want)
	} else {
		stack, err = n.stacks.Linux(n.log, want)
	}
	if err != nil {
		return err
	}
	n.stack = stack
	return nil
}

func (n *network) Configure(ctx context.Context, nic zone.NIC) error {
	if n.stack == nil {
		return errDown
	}
	return n.stack.Configure(ctx, nic)
}

func (n *network) AddRoute(ctx context.Context, r zone.Route) error {
	if n.stack == nil {
		return errDown
	}
	return n.stack.AddRoute(ctx, r)
}

// Close lets go of the stack. What was configured stays.
func (n *network) Close(context.Context) error {
	if n.stack == nil {
		return nil
	}
	stack := n.stack
	n.stack, n.chores = nil, stack.Chores()
	return stack.Close()
}

var errDown = errors.New("the IP stack is not up")
