// Package sim boots a docker zone on a Linux machine that is no SmartOS: the
// engine of `dockerzone run`.
//
// A zone is made of namespaces of its own, a root that is thrown away, the host's
// metadata socket and zfd devices; its PID 1 is the real dockerinit for LX zones.
// Three processes take part:
//
//	dockerzone   reads the payload, shows the console, prints how the zone ended
//	  keeper     plays the host: metadata, console, root, network. It is the root
//	             of a user namespace where dockerzone is not root, and PID 1 of a
//	             PID namespace: with it everything ends
//	    init     PID 1 of the zone: lays out what only it can, then dockerinit
//
// The keeper listens on a socket (Zones, Dial), on which further dockerzone
// processes attach to the console, execute commands and look at the network. That
// somebody has to be in there already is because a Go program, which always has
// several threads, cannot enter a user namespace.
//
// Nothing survives the keeper but what --keep asks for: its mounts are in its own
// namespace, and the kernel ends all of its PID namespace with it.
package sim
