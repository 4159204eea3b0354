//go:build fake || !(illumos || linux)

package backend

import (
	"context"
	"errors"
	"net"

	"dockerinit/core/metadata"
)

// DialMetadata has nowhere to connect to.
func DialMetadata(context.Context) (metadata.Conn, error) {
	return nil, metadata.Permanent(errors.New("this build has no metadata service of its own: give --socket PATH"))
}

// DialMetadataAt connects to the socket that a person named.
func DialMetadataAt(ctx context.Context, path string) (metadata.Conn, error) {
	var d net.Dialer
	return d.DialContext(ctx, "unix", path)
}
