//go:build linux && !fake

package backend

import (
	"log/slog"

	"dockerinit/core"
	"dockerinit/platform_lx"
)

// Name is the platform's name.
const Name = "lx"

// Exec is the platform of dockerexec.
func Exec(log *slog.Logger) (core.Platform, error) { return lx.NewExec(log) }
