//go:build linux

package sim

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"time"

	"golang.org/x/sys/unix"

	"dockerinit/core/process"
)

// What the processes of a zone are called in a list of processes.
const (
	keeperName = "dockerzone-keeper"
	zoneName   = "dockerzone-init"
	mappedName = "dockerzone-mapped" // becomes one of the others, or one of the caller's
	sweepName  = "dockerzone-sweep"
)

// The descriptor on which both get what they are to do.
const configFD = 3

// The keeper's own: while they are open, its directories are not swept.
const (
	lockFD  = 4
	imageFD = 5 // where the zone has one
)

// A Config is a zone that is to be booted.
type Config struct {
	Payload    string // as host.Read takes it
	Root       string // the image's root; "" is this machine's own programs
	Image      *Image // where Root is in there: removed at the end
	Write      bool   // the zone writes to Root itself
	Dockerinit string // the programs
	Dockerexec string
	Keep       bool // what the zone has written is kept
	Timeout    time.Duration
	NoZFD      bool          // the zone's console is /dev/console
	Lease      time.Duration // of an address from DHCP; 0: an hour

	Work   string // the keeper's directory
	Socket string // where it listens
}

// Enter is the first call of a main that boots zones. In a process that is part of
// one it does its work and does not return; anywhere else it returns at once.
func Enter() {
	var err error
	switch os.Args[0] {
	case keeperName:
		err = keep()
	case zoneName:
		err = becomeInit()
	case mappedName:
		err = becomeMapped()
	case sweepName:
		err = os.RemoveAll(os.Args[1])
	default:
		err = disinherit(3)
		if err == nil {
			return
		}
	}
	switch {
	case errors.Is(err, errNoParent): // nobody is there to be told
		os.Exit(1)
	case err != nil:
		fmt.Fprintln(os.Stderr, err) // for those who look at the keeper alone
		os.Exit(1)
	}
	os.Exit(0)
}

// disinherit keeps what this process was started with, from lowest on, from all that
// it executes. Through a directory that a shell has left open, the zone's root
// would be on this machine: in /proc/1/fd there is whatever PID 1 holds.
func disinherit(lowest int) error {
	if unix.CloseRange(uint(lowest), math.MaxUint32, unix.CLOSE_RANGE_CLOEXEC) == nil {
		return nil
	}
	return process.Posix{}.CloseOnExecIn("/proc/self/fd", lowest)
}

var errNoParent = errors.New("who started this was ended before it told what to do")

// readConfig reads what the process is to do; the descriptor stays open, for the
// conversation that follows.
func readConfig(v any) (*os.File, error) {
	f := os.NewFile(configFD, "the parent")
	if f == nil {
		return nil, fmt.Errorf("%s is started by dockerzone run", os.Args[0])
	}
	w := &wire{conn: f}
	_, text, err := w.receive()
	if errors.Is(err, io.EOF) {
		return nil, errNoParent
	}
	if err != nil {
		return nil, fmt.Errorf("what to do: %w", err)
	}
	return f, json.Unmarshal(text, v)
}
