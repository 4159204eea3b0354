//go:build illumos && !fake

package host

import (
	"context"

	"dockerinit/core/metadata"
	"dockerinit/platform_illumos/agent"
)

func inZone() bool { return agent.InZone() }

func dialZone(ctx context.Context) (metadata.Conn, error) { return agent.Dial(ctx) }

func dialSocket(ctx context.Context, path string) (metadata.Conn, error) {
	return agent.DialAt(ctx, path)
}
