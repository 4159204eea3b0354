package core

import "context"

// routes come after all NICs: a gateway may be on the link of any of them.
var routes = Step{"routes", func(b *Boot) (todo []Action) {
	for _, r := range b.Zone.Network.Ordered() {
		todo = append(todo, Action{
			What:     "route " + r.String(),
			Do:       func(ctx context.Context) error { return b.Network.AddRoute(ctx, r) },
			Optional: true, // a zone without a route is better than no zone
		})
	}
	return todo
}}
