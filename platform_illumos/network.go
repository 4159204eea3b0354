//go:build illumos

package illumos

import (
	"context"
	"fmt"

	"dockerinit/core/zone"
)

// network is the zone's IP stack.
type network struct{}

// Up fails first, so that a zone of many NICs has one error and not one each.
func (network) Up(context.Context, zone.Network) error {
	return cannot("start the IP stack", "the zone has no network")
}

func (network) Configure(_ context.Context, nic zone.NIC) error {
	return cannot("configure interfaces", fmt.Sprintf("NIC %s is left alone", nic.Interface))
}

func (network) AddRoute(_ context.Context, route zone.Route) error {
	return cannot("add routes", fmt.Sprintf("there is no route %s", route))
}

// Close has nothing to end, because Up started nothing.
func (network) Close(context.Context) error { return nil }
