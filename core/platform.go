package core

import (
	"context"
	"os"
	"time"

	"dockerinit/core/metadata"
	"dockerinit/core/process"
	"dockerinit/core/supervise"
	"dockerinit/core/zone"
)

// A Platform is all that a boot asks of an operating system. A backend sets
// every field; a test replaces the one it is about.
type Platform struct {
	Name string // "illumos", "lx", "fake"
	Root string // the image's root: "/", except in the fake

	// Programs is the root under which an absolute path and PATH are looked up.
	// Empty, as everywhere but in the fake, it is Root itself.
	Programs string

	Metadata  Metadata
	Network   Network
	Console   Console
	Processes Processes
	System    System

	// Staying is for docker:init, and for what SharesFate where the kernel has no
	// Contracts. nil: this platform cannot stay as PID 1.
	Staying supervise.OS
	// Chores are what the boot has left to be done now and then. nil: nothing.
	Chores func() []supervise.Chore
	// ResumeChore makes one again where dockerinit has rested meanwhile: see
	// supervise.Options. nil: there are none.
	ResumeChore func(state []byte, then time.Time) (supervise.Chore, error)
	// Contracts tells that the kernel itself ends the container with a process that
	// SharesFate.
	Contracts bool
}

// Metadata is the conversation with the host. metadata.Client is the one on
// every platform; a backend only dials.
type Metadata interface {
	// Ask asks for all keys in one round trip, and does not wait: answer does. An
	// absent key is absent from the map; a key that the host refuses is named in
	// the error, and the others are in the map all the same.
	Ask(ctx context.Context, keys ...string) (answer func() (map[string]string, error))
	Put(ctx context.Context, key, value string) error
	Delete(ctx context.Context, key string) error
	// Post writes the changes and waits for no answer; a refusal is logged.
	Post(changes ...metadata.Change)
	Close() error
}

// Network is the zone's IP stack. Doing a thing again is not an error.
type Network interface {
	// Up starts the stack. It is told all that will be asked for, so that it
	// starts the daemons which that needs, and no others.
	Up(ctx context.Context, want zone.Network) error
	// Configure makes one NIC what it is to be: there, its MTU, its addresses,
	// up. Loopback too. It waits for what Up started.
	Configure(ctx context.Context, nic zone.NIC) error
	AddRoute(ctx context.Context, route zone.Route) error
	// Close ends what Up started, and the daemons where want.StopDaemons asks.
	Close(ctx context.Context) error
}

// Console is the container's stdio.
type Console interface {
	Open(ctx context.Context, want zone.Console) (process.Stdio, error)
	// Tee is the log driver's feed: copies of stdout and stderr to read. They have no
	// end, however the command ends.
	Tee(ctx context.Context, want zone.Console) (stdout, stderr *os.File, err error)
	// Say writes one line for whoever reads the container's output. It never
	// waits long and has nobody to report an error to.
	Say(text string)
}

// Processes executes commands.
type Processes interface {
	// Exec becomes the command. It returns only if it could not; a platform that
	// stands in for a zone returns nil when the command has run.
	Exec(cmd process.Command) error
	// Start does the same set-up in a child, whose errors come back here.
	Start(ctx context.Context, cmd process.Command) (pid int, err error)
	// Wait waits for a child of one's own, by its pid.
	Wait(ctx context.Context, pid int) (process.Exit, error)
}

// System is what the kernel gives beyond the network and processes. Everything
// that is done to files of the image goes through core/image instead.
type System interface {
	Mount(ctx context.Context, m zone.Mount) error
	SetHostname(ctx context.Context, name string) error
}
