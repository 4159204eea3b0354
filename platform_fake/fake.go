package fake

import (
	"dockerinit/core"
	"dockerinit/core/bootlog"
	"dockerinit/core/metadata"
	"dockerinit/core/supervise"
	"dockerinit/core/zone"
	"dockerinit/platform_fake/host"
)

// A Zone is one docker zone in memory. Every field may be replaced before
// Platform is called.
type Zone struct {
	Root     string // the image's root on this machine
	Programs string // where commands are looked up; "" is Root

	Store     *host.Store // what the host knows of the zone, and is told by it
	Metadata  *Metadata
	Network   *Network
	Console   core.Console
	Processes core.Processes
	System    *System
	Staying   supervise.OS // nil: RecordedStaying, where Processes is a Recorder

	Faults *Faults
	Log    *bootlog.Logger // of the metadata client
}

// New is a zone that the host has prepared from a payload: its links are there,
// and nothing is configured. root is the image's. Its console and processes are
// recorded.
func New(p *host.Payload, root string) *Zone {
	store := host.NewStore(p)
	brand := zone.Brand(p.Brand())
	network := NewNetwork(brand, p.Links())
	return &Zone{
		Root:      root,
		Store:     store,
		Metadata:  &Metadata{Server: &metadata.Server{Store: store}},
		Network:   network,
		Console:   &RecordedConsole{},
		Processes: &Recorder{},
		System:    &System{Root: root, Network: network, brand: brand},
		Faults:    &Faults{},
		Log:       bootlog.NewLogger(),
	}
}

// Platform is what a boot of the zone stands on. Each call gives one with a
// metadata client of its own, as each process in a zone has one.
func (z *Zone) Platform() core.Platform {
	staying := z.Staying
	if r, ok := z.Processes.(*Recorder); ok && staying == nil {
		staying = &RecordedStaying{Recorder: r}
	}
	return z.Faults.Wrap(core.Platform{
		Name:      "fake",
		Root:      z.Root,
		Programs:  z.Programs,
		Metadata:  metadata.New(z.Metadata.Dial, z.Log, metadata.InitContact),
		Network:   z.Network,
		Console:   z.Console,
		Processes: z.Processes,
		System:    z.System,
		Staying:   staying,
		Contracts: true, // what shares its fate is only recorded
	})
}

// Close ends what goes on in the zone, and returns when it has ended.
func (z *Zone) Close() error {
	err := z.Metadata.Close()
	if c, ok := z.Console.(interface{ Close() error }); ok {
		if closed := c.Close(); err == nil {
			err = closed
		}
	}
	return err
}
