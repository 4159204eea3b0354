// Package core is the boot of a docker zone, on any platform.
//
// A docker zone is a container: its image comes from the Docker world, its
// isolation is an illumos zone. dockerinit is its first process. It starts with
// a root file system that it does not trust and a socket to the host's metadata
// agent, and nothing else.
//
// In one sentence: core asks the host (one table of keys, zone.Keys), checks
// everything, turns the zone into a list of actions (one table of steps,
// sequence.go), does them through the small interfaces of a Platform
// (platform.go), and becomes the command or ends with a code (one table of
// codes, exit.Table).
//
//	know     log, metadata, validate      nothing is touched; all mistakes are told together
//	act      network … provisioned        the whole list is made before its first action
//	become   exec                         from here on the process is the command's
//
// Where a thing is:
//
//	a step's name in the log   the file of that name in this folder
//	a metadata key             a row of zone.Keys
//	a FATAL code               a row of exit.Table
//	how a system does it       platform_NAME/, in the file named as the interface
//
// What the host says is in core/zone, how it says it in core/metadata; the
// image's files are read through core/image; the command is worked out by
// core/process; core/bootlog writes down what happened. None of these knows an
// operating system, and none imports this package.
package core
