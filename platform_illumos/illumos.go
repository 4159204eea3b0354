//go:build illumos

package illumos

import (
	"fmt"
	"log/slog"
	"time"

	"dockerinit/core"
	"dockerinit/core/metadata"
)

// New is the platform that dockerinit boots on in a native zone.
func New(log *slog.Logger) (core.Platform, error) {
	p := platform(log, metadata.InitContact)
	p.Network, p.Console, p.System = network{}, console{}, system{}
	return p, nil
}

// NewExec is the platform of dockerexec: a running zone asks for no more than
// its metadata and its processes.
func NewExec(log *slog.Logger) (core.Platform, error) {
	return platform(log, metadata.ExecContact), nil
}

func platform(log *slog.Logger, contact time.Duration) core.Platform {
	return core.Platform{
		Name:      "illumos",
		Root:      "/",
		Metadata:  newMetadata(log, contact),
		Processes: processes{},
	}
}

// cannot is the error of everything that this version does not do.
func cannot(do, left string) error {
	return fmt.Errorf("the illumos backend cannot %s in this version: %s; dockerinit-fake boots the same payload on any machine", do, left)
}
