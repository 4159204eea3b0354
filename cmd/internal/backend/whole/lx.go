//go:build linux && !fake

package whole

import (
	"log/slog"

	"dockerinit/core"
	"dockerinit/core/shim"
	"dockerinit/platform_lx"
	"dockerinit/platform_lx/rtnl"
)

// Enter is the first call of dockerinit: see shim.Enter.
func Enter() shim.Self { return lx.Enter() }

// Init is the platform that dockerinit boots on.
func Init(log *slog.Logger, self shim.Self) (core.Platform, error) {
	return lx.New(log, self, func(log *slog.Logger) (lx.Stack, error) { return rtnl.Open(log) })
}
