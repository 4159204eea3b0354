//go:build illumos && !fake

package backend

import (
	"dockerinit/core"
	"dockerinit/core/bootlog"
	"dockerinit/platform_illumos"
)

// Name is the platform's name.
const Name = "illumos"

// Exec is the platform of dockerexec.
func Exec(log *bootlog.Logger) (core.Platform, error) { return illumos.NewExec(log) }
