//go:build linux

package entry

import (
	"os"
	"runtime"
	"sync/atomic"
)

// Socket is where the host is asked: the control directory that its brand has
// mounted into a zone.
const Socket = "/native/.zonecontrol/metadata.sock"

// Exec is what the linker's flag -E is to be given for dockerexec on amd64.
const Exec = "dockerinit/platform_lx/entry.exec"

// FirstID is that of the first request in a question that was asked here.
const FirstID = 1

// A Conn is a connection on which the host has been asked.
type Conn struct {
	*os.File
	question string
}

// Asked is what was written to it, for a metadata.Client.
func (c *Conn) Asked() (question string, firstID uint32) { return c.question, FirstID }

// Set before Go's beginning.
var (
	descriptor int64   // of the connection; 0: there is none
	question   *string // what was written
)

// profile is what is set to 0. It is the documented way to have no profile of the
// memory, if it is done before the first allocation: the runtime's own, for
// programs that never look at it, comes after some.
var profile = &runtime.MemProfileRate

var _ = profile // start uses it

var taken atomic.Bool

// Take is the connection, the first time it is called; nil where there is none.
func Take() *Conn {
	if descriptor == 0 || taken.Swap(true) {
		return nil
	}
	return &Conn{os.NewFile(uintptr(descriptor), Socket), *question}
}
