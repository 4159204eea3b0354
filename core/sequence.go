package core

import (
	"context"
	"slices"

	"dockerinit/core/exit"
)

// A Step is one duty of the boot. It says what it is going to do before
// anything is done: the plan, the log, the timeline, fault injection and the
// tests walk this same list.
type Step struct {
	Name string
	// Actions are what is to be done, from what is known. None: the step is
	// left out.
	Actions func(*Boot) []Action
}

// An Action is one line of a plan, of the log and of a timeline.
type Action struct {
	What     string
	Do       func(context.Context) error
	Code     exit.Code // of a failure that has none of its own; 0: Unexpected
	Optional bool      // a failure is a warning
	Last     bool      // nothing comes after it: it logs its own line, before it is done
}

// The boot in order. First everything is found out and nothing is touched; then
// the zone is made what it is to be; then it is the command's. They are functions,
// so that dockerexec, which takes none of the steps, links none.
func know() []Step { return []Step{logStep, metadataStep, validate} }

func act() []Step {
	return []Step{
		network, // before mounts: what it starts gets ready while they are made
		mounts,
		hostname,
		nics,
		routes, // after all NICs: a gateway may be on the link of any of them
		daemons,
		volumes, // need the network
		workdir, // may lie on a volume
		command, // as what it is relative to
		console,
		logger,
		attach,
		provisioned, // after all that can fail but the exec: it ends vmadm's wait
	}
}

func become() []Step { return []Step{execute} }

// StepNames are the names of all steps, in order.
func StepNames() (names []string) {
	for _, step := range slices.Concat(know(), act(), become()) {
		names = append(names, step.Name)
	}
	return names
}
