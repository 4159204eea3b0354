package core

import (
	"context"
	"fmt"
)

// command looks the command up once more, where the first look failed and
// something that has been mounted since may have brought what was missing. It
// comes before the console, so that a zone whose command is not there is never
// marked as provisioned.
var command = Step{"command", func(b *Boot) []Action {
	if b.unfound == nil {
		return nil
	}
	return []Action{{
		What: fmt.Sprintf("look for %q again, on what was mounted", b.Command.Args[0]),
		Do: func(context.Context) error {
			warnings, err := b.find()
			b.warn("command", warnings...)
			return err
		},
	}}
}}
