//go:build !linux

package main

// zoneCommands need the namespaces of a Linux kernel.
var zoneCommands []subcommand

func enter() {}
