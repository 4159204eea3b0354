package core

import (
	"context"
	"fmt"

	"dockerinit/core/exit"
	"dockerinit/core/room"
	"dockerinit/core/zone"
)

// An answer is what the host says to a question that was asked in the background.
type answer struct {
	values map[string]string
	err    error
}

// ask asks the host for keys, all in one round trip, and does not wait for it:
// the channel gets one answer.
func (b *Boot) ask(ctx context.Context, keys ...string) chan answer {
	asked := make(chan answer, 1)
	go func() {
		room.Take()
		values, err := b.Metadata.Get(ctx, keys...)
		asked <- answer{values, err}
	}()
	return asked
}

// metadataStep has the host's answers to everything. It was asked before the
// first step, which needs none of them.
var metadataStep = Step{"metadata", func(b *Boot) []Action {
	return []Action{{
		What: fmt.Sprintf("ask the host for %d keys", len(zone.Names(zone.Init))),
		Code: exit.MetadataFailed,
		Do: func(context.Context) error {
			said := <-b.asked
			b.values = said.values
			return said.err
		},
	}}
}}
