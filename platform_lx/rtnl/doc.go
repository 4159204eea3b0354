// Package rtnl configures the network of a real Linux kernel through one
// rtnetlink socket; no other program plays a part.
//
// The messages are the few that a zone's network takes. A library for all that Linux
// has would cost dockerinit 0.3 MB and every start its initialisers, and its socket
// more time than the kernel's work; the tests have its messages beside ours.
// Only the init imports this package: dockerexec configures nothing.
//
// The kernel of an LX zone answers no message that changes anything. Package
// native only reads there, with what reading.go has for it.
package rtnl
