//go:build linux

package lx

import (
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"dockerinit/core"
	"dockerinit/core/bootlog"
	"dockerinit/core/metadata"
	"dockerinit/core/shim"
	"dockerinit/core/supervise"
	"dockerinit/platform_lx/resident"
)

// New is the platform that dockerinit boots on in an LX zone. self is what Enter
// has returned; the network is given from outside, so that only who boots a zone
// links what it needs.
func New(log *bootlog.Logger, self shim.Self, stacks Stacks) (core.Platform, error) {
	p := platform(log, metadata.InitContact)
	starting, signals := processes{self: self}, newBootSignals(log)
	returned, err := resident.Returned()
	if err != nil {
		return p, err
	}
	stack := &network{log: log, isLX: isLX, run: starting.run, stacks: stacks}
	p.Network = stack
	p.Chores = func() []supervise.Chore { return stack.chores }
	p.ResumeChore = func(state []byte, then time.Time) (supervise.Chore, error) { return stacks.Resume(log, state, then) }
	p.Console, p.Processes, p.System = newConsole(log), bootProcesses{starting, signals}, newSystem(log, starting)
	p.Staying = newStaying(starting, signals, returned)
	return p, nil
}

// NewExec is the platform of dockerexec: a running zone asks for no more than
// its metadata, and that its command be executed.
func NewExec(log *bootlog.Logger) (core.Platform, error) {
	return platform(log, metadata.ExecContact), nil
}

func platform(log *bootlog.Logger, contact time.Duration) core.Platform {
	return core.Platform{
		Name:      "lx",
		Root:      "/",
		Metadata:  newMetadata(log, contact),
		Processes: execution{},
	}
}

// isLX tells the kernel of an LX zone from Linux itself. An image cannot change
// what the kernel says, unlike a directory /native.
func isLX() bool {
	var name unix.Utsname
	return unix.Uname(&name) == nil && strings.Contains(unix.ByteSliceToString(name.Version[:]), "BrandZ virtual linux")
}
