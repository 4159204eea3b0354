package core

import (
	"dockerinit/core/exit"
	"dockerinit/core/image"
	"dockerinit/core/process"
	"dockerinit/core/zone"
)

// Planned is one step of a plan, with what it is going to do.
type Planned struct {
	Step    string
	Actions []Action
}

// A Plan is what a boot would do, found out without a platform: the boot's own
// list. Its actions must not be done.
type Plan struct {
	User     process.User
	Who      string // as the log names who the command runs as
	Command  process.Command
	Steps    []Planned
	Warnings []string // of the zone and of the image, in that order
	// Unresolved are the names that only an image can tell, where there was none.
	Unresolved []error
	// Err is everything that would end the boot before it begins; the plan is
	// as complete as it can be all the same.
	Err error
}

// NewPlan works out the plan of a zone. Where root is nil, what stands in the
// image (names of users, the command) is taken to be found at boot. A nil
// programs is root.
func NewPlan(z *zone.Zone, root, programs *image.Root) Plan {
	b := &Boot{Zone: z, image: root, programs: programs}
	warnings, err := b.resolve(fromHost)
	return Plan{
		User: b.User, Who: b.Who, Command: b.Command, Steps: b.plan(), Unresolved: exit.Each(b.unresolved.ErrorOrNil()),
		Warnings: append(z.Warnings[:len(z.Warnings):len(z.Warnings)], warnings...), Err: err,
	}
}
