// Program netless is dockerinit with a network that is there already.
package main

import (
	"context"
	"os"
	"runtime"

	"dockerinit/core"
	"dockerinit/core/bootlog"
	"dockerinit/core/exit"
	"dockerinit/core/process"
	"dockerinit/core/zone"
	"dockerinit/platform_illumos"
)

func main() {
	runtime.GOMAXPROCS(1)
	self := illumos.Enter()
	log := bootlog.New()
	platform, err := illumos.New(log.Logger, self, nil)
	var ended process.Exit
	if err == nil {
		platform.Network = network{}
		err = core.Init(context.Background(), platform, log, core.Options{Ended: func(e process.Exit) { ended = e }})
	}
	if err != nil {
		os.Exit(exit.StatusOf(err))
	}
	os.Exit(ended.Code())
}

type network struct{}

func (network) Up(context.Context, zone.Network) error     { return nil }
func (network) Configure(context.Context, zone.NIC) error  { return nil }
func (network) AddRoute(context.Context, zone.Route) error { return nil }
func (network) Close(context.Context) error                { return nil }
