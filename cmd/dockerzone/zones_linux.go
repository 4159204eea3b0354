//go:build linux

package main

import (
	"fmt"
	"os"

	"dockerinit/platform_fake/sim"
)

// zoneCommands need the namespaces of a Linux kernel.
var zoneCommands = []subcommand{
	{"run", "boot a zone on this machine", runRun},
	{"exec", "run one more command in it", runExec},
	{"attach", "show its console again", runAttach},
	{"doctor", "look for what is wrong with it", runDoctor},
	{"net", "show its network, or run a program at its other end", runNet},
}

// enter is the life of those processes that are no dockerzone for a person.
func enter() {
	switch os.Args[0] {
	case terminalName:
		guardTerminal()
		os.Exit(0)
	case unpackName:
		if err := unpackHere(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	sim.Enter()
}
