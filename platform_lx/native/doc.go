// Package native configures the network of an LX zone, whose kernel answers no
// message of a Linux program that changes anything: it runs the zone's native
// tools, programs of illumos that the host mounts below /native and that a Linux
// process can execute.
//
// What there is it reads by package rtnl, by listing all: more than lists an LX
// kernel does not give. What the tools are told (arguments.go) and what they mean
// by what they say (words.go) needs no system. A tool gets no variable of the
// container's, and is believed to be the host's only where the image cannot have
// put it (trust.go).
//
// A kernel that is really Linux's is not for this package.
package native
