package core

import (
	"context"
	"fmt"
	"slices"

	"dockerinit/core/exit"
)

// command looks the command up once more where something has been mounted since
// the first look: that may have brought what was missing, or cover what was
// there. It comes before the console, so that a zone whose command is not there
// is never marked as provisioned.
var command = Step{"command", func(b *Boot) []Action {
	if len(b.Command.Args) == 0 || !b.mountsMayCover() {
		return nil
	}
	return []Action{{
		What: fmt.Sprintf("look for %q again, on what was mounted", b.Command.Args[0]),
		Code: exit.StatCommand,
		Do: func(context.Context) error {
			warnings, err := b.find()
			if !slices.Equal(warnings, b.odd) {
				b.warn("command", warnings...)
			}
			return err
		},
	}}
}}
