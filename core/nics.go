package core

import (
	"context"

	"dockerinit/core/exit"
	"dockerinit/core/zone"
)

// nics configures every NIC, loopback first: daemons listen there.
var nics = Step{"nics", func(b *Boot) (todo []Action) {
	all := append([]zone.NIC{zone.Lo(b.Zone.Brand)}, b.Zone.Network.NICs...)
	for _, nic := range all {
		todo = append(todo, Action{
			What: "configure " + nic.String(),
			Code: exit.RaiseInterface,
			Do:   func(ctx context.Context) error { return b.Network.Configure(ctx, nic) },
		})
	}
	return todo
}}
