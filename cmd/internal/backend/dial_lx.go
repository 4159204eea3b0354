//go:build linux && !fake

package backend

import (
	"context"

	"dockerinit/core/metadata"
	"dockerinit/platform_lx"
)

// DialMetadata connects to this machine's metadata service.
func DialMetadata(ctx context.Context) (metadata.Conn, error) { return lx.DialMetadata(ctx) }

// DialMetadataAt connects to the one that a person named.
func DialMetadataAt(ctx context.Context, path string) (metadata.Conn, error) {
	return lx.DialMetadataAt(ctx, path)
}
