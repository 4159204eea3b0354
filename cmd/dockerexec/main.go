//go:build (illumos || linux) && !fake

// Command dockerexec runs one more command in a running docker zone. The host
// runs it for docker exec.
//
// Of what Go's runtime does for programs that live long and have many processors
// it is to leave out what it can.
//
//go:debug containermaxprocs=0
//go:debug updatemaxprocs=0
//go:debug decoratemappings=0
package main

import (
	"os"

	"dockerinit/cmd/internal/backend"
)

const usage = `Usage: dockerexec [--user USER] [--env NAME=VALUE]… [--workdir DIR]
                  [--] CMD [ARG…]

Runs one more command in a running docker zone: by default as the container's
user, in its working directory and with its environment.

` + usageFlags

func main() { os.Exit(run(os.Args[1:], usage, nil, backend.Name, backend.Exec)) }
