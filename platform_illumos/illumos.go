//go:build illumos && amd64

package illumos

import (
	"time"

	"dockerinit/core"
	"dockerinit/core/bootlog"
	"dockerinit/core/metadata"
	"dockerinit/core/shim"
	"dockerinit/platform_illumos/libc"
)

// New is the platform that dockerinit boots on in a native zone, and natively in
// an LX zone. self is what Enter has returned; the library of the network is given
// from outside, so that only who boots a zone needs it.
func New(log *bootlog.Logger, self shim.Self, library func() (Addresses, error)) (core.Platform, error) {
	native := libc.ZoneRoot()
	p := platform(log, metadata.InitContact)
	starting := &processes{log: log, self: self}
	p.Network = newNetwork(log, starting, library, native)
	p.Console, p.Processes, p.System = newConsole(log, native), starting, newSystem(log, starting, native)
	p.Staying = newStaying(starting, native)
	return p, nil
}

// NewExec is the platform of dockerexec: a running zone asks for no more than
// its metadata, and that its command be executed.
func NewExec(log *bootlog.Logger) (core.Platform, error) {
	return platform(log, metadata.ExecContact), nil
}

func platform(log *bootlog.Logger, contact time.Duration) core.Platform {
	return core.Platform{
		Name:      "illumos",
		Root:      "/",
		Metadata:  newMetadata(log, contact),
		Processes: execution{},
		Contracts: true,
	}
}

// tell is a line of the log, of a step.
func tell(log *bootlog.Logger, level bootlog.Level, step, text string) {
	log.LogAttrs(level, text, bootlog.Step(step))
}
