//go:build linux

package lx

import (
	"context"
	"fmt"

	"dockerinit/core/zone"
)

// network is the zone's IP stack.
type network struct{}

// Up has nothing to do: a Linux kernel's stack is there from the start.
func (network) Up(context.Context, zone.Network) error { return nil }

func (network) Configure(_ context.Context, nic zone.NIC) error {
	return cannot("configure interfaces", fmt.Sprintf("NIC %s is left alone", nic.Interface))
}

func (network) AddRoute(_ context.Context, route zone.Route) error {
	return cannot("add routes", fmt.Sprintf("there is no route %s", route))
}

// Close has nothing to end, because Up started nothing.
func (network) Close(context.Context) error { return nil }
