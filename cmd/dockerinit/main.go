//go:build (illumos || linux) && !fake

// Command dockerinit is the first process of a docker zone: it asks the host
// what the container is, makes the zone look so, and becomes its command.
//
// Of what Go's runtime does for programs that live long and have many processors
// it is to leave out what it can.
//
//go:debug containermaxprocs=0
//go:debug updatemaxprocs=0
//go:debug decoratemappings=0
package main

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"syscall"

	"dockerinit/cmd/internal/backend"
	"dockerinit/cmd/internal/backend/whole"
	"dockerinit/cmd/internal/version"
	"dockerinit/core"
	"dockerinit/core/bootlog"
	"dockerinit/core/exit"
	"dockerinit/core/process"
)

const usage = `Usage: dockerinit [--version | --help]

The first process of a SmartOS docker zone (backend: %s). The host starts it
with no arguments; all that it needs it learns from the zone's metadata service.
It writes /var/log/sdc-dockerinit.log and becomes the container's command, or
stays as its parent where docker:init is true.

The exit status is the command's; 127 where the command does not exist, 126
where it cannot be executed, 125 where anything else of the boot failed. The
reason is the log's FATAL line, which the container's console shows too.
`

func main() {
	// One processor: platform_lx/entry says why, and sees to it where it is there.
	runtime.GOMAXPROCS(1)
	self := whole.Enter() // first: in a process that a boot started, it does not return
	// A zone's init is given the zone's boot arguments, which mean nothing to it:
	// only a person's two questions are answered.
	if len(os.Args) == 2 {
		switch os.Args[1] {
		case "--version":
			fmt.Println("dockerinit", version.Version, backend.Name)
			return
		case "--help", "-h":
			fmt.Printf(usage, backend.Name)
			return
		}
	}
	syscall.Umask(0o022) // what the boot makes has its modes, whatever started it
	log := bootlog.New()
	var ended process.Exit // of a command for which it has stayed
	platform, err := whole.Init(log.Logger, self)
	if err == nil {
		err = core.Init(context.Background(), platform, log, core.Options{
			Version: version.Version, Ended: func(e process.Exit) { ended = e },
		})
	} else { // there is no zone to log in
		_ = log.To(os.Stderr)
		core.Fatal(log, err)
	}
	if err == nil {
		os.Exit(ended.Code())
	}
	os.Exit(exit.StatusOf(err))
}
