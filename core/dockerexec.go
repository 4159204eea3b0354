package core

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"slices"

	"github.com/hashicorp/go-multierror"

	"dockerinit/core/bootlog"
	"dockerinit/core/exit"
	"dockerinit/core/process"
	"dockerinit/core/zone"
)

// ExecRequest is one more command for a running zone, as docker exec asks.
type ExecRequest struct {
	Args    []string
	User    string   // "": the container's
	Env     []string // on top of the container's
	Workdir string   // "": the container's
	Term    string   // of the caller's terminal, "" where it has none
}

// Exec becomes one more command of a running zone, with the container's user,
// environment and working directory. It needs of the platform its Metadata and
// Processes alone, and asks the host only for what it uses, so that a bad NIC
// does not stop it. It changes nothing in the zone.
func Exec(ctx context.Context, p Platform, log *bootlog.Log, r ExecRequest) error {
	b := &Boot{Platform: p, Log: log}
	err := b.prepare(ctx, r)
	b.close() // now: a word about the host must not follow EXEC
	if err != nil {
		Fatal(b.Log, err)
		return err
	}
	b.Log.LogAttrs(bootlog.LevelExec, "")
	_ = b.Log.Flush()
	err = b.replace()
	if err != nil {
		// What follows EXEC is shown to the user as the command's: a line for him.
		b.Log.Plain("dockerexec: " + err.Error())
	}
	return err
}

// replace becomes the command. A panic would show what is in memory.
func (b *Boot) replace() (err error) {
	defer recovered(&err)
	return exit.Exec.Wrap(b.Processes.Exec(b.Command))
}

// prepare finds everything out that can be found out before EXEC.
func (b *Boot) prepare(ctx context.Context, r ExecRequest) (err error) {
	defer recovered(&err)
	if len(r.Args) == 0 {
		return exit.NoCommand.Errorf("no command to run was given")
	}
	if b.values, err = b.Metadata.Ask(ctx, zone.ProcessKeys.Names(zone.Exec)...)(); err != nil {
		return exit.MetadataFailed.Wrap(err)
	}
	if err := b.openImage(); err != nil {
		return err
	}
	z, wrong := zone.ProcessKeys.Decode(zone.Exec, b.values)
	from := fromHost
	from.env = process.EnvSources{Term: r.Term, Exec: r.Env}
	if r.User != "" {
		z.User, from.user = r.User, "--user"
	}
	if r.Workdir != "" {
		z.Workdir, from.workdir = r.Workdir, "--workdir"
	}
	z.Entrypoint, z.Cmd = nil, slices.Clone(r.Args)
	b.Zone = z
	b.warn("exec", z.Warnings...)
	warnings, more := b.resolve(from)
	b.warn("exec", warnings...)
	missing := b.missingWorkdir()
	if wrong != nil || more != nil || missing != nil {
		return multierror.Append(wrong, more, missing)
	}
	// The caller's session, terminal and stdio are kept.
	b.Command.Session, b.Command.Terminal = false, false
	b.Command.Stdio = process.Stdio{In: os.Stdin, Out: os.Stdout, Err: os.Stderr}
	return nil
}

// missingWorkdir tells of a directory that cannot be entered while that can
// still be told: what comes after EXEC is shown to the user as the command's.
func (b *Boot) missingWorkdir() error {
	dir := b.Command.Dir
	if dir == "" {
		return nil // what is wrong with it has been told
	}
	info, err := b.image.Stat(dir)
	switch {
	case errors.Is(err, fs.ErrPermission):
		return nil // on NFS root may be nobody, and the user may enter
	case err != nil:
		return exit.Chdir.Errorf("working directory %q: %w", dir, err)
	case !info.IsDir():
		return exit.Chdir.Errorf("working directory %q: not a directory", dir)
	}
	return nil
}
