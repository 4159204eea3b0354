package core

import (
	"context"
	"fmt"

	"dockerinit/core/exit"
	"dockerinit/core/zone"
)

// metadataStep asks the host for everything in one round trip.
var metadataStep = Step{"metadata", func(b *Boot) []Action {
	keys := zone.Names(zone.Init)
	return []Action{{
		What: fmt.Sprintf("ask the host for %d keys", len(keys)),
		Code: exit.MetadataFailed,
		Do: func(ctx context.Context) (err error) {
			b.values, err = b.Metadata.Get(ctx, keys...)
			return err
		},
	}}
}}
