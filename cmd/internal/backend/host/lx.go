//go:build linux && !fake

package host

import (
	"context"

	"dockerinit/core/metadata"
	"dockerinit/platform_lx"
)

func inZone() bool { return lx.InZone() }

func dialZone(ctx context.Context) (metadata.Conn, error) { return lx.DialMetadata(ctx) }

func dialSocket(ctx context.Context, path string) (metadata.Conn, error) {
	return lx.DialMetadataAt(ctx, path)
}
