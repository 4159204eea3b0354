//go:build linux && !fake

package whole

import (
	"fmt"
	"os"
	"time"

	"dockerinit/core"
	"dockerinit/core/bootlog"
	"dockerinit/core/shim"
	"dockerinit/core/supervise"
	"dockerinit/core/zone"
	"dockerinit/platform_lx"
	"dockerinit/platform_lx/native"
	_ "dockerinit/platform_lx/resident/blocked" // where it begins
	"dockerinit/platform_lx/rtnl"
)

// Enter is the first call of dockerinit: see shim.Enter.
func Enter() shim.Self { return lx.Enter() }

// Init is the platform that dockerinit boots on. Anywhere but in the first
// process of a zone it would set up the machine of whoever tries it.
func Init(log *bootlog.Logger, self shim.Self) (core.Platform, error) {
	if pid := os.Getpid(); pid != 1 {
		return core.Platform{}, fmt.Errorf("dockerinit is the first process of a zone, and here it is process %d: nothing was done; dockerinit-fake boots a zone on any machine", pid)
	}
	return lx.New(log, self, lx.Stacks{
		Linux: func(log *bootlog.Logger, want zone.Network) (lx.Stack, error) {
			s, err := rtnl.Open(log)
			if err != nil {
				return nil, err
			}
			s.AskForLeases(want)
			return s, nil
		},
		LX: func(log *bootlog.Logger, run lx.Runner, want zone.Network) (lx.Stack, error) {
			return native.Open(log, run, want)
		},
		Resume: func(log *bootlog.Logger, state []byte, then time.Time) (supervise.Chore, error) {
			return rtnl.ResumeLease(log, state, then)
		},
	})
}
