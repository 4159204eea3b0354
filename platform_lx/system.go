//go:build linux

package lx

import (
	"context"
	"fmt"

	"golang.org/x/sys/unix"

	"dockerinit/core/zone"
)

// system is the rest of the kernel.
type system struct{}

func (system) Mount(_ context.Context, m zone.Mount) error {
	if m.Type != "tmpfs" {
		return cannot("mount "+m.Type, fmt.Sprintf("nothing is mounted on %s", m.Target))
	}
	flags, data := mountOptions(m.Options)
	if err := unix.Mount(m.Source, m.Target, m.Type, flags, data); err != nil {
		return fmt.Errorf("mount %s: %w", m, err)
	}
	return nil
}

func (system) SetHostname(_ context.Context, name string) error {
	if err := unix.Sethostname([]byte(name)); err != nil {
		return fmt.Errorf("sethostname: %w", err)
	}
	return nil
}
