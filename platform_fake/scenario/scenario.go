package scenario

import (
	"slices"

	"dockerinit/core/zone"
	"dockerinit/platform_fake/host"
)

// A Scenario is a zone, and what must come of it.
type Scenario struct {
	Name string // the behaviour

	// Brand is the zone's, LX where it is left out. With it come a payload and an
	// image that boot, over which the others are laid.
	Brand   zone.Brand
	Payload string            // a JSON merge patch; JSON in internal_metadata stands for its text
	Image   []File            // over what the host leaves in every root
	Host    func(*host.Store) // what the host does besides
	V1Only  bool              // the host speaks version 1 of the protocol, as it did for years

	// Show is what of the result counts besides the zone's state: "path" and
	// "env" of the command, "logger" for the log driver's environment, and names
	// of files.
	Show []string

	Warns string // how each warning begins, a line each
	Want  string // the outcome

	// Here tells whether this machine can show the behaviour. nil: each can.
	Here func() bool
}

// All is the table.
func All() []Scenario {
	return slices.Concat(nics, routes, users, environments, limits, workdirs, commands, programs,
		consoles, mounts, attaches, marker, stays, images, values, mistakes)
}

// Find is the scenario of that name. It panics where there is none, since a
// test that misses what it is about must not pass.
func Find(name string) Scenario {
	for _, s := range All() {
		if s.Name == name {
			return s
		}
	}
	panic("no scenario " + name)
}

// network and usual are how the outcome of an LX zone begins that asks for
// nothing of the kind itself.
const (
	network = `
hostname web0
mount tmpfs on /dev/shm (mode=1777)
nic lo 127.0.0.1/8 ::1/128
nic eth0 10.0.0.5/24 mtu 1500
route default via 10.0.0.1 dev eth0
daemons ipmgmtd`

	usual = network + `
console three streams`
)

// Canary stands for a secret. A scenario has it where secrets are, and nothing
// that a boot says or leaves behind may hold it.
const Canary = "c4nary-T0k3n"
