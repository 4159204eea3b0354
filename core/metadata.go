package core

import (
	"context"
	"fmt"

	"dockerinit/core/exit"
	"dockerinit/core/zone"
)

// An answer is what the host says to a question that was asked before.
type answer func() (map[string]string, error)

// metadataStep has the host's answers to everything. It was asked before the
// first step, which needs none of them.
var metadataStep = Step{"metadata", func(b *Boot) []Action {
	return []Action{{
		What: fmt.Sprintf("ask the host for %d keys", len(zone.Names(zone.Init))),
		Code: exit.MetadataFailed,
		Do: func(context.Context) (err error) {
			b.values, err = b.asked()
			return err
		},
	}}
}}
