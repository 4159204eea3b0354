//go:build illumos

package illumos

import (
	"context"
	"fmt"

	"dockerinit/core/zone"
)

// system is the rest of the kernel.
type system struct{}

func (system) Mount(_ context.Context, m zone.Mount) error {
	return cannot("mount "+m.Type, fmt.Sprintf("nothing is mounted on %s", m.Target))
}

func (system) SetHostname(_ context.Context, name string) error {
	return cannot("set the hostname", fmt.Sprintf("%q is not its name", name))
}
