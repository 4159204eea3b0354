package core

import "context"

// daemons lets go of the IP stack, and ends what only set-up needed where the
// host asks for that: images of the Docker world expect no foreign process.
var daemons = Step{"daemons", func(b *Boot) []Action {
	what := "let go of the IP stack"
	if b.Zone.Network.StopDaemons {
		what = "stop the network's daemons"
	}
	return []Action{{What: what, Do: b.closeNetwork, Optional: true}}
}}

func (b *Boot) closeNetwork(ctx context.Context) error { return b.Network.Close(ctx) }
