//go:build fake || !(illumos || linux)

// Command dockerexec, built with the fake backend, runs one more command in a
// zone that a payload describes, on any machine.
package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"dockerinit/cmd/internal/backend"
	"dockerinit/cmd/internal/payload"
	"dockerinit/core"
	"dockerinit/core/bootlog"
	"dockerinit/core/exit"
	"dockerinit/platform_fake"
)

const fakeUsage = `Usage: dockerexec-fake --payload FILE --root DIR [--user USER]
           [--env NAME=VALUE]… [--workdir DIR] [--] CMD [ARG…]

Plays docker exec in a zone that dockerinit-fake has booted with the same
payload and root, or could boot. Two flags say which zone it is; the others are
those of dockerexec:

  --payload FILE    the zone's payload
  --root DIR        the image's root: users and the working directory are those
                    in it. Programs are this machine's
` + usageFlags

func main() {
	var zone zone
	os.Exit(run(os.Args[1:], fakeUsage, zone.flags(), backend.Name, zone.platform))
}

// A zone is the one that the command line names.
type zone struct{ payload, root string }

func (z *zone) flags() map[string]func(string) {
	return map[string]func(string){
		"payload": func(v string) { z.payload = v },
		"root":    func(v string) { z.root = v },
	}
}

func (z *zone) platform(log *bootlog.Logger) (core.Platform, error) {
	if z.payload == "" || z.root == "" {
		return core.Platform{}, exit.InvalidValue.Wrap(errors.New("the fake dockerexec needs the zone's --payload FILE and --root DIR"))
	}
	p, err := payload.Read(z.payload, os.Stdin)
	if err != nil {
		return core.Platform{}, exit.Open.Wrap(err)
	}
	root, err := filepath.Abs(z.root)
	if err != nil {
		return core.Platform{}, exit.Open.Wrap(err)
	}
	if os.Geteuid() != 0 {
		// Told before it is known who is asked for: EXEC is the last line.
		log.Warn(fmt.Sprintf("without root's rights the command runs as %d:%d, whoever is asked for", os.Geteuid(), os.Getegid()))
	}
	fakeZone := fake.New(p, root)
	fakeZone.Programs, fakeZone.Log = "/", log
	fakeZone.Processes = &fake.Processes{Root: root, Borrowed: true}
	return fakeZone.Platform(), nil
}
