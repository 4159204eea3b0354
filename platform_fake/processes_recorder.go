package fake

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"dockerinit/core/process"
)

// A Recorder is Processes in memory: what a zone's processes would have been.
// Its zero value is ready. It refuses what no kernel executes, and a wait for a
// process that it did not start or that was waited for before.
type Recorder struct {
	// Exits are how started processes end, in the order in which they are
	// started; those beyond it end with 0.
	Exits []process.Exit

	mu       sync.Mutex
	command  *process.Command
	children []process.Command // as which dockerinit has run the command, staying
	started  []process.Command
	finished map[int]bool
}

// firstPid is the number of the first started process; 1 is the boot itself.
const firstPid = 100

// Exec keeps the command, and returns nil where a kernel would not return.
func (r *Recorder) Exec(cmd process.Command) error {
	if err := executable(cmd); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.command = &cmd
	return nil
}

// Start keeps the command among those that run beside the zone's own.
func (r *Recorder) Start(ctx context.Context, cmd process.Command) (pid int, err error) {
	if err := errors.Join(ctx.Err(), executable(cmd)); err != nil {
		return 0, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.started = append(r.started, cmd)
	return firstPid + len(r.started) - 1, nil
}

// child runs the command beside the boot, which stays.
func (r *Recorder) child(ctx context.Context, cmd process.Command) (pid int, end process.Exit, err error) {
	if err := errors.Join(ctx.Err(), executable(cmd)); err != nil {
		return 0, end, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if n := len(r.started) + len(r.children); n < len(r.Exits) {
		end = r.Exits[n]
	}
	r.children = append(r.children, cmd)
	return firstChild + len(r.children), end, nil
}

const firstChild = 1000 // far from those that are started

// Wait gives the process's scripted end, once.
func (r *Recorder) Wait(ctx context.Context, pid int) (process.Exit, error) {
	if err := ctx.Err(); err != nil {
		return process.Exit{}, fmt.Errorf("wait for process %d: %w", pid, err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	n := pid - firstPid
	if n < 0 || n >= len(r.started) || r.finished[pid] {
		return process.Exit{}, fmt.Errorf("wait for process %d: not a child of this one", pid)
	}
	if r.finished == nil {
		r.finished = map[int]bool{}
	}
	r.finished[pid] = true
	if n < len(r.Exits) {
		return r.Exits[n], nil
	}
	return process.Exit{}, nil
}

// executable refuses what a real platform refuses for the command's sake alone.
func executable(cmd process.Command) error {
	for i, f := range cmd.Files {
		if f == nil {
			return fmt.Errorf("descriptor %d of %q is no file", 3+i, cmd.Path)
		}
	}
	return process.Check(cmd)
}

// Command is what the zone became.
func (r *Recorder) Command() (cmd process.Command, became bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.command == nil {
		return process.Command{}, false
	}
	return *r.command, true
}

// Started are the commands that run beside it, in their order.
func (r *Recorder) Started() []process.Command {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.started)
}

// String is the processes' part of a zone's state, a line each, with nothing
// where there is none.
func (r *Recorder) String() string {
	var b strings.Builder
	for _, cmd := range r.Started() {
		fmt.Fprintf(&b, "started %s\n", Describe(cmd))
	}
	if cmd, became := r.Command(); became {
		fmt.Fprintf(&b, "command %s\n", Describe(cmd))
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, cmd := range r.children {
		fmt.Fprintf(&b, "command %s as a child\n", Describe(cmd))
	}
	return b.String()
}

// Describe is a command in one line: ["sleep" "1"] as 33:33 in /srv, and after
// that what is not as it usually is.
func Describe(c process.Command) string {
	dir := c.Dir
	if dir == "" {
		dir = "/"
	}
	s := fmt.Sprintf("%q as %s in %s", c.Args, c.Credentials, dir)
	if c.Terminal {
		s += " on a terminal"
	}
	if c.Umask != 0o022 {
		s += fmt.Sprintf(" umask %03o", c.Umask)
	}
	for _, l := range c.Limits {
		s += " " + l.String()
	}
	if len(c.Files) > 0 {
		s += fmt.Sprintf(" with descriptors 3 to %d", 2+len(c.Files))
	}
	if c.SharesFate {
		s += " sharing its fate"
	}
	return s
}

// Getenv is a variable of a command's environment.
func Getenv(c process.Command, name string) (value string, set bool) {
	for _, e := range c.Env {
		if v, ok := strings.CutPrefix(e, name+"="); ok {
			return v, true
		}
	}
	return "", false
}

// EnvNames are the names of a command's environment, in its order.
func EnvNames(c process.Command) (names []string) {
	for _, e := range c.Env {
		name, _, _ := strings.Cut(e, "=")
		names = append(names, name)
	}
	return names
}
