//go:build linux

package native

import (
	"context"
	"errors"
	"fmt"
	"path"
	"time"

	"dockerinit/core/bootlog"
	"dockerinit/core/process"
	"dockerinit/platform_lx/mounted"
)

// A tool is one of the native programs: its path below the native root. Those
// that are reached by a symbolic link as well (/usr/sbin/ipadm) stand under the
// name that is none.
type tool string

const (
	ipmgmtd  tool = "/lib/inet/ipmgmtd"
	ndpd     tool = "/usr/lib/inet/in.ndpd"
	ipadm    tool = "/sbin/ipadm"
	ifconfig tool = "/sbin/ifconfig"
	route    tool = "/sbin/route"
	pgrep    tool = "/usr/bin/pgrep"
)

// environment is all that a tool is given: a daemon believes that it was started
// by hand where it is not told its service. Without a locale they speak English,
// which is what words.go understands.
var environment = map[tool][]string{
	ipmgmtd: {"SMF_FMRI=svc:/network/ip-interface-management:default"},
	ndpd:    {"SMF_FMRI=svc:/network/routing/ndp:default"},
}

// A Runner runs a program to its end, with another root where root is not "", and
// returns what it has said, on one line. One that takes longer than limit is
// killed, which is an error.
type Runner = func(ctx context.Context, root string, cmd process.Command, limit time.Duration) (said string, end process.Exit, err error)

// root is the native root as a Linux program sees it.
const root = "/native"

// The forms in which a tool can be run, in the order in which they are tried. As the
// brand's own init does it, they find their files below the native root by themselves;
// and in.ndpd and ipadm meet in the zone's /var/run, of which the native root has none.
// Some did not find them once (OS-4335, OS-4336).
// illumos-joyent: usr/src/lib/brand/lx/lx_init/lxinit.c, usr/src/lib/libipadm/common/ipadm_ndpd.h
var forms = []form{{"with the zone's root", "", root}, {"with the root " + root, root, ""}}

type form struct{ name, root, before string }

// tools runs the native tools. Each tool is run in the form in which it has
// worked; while none has, in both.
type tools struct {
	log  *bootlog.Logger
	run  Runner
	form map[tool]form
	hung map[tool]error // those that came to no end, which are not waited for again
}

func newTools(log *bootlog.Logger, run Runner) *tools {
	return &tools{log: log, run: run, form: make(map[tool]form), hung: make(map[tool]error)}
}

// A refusal is that a tool ran to its end, and failed.
type refusal struct {
	name string
	said string
	end  process.Exit
}

func (r *refusal) Error() string {
	if r.said == "" {
		return fmt.Sprintf("%s: %s, and no word", r.name, ended(r.end))
	}
	return fmt.Sprintf("%s: %s: %q", r.name, ended(r.end), r.said)
}

func ended(e process.Exit) string {
	if e.Signal != 0 {
		return fmt.Sprintf("ended by signal %d", e.Signal)
	}
	return fmt.Sprintf("status %d", e.Status)
}

// do runs a tool and returns what it has said. That what it was to make is there
// is no error. Where no form has worked yet and all fail, the log has the failure
// of each, and the error is the last one's.
func (t *tools) do(ctx context.Context, what tool, args []string, limit time.Duration) (said string, err error) {
	if err := t.hung[what]; err != nil {
		return "", fmt.Errorf("%s: not run again: %w", args[0], err)
	}
	if err := mounted.Program(path.Join(root, string(what))); err != nil {
		return "", err
	}
	try := forms
	if f, known := t.form[what]; known {
		try = []form{f}
	}
	late := 0
	for _, f := range try {
		said, err = t.once(ctx, what, args, f, limit)
		r, refused := errors.AsType[*refusal](err)
		switch {
		case err == nil || refused && alreadyThere(r.said):
			t.form[what] = f
			return said, nil
		case refused && unreachable(r.said): // these are the kernel's words, so it has asked
			t.form[what] = f
			return said, err
		}
		if !refused && errors.Is(err, context.DeadlineExceeded) {
			late++
		}
		if len(try) > 1 {
			t.log.LogAttrs(bootlog.LevelWarn, fmt.Sprintf("run %q %s: %s", args, f.name, err), bootlog.Step("network"))
		}
	}
	if late == len(try) {
		t.hung[what] = err
	}
	return said, err
}

func (t *tools) once(ctx context.Context, what tool, args []string, f form, limit time.Duration) (string, error) {
	file := path.Join(root, string(what))
	said, end, err := t.run(ctx, f.root, process.Command{
		Path: path.Join("/", f.before, string(what)), Args: args, Env: environment[what], Dir: "/", Umask: 0o022,
		Session: true, // so that what it starts ends with it
	}, limit)
	switch {
	case err != nil && said != "":
		return said, fmt.Errorf("%s: %w; it said: %q", file, err, said)
	case err != nil:
		return said, fmt.Errorf("%s: %w", file, err)
	case end.Code() != 0:
		return said, &refusal{args[0], said, end}
	}
	return said, nil
}
