package core

import (
	"context"

	"dockerinit/core/exit"
)

// console opens the container's stdio. When it is open, whoever attaches can be
// heard: so the last look at docker:wait_for_attach is sent off here.
var console = Step{"console", func(b *Boot) []Action {
	want := b.Zone.Console
	what := "open the console: three streams"
	if want.TTY {
		what = "open the console: a terminal"
	}
	if !want.OpenStdin && !want.TTY {
		what += ", stdin empty"
	}
	return []Action{{
		What: what,
		Code: exit.OpenConsole,
		Do: func(ctx context.Context) (err error) {
			b.Command.Stdio, err = b.Console.Open(ctx, want)
			b.attach = b.Metadata.Ask(ctx, attachKey)
			return err
		},
	}}
}}
