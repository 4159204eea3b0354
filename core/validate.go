package core

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strconv"

	"github.com/hashicorp/go-multierror"

	"dockerinit/core/process"
	"dockerinit/core/zone"
)

// validate finds out everything that could be wrong, in what the host says and
// in what the image has, before anything is touched.
var validate = Step{"validate", func(b *Boot) []Action {
	return []Action{{
		What: "check the host's values, the user and the command",
		Do: func(context.Context) error {
			z, wrong := zone.Decode(zone.Init, b.values)
			b.Zone = z
			b.warn("validate", z.Warnings...)
			warnings, more := b.resolve(fromHost)
			b.warn("validate", warnings...)
			if z.Supervise.Stay && b.Staying == nil {
				b.warn("validate", "docker:init: on this platform dockerinit does not stay as PID 1: the command takes its place")
			}
			if wrong == nil && more == nil {
				return nil
			}
			return multierror.Append(wrong, more)
		},
	}}
}}

// sources are where a command's user, directory and environment come from, as
// errors name them. dockerexec has some of its own.
type sources struct {
	user, workdir string
	env           process.EnvSources
}

var fromHost = sources{user: "docker:user", workdir: "docker:workdir"}

// resolve works out the Command from the zone and the image.
func (b *Boot) resolve(from sources) (warnings []string, err error) {
	z := b.Zone
	var wrong *multierror.Error
	note := func(more []string, err error) {
		warnings = append(warnings, more...)
		// Without an image, as in a plan of the payload alone, names are taken to
		// be found at boot.
		if errors.Is(err, process.ErrNoImage) {
			b.unresolved = multierror.Append(b.unresolved, err)
		} else if err != nil {
			wrong = multierror.Append(wrong, err)
		}
	}

	user, odd, err := process.LookupUser(b.image, from.user, z.User, z.GroupAdd)
	note(odd, err)
	b.Who = user.Credentials.String()
	if err != nil { // ids that nobody asked for are not shown
		b.Who = strconv.Quote(cmp.Or(z.User, "root"))
	}
	dir, err := process.Workdir(from.workdir, z.Workdir, user.Home)
	note(nil, err)
	env := from.env
	env.Home, env.Hostname, env.Link, env.Env = user.Home, z.Hostname, z.LinkEnv, z.Env
	variables, odd, err := process.Environment(env)
	note(odd, err)

	b.User = user
	b.Command = process.Command{
		Args:        slices.Concat(z.Entrypoint, z.Cmd),
		Env:         variables,
		Dir:         dir,
		Credentials: user.Credentials,
		Terminal:    z.Console.TTY,
		Session:     true,
		Umask:       z.Umask,
		Limits:      limits(z.Limits),
	}
	b.odd, err = b.find()
	if b.mountsMayCover() {
		err = nil // the step command decides
	}
	note(b.odd, err)
	return warnings, wrong.ErrorOrNil()
}

// find looks the command up, and finds out why the kernel would refuse it.
func (b *Boot) find() (warnings []string, err error) {
	c := &b.Command
	if len(c.Args) == 0 || b.image == nil {
		return nil, nil // told by zone.Decode; nothing to look in
	}
	programs := b.programs
	if programs == nil {
		programs = b.image
	}
	look := process.Look{
		Programs: programs, Root: b.image, Dir: c.Dir,
		Name: c.Args[0], Env: c.Env, Credentials: c.Credentials,
	}
	if c.Path, warnings, err = process.Lookup(look); err != nil {
		return warnings, err
	}
	return warnings, process.Diagnose(look, c.Path)
}

// mountsMayCover tells whether something that is mounted during the boot may
// hold the command, or hide it.
func (b *Boot) mountsMayCover() bool { return len(b.Zone.Volumes)+len(b.Zone.Tmpfs) > 0 }

func limits(all []zone.Ulimit) (out []process.Limit) {
	for _, u := range all {
		out = append(out, process.Limit{Name: u.Name, Soft: limit(u.Soft), Hard: limit(u.Hard)})
	}
	return out
}

func limit(n int64) uint64 {
	if n < 0 {
		return process.Unlimited
	}
	return uint64(n)
}
