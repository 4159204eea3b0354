//go:build illumos && !fake

package whole

import (
	"fmt"
	"os"

	"dockerinit/core"
	"dockerinit/core/bootlog"
	"dockerinit/core/shim"
	"dockerinit/platform_illumos"
	"dockerinit/platform_illumos/ipadm"
)

// Enter is the first call of dockerinit: see shim.Enter.
func Enter() shim.Self { return illumos.Enter() }

// Init is the platform that dockerinit boots on. Anywhere but in the first
// process of a zone it would set up the machine of whoever tries it.
func Init(log *bootlog.Logger, self shim.Self) (core.Platform, error) {
	if pid := os.Getpid(); pid != 1 {
		return core.Platform{}, fmt.Errorf("dockerinit is the first process of a zone, and here it is process %d: nothing was done; dockerinit-fake boots a zone on any machine", pid)
	}
	return illumos.New(log, self, func() (illumos.Addresses, error) { return ipadm.Open() })
}
