//go:build illumos && !fake

package backend

import (
	"log/slog"

	"dockerinit/core"
	"dockerinit/platform_illumos"
)

// Name is the platform's name.
const Name = "illumos"

// Exec is the platform of dockerexec.
func Exec(log *slog.Logger) (core.Platform, error) { return illumos.NewExec(log) }
