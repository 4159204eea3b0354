package core

import (
	"context"

	"dockerinit/core/exit"
)

// network starts the IP stack, told all that it will be asked for.
var network = Step{"network", func(b *Boot) []Action {
	return []Action{{
		What: "start the IP stack",
		Code: exit.IpadmDoor,
		Do: func(ctx context.Context) error {
			want := b.Zone.Network
			want.Hostname = b.Zone.Hostname
			return b.Network.Up(ctx, want)
		},
	}}
}}
