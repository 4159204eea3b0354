//go:build illumos && !fake

package backend

import (
	"context"

	"dockerinit/core/metadata"
	"dockerinit/platform_illumos"
)

// DialMetadata connects to this machine's metadata service.
func DialMetadata(ctx context.Context) (metadata.Conn, error) { return illumos.DialMetadata(ctx) }

// DialMetadataAt connects to the one that a person named.
func DialMetadataAt(ctx context.Context, path string) (metadata.Conn, error) {
	return illumos.DialMetadataAt(ctx, path)
}
