//go:build fake || !(illumos || linux)

package host

import (
	"context"
	"errors"
	"net"

	"dockerinit/core/metadata"
)

// Dial has nowhere to connect to.
func Dial(context.Context) (metadata.Conn, error) {
	return nil, metadata.Permanent(errors.New("this build has no metadata service of its own: give --socket PATH"))
}

// DialAt connects to the socket that a person named.
func DialAt(ctx context.Context, path string) (metadata.Conn, error) {
	var d net.Dialer
	return d.DialContext(ctx, "unix", path)
}
