//go:build illumos && !fake

package host

import (
	"context"

	"dockerinit/core/metadata"
	"dockerinit/platform_illumos"
)

func inZone() bool { return illumos.InZone() }

func dialZone(ctx context.Context) (metadata.Conn, error) { return illumos.DialMetadata(ctx) }

func dialSocket(ctx context.Context, path string) (metadata.Conn, error) {
	return illumos.DialMetadataAt(ctx, path)
}
