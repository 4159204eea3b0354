//go:build fake || !(illumos || linux)

// Command dockerinit, built with the fake backend, boots a docker zone from a
// payload on any machine: the network is one in memory, the metadata service is
// served with the host's own rules, and the command is a real process.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"syscall"

	"dockerinit/cmd/internal/version"
	"dockerinit/platform_fake"
)

const usage = `Usage: dockerinit-fake [FLAG…] PAYLOAD

Boots a SmartOS docker zone on this machine, with no privilege and no network of
its own: the zone's network is one in memory that refuses what a kernel would
refuse, its metadata service has the rules of the host's, and its command is a
real process with the real environment, working directory and stdio.

PAYLOAD is the JSON that vmadm create takes and vmadm get prints; - is standard
input.

  --payload FILE          PAYLOAD, as a flag
  --root DIR              the image's root: /etc/passwd, /etc/group and the
                          working directory are those in it. Programs are this
                          machine's. Default: a temporary root with a minimal
                          /etc, removed at the end
  --log FILE              write the boot log to FILE too
  --record FILE           write the boot to FILE as JSON
  --fault STEP[/N]=ERROR  let a step fail, or its N-th action alone, with an
                          error such as EIO, or with any text; may be given again
  --version               print the version and end
  --help                  print this and end

Its own words go to standard error; standard output is the command's alone. At a
terminal the steps appear as they happen; NO_COLOR leaves the colours out.
Without root's rights the user is resolved and shown, and the command runs as
who you are. A signal that is sent to it goes on to the command; before there is
one it ends the boot.

The exit status is the command's, 128+N where signal N ended it or the boot.
Where the boot fails it is Docker's: 127 the command does not exist, 126 it
cannot be executed, 125 anything else; 2 where the payload or a file of yours
cannot be used, 3 for wrong usage.

Examples:
  dockerinit-fake platform_fake/examples/hello.json
  dockerinit-fake --fault routes/1=ENETUNREACH zone.json
  ssh HOST vmadm get UUID | dockerinit-fake -
`

const (
	statusError = 2
	statusUsage = 3
)

func main() {
	self := fake.Shim() // first: in a process that a boot started, it does not return
	r := boot{self: self}
	flags := flag.NewFlagSet("dockerinit-fake", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.StringVar(&r.payload, "payload", "", "")
	flags.StringVar(&r.root, "root", "", "")
	flags.StringVar(&r.logFile, "log", "", "")
	flags.StringVar(&r.recordFile, "record", "", "")
	flags.Var(&r.faults, "fault", "")
	askVersion := flags.Bool("version", false, "")
	err := flags.Parse(os.Args[1:])
	switch {
	case errors.Is(err, flag.ErrHelp):
		fmt.Print(usage)
		return
	case err == nil && *askVersion:
		fmt.Println("dockerinit", version.Version, "fake")
		return
	case err == nil && r.payload == "" && flags.NArg() == 0:
		err = errors.New("a payload is missing")
	case err == nil:
		given := flags.Args()
		if r.payload == "" {
			r.payload, given = given[0], given[1:]
		}
		if len(given) > 0 {
			err = fmt.Errorf("unexpected argument %q", given[0])
		}
	}
	if err != nil {
		say("dockerinit-fake: %v\ndockerinit-fake --help tells how it is used", err)
		os.Exit(statusUsage)
	}
	syscall.Umask(0o022) // what the boot makes has its modes, whatever yours is
	status, err := r.run()
	if err != nil {
		say("dockerinit-fake: %v", err)
	}
	os.Exit(status)
}
