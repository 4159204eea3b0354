// Package shim starts a process.Command in a child that is set up as
// process.Become sets up the process itself.
//
// What that needs (a umask, groups that are verified, signals that are neither
// ignored nor blocked) cannot be had between the fork and the exec of a Go
// program. So Start runs this program once more: the child, called the shim, is
// told the command on one pipe, becomes it, and says on another pipe, which
// closes on exec, what was odd and why it could not. It executes when that was
// heard. A program that starts commands calls Enter before anything else.
//
// Becoming a command without a child needs nothing of this.
package shim
