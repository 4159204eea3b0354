package fake

import (
	"context"
	"fmt"
	"os"
	"strconv"

	"dockerinit/core/bootlog"
	"dockerinit/core/process"
	"dockerinit/core/shim"
)

// Processes executes commands on this machine, for real: with the order, the
// checks and the errors of a zone. Its zero value becomes commands; to start
// some it needs Self.
type Processes struct {
	Self Self   // what Shim returned
	Root string // the image's root, in which a working directory lies; "" is "/"

	// Borrowed says that the session, the terminal and the stdio are those of
	// whoever runs this program by hand. The command gets their use, and they
	// stay whose they are.
	Borrowed bool

	// Log is told what a stand-in cannot do. nil: nobody is.
	Log *bootlog.Logger
}

// Exec becomes the command. It returns only if it could not.
func (p *Processes) Exec(cmd process.Command) error {
	return process.Become(p.kernel(p.say), cmd)
}

// Unapplied says that a command for these credentials will run as who this
// process is, for want of root's rights; "" where it runs as it should. Exec
// says so too: this is for those whose log ends before.
func (p *Processes) Unapplied(want process.Credentials) string {
	if os.Geteuid() == 0 || uint32(os.Geteuid()) == want.UID && uint32(os.Getegid()) == want.GID {
		return ""
	}
	return unapplied(want)
}

func unapplied(want process.Credentials) string {
	return fmt.Sprintf("without root's rights the command runs as %d:%d, not as %s", os.Geteuid(), os.Getegid(), want)
}

// Start runs the command in a child. When it returns, the child is the command;
// where it could not become that, the error is the one that Exec would have
// returned, and the child is gone.
func (p *Processes) Start(ctx context.Context, cmd process.Command) (pid int, err error) {
	return p.Self.Start(ctx, cmd, []string{p.Root, strconv.FormatBool(p.Borrowed)}, p.say)
}

// Hear is shim.Self's, for what is asked beside the command.
func (p *Processes) Hear(cmd process.Command) (*shim.Heard, error) {
	return p.Self.Hear(cmd, []string{p.Root, strconv.FormatBool(p.Borrowed)})
}

// Wait waits for a child by its pid. When ctx ends first, the child goes on and
// can be waited for again.
func (p *Processes) Wait(ctx context.Context, pid int) (process.Exit, error) {
	return shim.Wait(ctx, pid)
}

// A Self is this program, ready to be run again as a shim.
type Self = shim.Self

// Shim is the first call of main: in a process that Start made, it does not
// return.
func Shim() Self { return shim.Enter(shimKernel) }

// shimKernel is the kernel of a shim, with what Start has said of its platform.
func shimKernel(words []string, say func(string)) process.Kernel {
	k := &kernel{say: say}
	if len(words) == 2 {
		k.root, k.borrowed = words[0], words[1] == "true"
	}
	return k
}

func (p *Processes) kernel(say func(string)) *kernel {
	return &kernel{root: p.Root, borrowed: p.Borrowed, say: say}
}

func (p *Processes) say(text string) {
	if p.Log != nil {
		p.Log.Warn(text)
	}
}
