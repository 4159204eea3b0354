//go:build linux && !fake

package backend

import (
	"dockerinit/core"
	"dockerinit/core/bootlog"
	"dockerinit/platform_lx"
)

// Name is the platform's name.
const Name = "lx"

// Exec is the platform of dockerexec.
func Exec(log *bootlog.Logger) (core.Platform, error) { return lx.NewExec(log) }
