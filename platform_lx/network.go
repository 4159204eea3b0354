//go:build linux

package lx

import (
	"context"
	"errors"
	"log/slog"

	"dockerinit/core/zone"
)

// A Stack is one way to configure the network. Which one the kernel allows is
// decided once, when the stack is brought up.
type Stack interface {
	Configure(ctx context.Context, nic zone.NIC) error
	AddRoute(ctx context.Context, route zone.Route) error
	Close() error
}

// network is the zone's IP stack. Linux needs no daemons for it.
type network struct {
	log   *slog.Logger
	isLX  func() bool
	linux func(*slog.Logger) (Stack, error) // the stack of a real Linux kernel
	stack Stack                             // nil: not up
}

// errNative names the way out, and not what the kernel answered: it refuses with
// a number that means nothing on Linux.
var errNative = errors.New("the kernel of an LX zone lets no Linux program configure its network, and this version does not run the native tools that can: boot the zone with the dockerinit that is built for illumos, which runs natively in an LX zone too")

func (n *network) Up(context.Context, zone.Network) error {
	if n.stack != nil {
		return nil
	}
	if n.isLX() {
		return errNative
	}
	stack, err := n.linux(n.log)
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
	n.stack = nil
	return stack.Close()
}

var errDown = errors.New("the IP stack is not up")
