//go:build illumos && !fake

package whole

import (
	"log/slog"

	"dockerinit/core"
	"dockerinit/core/shim"
	"dockerinit/platform_illumos"
)

// Enter is the first call of dockerinit. This backend starts nothing.
func Enter() shim.Self { return shim.Self{} }

// Init is the platform that dockerinit boots on.
func Init(log *slog.Logger, _ shim.Self) (core.Platform, error) { return illumos.New(log) }
