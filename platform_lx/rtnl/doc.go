// Package rtnl configures the network of a real Linux kernel through one
// rtnetlink socket; no other program plays a part.
//
// It uses the part of the netlink library that frames messages (package nl), and
// neither its socket, which needs more time than the kernel's work, nor its model of
// all links and routes that Linux knows, which would cost dockerinit 0.3 MB and every
// start its initialisers.
// Only the init imports this package: dockerexec configures nothing.
//
// The kernel of an LX zone answers no message that changes anything. Package
// native only reads there, with what reading.go has for it.
package rtnl
