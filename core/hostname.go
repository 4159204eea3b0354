package core

import (
	"context"
	"fmt"
)

// hostname names the zone. A zone with its old name still works.
var hostname = Step{"hostname", func(b *Boot) []Action {
	name := b.Zone.Hostname
	if name == "" {
		return nil
	}
	return []Action{{
		What:     fmt.Sprintf("set the hostname %q", name),
		Do:       func(ctx context.Context) error { return b.System.SetHostname(ctx, name) },
		Optional: true,
	}}
}}
