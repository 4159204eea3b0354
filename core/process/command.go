// Package process resolves what the host and the image say into a Command: the
// user and groups, the environment, the working directory, and the program's
// path. It reads the image and changes nothing; a platform's Processes executes
// what comes out, by way of Become.
package process

import (
	"cmp"
	"fmt"
	"os"
	"strings"
	"syscall"
)

// A Command is a program to become or to start, with all that belongs to it.
// Becoming it and staying as its parent take the same value.
type Command struct {
	Path        string   // the program; the kernel is given this; "": Become looks Args[0] up in PATH
	Args        []string // argv, with argv[0] exactly as the user wrote it
	Env         []string // the whole environment: NAME=value, nothing is inherited
	Dir         string   // the working directory, absolute within the zone's root
	Credentials Credentials
	Stdio       Stdio
	Files       []*os.File // descriptors 3 and up; every other one above 2 is closed
	Terminal    bool       // make Stdio.In the controlling terminal
	Session     bool       // start a session of its own; dockerexec keeps the one it was given
	Umask       uint32     // 0 means 0; Docker's own value is 0o022
	Limits      []Limit
	SharesFate  bool // its death ends the container (on illumos: it stays in init's own process contract)
}

// Credentials are who a command runs as. Groups starts with GID.
type Credentials struct {
	UID, GID uint32
	Groups   []uint32
}

// String is "uid:gid", and the supplementary groups where there are any.
func (c Credentials) String() string {
	s := fmt.Sprintf("%d:%d", c.UID, c.GID)
	var extra []string
	for _, g := range c.Groups {
		if g != c.GID {
			extra = append(extra, fmt.Sprint(g))
		}
	}
	if len(extra) > 0 {
		s += " groups " + strings.Join(extra, ",")
	}
	return s
}

// Stdio are descriptors 0, 1 and 2. A nil file is /dev/null.
type Stdio struct {
	In, Out, Err *os.File
}

// Close closes those that there are; a terminal is all three.
func (s Stdio) Close() {
	for _, f := range []*os.File{s.In, s.Out, s.Err} {
		if f != nil {
			_ = f.Close() // the second time is an error that says so
		}
	}
}

// A Limit is a resource limit, named as Docker's ulimits are: nofile, core, …
// Unlimited is the value that lifts it.
type Limit struct {
	Name       string
	Soft, Hard uint64
}

// Unlimited is Docker's -1.
const Unlimited = ^uint64(0)

// An Exit is how a process ended: by itself with a status, or by a signal.
type Exit struct {
	Status int
	Signal int // 0 where it ended by itself

	SignalName string // "": what this system calls that number
}

// Code is the exit as one number, as Docker gives it: 128+N for signal N.
func (e Exit) Code() int {
	if e.Signal != 0 {
		return 128 + e.Signal
	}
	return e.Status
}

// String is "status 3" or "signal 9 (killed)".
func (e Exit) String() string {
	if e.Signal == 0 {
		return fmt.Sprintf("status %d", e.Status)
	}
	return fmt.Sprintf("signal %d (%s)", e.Signal, cmp.Or(e.SignalName, syscall.Signal(e.Signal).String()))
}
