//go:build (illumos || linux) && !fake

package host

import (
	"context"
	"errors"
	"io/fs"
	"os"

	"dockerinit/cmd/internal/serial"
	"dockerinit/core/metadata"
)

// Dial connects to the host from wherever this is: in a zone by its control
// directory, in a virtual machine by its second serial line.
func Dial(ctx context.Context) (metadata.Conn, error) {
	if inZone() {
		return dialZone(ctx)
	}
	if line, ok := serial.Guest(); ok {
		return serial.Dial(ctx, line)
	}
	return nil, metadata.Permanent(errors.New("this is neither a zone nor a virtual machine of SmartOS: there is no .zonecontrol, and its product name is not SmartDC HVM"))
}

// DialAt connects to the socket or serial line that a person named, and trusts
// them.
func DialAt(ctx context.Context, path string) (metadata.Conn, error) {
	if info, err := os.Stat(path); err == nil && info.Mode()&fs.ModeCharDevice != 0 {
		return serial.Dial(ctx, path)
	}
	return dialSocket(ctx, path)
}
