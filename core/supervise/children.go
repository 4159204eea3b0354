package supervise

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"dockerinit/core/process"
	"dockerinit/core/shim"
)

// Children is what an OS has that starts children and reaps them as any process
// does: a platform puts it into its own, and adds KillAll, Unread and Number. Its
// functions are set before Watch.
type Children struct {
	// Begin and Hear start a process: shim.Self has both.
	Begin func(context.Context, process.Command) (pid int, err error)
	Hear  func(process.Command) (*shim.Heard, error)
	// Await waits until a child has ended and leaves it to be taken. ECHILD: there
	// is none. nil: the system has no such call, and a SIGCHLD for each child.
	Await func() error
	// Decode takes a status of wait apart.
	Decode func(syscall.WaitStatus) process.Exit
	// Forwarded are the signals that are events, the lowest number first.
	Forwarded []syscall.Signal
	// Blocked tells that they wait in the kernel until they are asked for.
	Blocked bool
	// Adopted was started by a run before this one; 0: nothing was.
	Adopted int

	events  chan Event
	signals *ears
	child   chan os.Signal // SIGCHLD

	mu      sync.Mutex          // held while somebody starts, reaps or sends
	started map[int]*shim.Heard // what was started and is not reaped; nil: the command
	reaped  int                 // of the events, those of ended processes that nobody has received yet
}

// Watch begins to take signals and to reap. Both go on until this process ends,
// and the container with it.
func (c *Children) Watch() <-chan Event { return c.WatchFrom() }

// WatchFrom begins with events that came before.
func (c *Children) WatchFrom(first ...Event) <-chan Event {
	c.events, c.child, c.started = make(chan Event), make(chan os.Signal, 1), map[int]*shim.Heard{}
	if c.Adopted != 0 {
		c.started[c.Adopted] = nil
	}
	for _, e := range first {
		delete(c.started, e.Pid)
	}
	signal.Notify(c.child, syscall.SIGCHLD)
	signal.Notify(make(chan os.Signal, 1), mistakes...) // nobody listens
	c.signals = listen(c.events, c.Forwarded, c.Blocked, first)
	go c.reap()
	return c.events
}

// Still does something while nobody takes signals or reaps. It is not done, and
// that is no error, where an event waits to be received.
func (c *Children) Still(do func() error) (err error) {
	unheard := c.signals.close()
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(unheard) == 0 && c.reaped == 0 {
		err = do()
	}
	c.signals = listen(c.events, c.Forwarded, c.Blocked, unheard)
	return err
}

// mistakes are the signals of a process's own, of which Go's runtime dies, also
// where somebody has sent one. One that is asked for is dropped instead; those of
// mistakes that are really ours end in a panic all the same.
var mistakes = []os.Signal{syscall.SIGFPE, syscall.SIGILL, syscall.SIGSEGV, syscall.SIGBUS, syscall.SIGABRT, syscall.SIGTRAP, syscall.SIGSYS}

// blindPause is between two looks at children of which nothing is heard.
const blindPause = 100 * time.Millisecond

// reap waits until there is something to reap, and takes it while nobody starts
// a process: Start waits for its own when it fails.
func (c *Children) reap() {
	for {
		err := error(syscall.ENOSYS)
		if c.Await != nil {
			err = c.Await()
		}
		switch {
		case errors.Is(err, syscall.ECHILD):
			// Whoever comes into the zone from outside may leave us children.
			<-c.child
		case errors.Is(err, syscall.EINTR):
			continue
		case err != nil:
			// Look when it says that something has ended, and in case it has said so
			// before.
			select {
			case <-c.child:
			case <-time.After(blindPause):
			}
		}
		for _, e := range c.reapAll() {
			c.events <- e
			c.mu.Lock()
			c.reaped--
			c.mu.Unlock()
		}
	}
}

// reapAll takes all that have ended, so many at a time that the rest need not
// wait long.
func (c *Children) reapAll() (ended []Event) {
	c.mu.Lock()
	defer c.mu.Unlock()
	defer func() { c.reaped += len(ended) }()
	for len(ended) < 64 {
		var status syscall.WaitStatus
		pid, err := syscall.Wait4(-1, &status, syscall.WNOHANG, nil)
		if errors.Is(err, syscall.EINTR) {
			continue
		}
		if err != nil || pid <= 0 {
			break
		}
		e := Event{Pid: pid, Exit: c.Decode(status)}
		heard := c.started[pid]
		delete(c.started, pid)
		if heard == nil {
			ended = append(ended, e)
			continue
		}
		go func() { // something may hold its output still
			e.Said = heard.End()
			c.events <- e
		}()
	}
	return ended
}

// Start keeps the reaping away until it knows how the start went.
func (c *Children) Start(ctx context.Context, cmd process.Command) (pid int, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if pid, err = c.Begin(ctx, cmd); err == nil {
		c.has(pid, nil)
	}
	return pid, err
}

// Check keeps the reaping away from the fork alone.
func (c *Children) Check(cmd process.Command) (pid int, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	heard, err := c.Hear(cmd)
	if err != nil {
		return 0, err
	}
	c.has(heard.Pid, heard)
	return heard.Pid, nil
}

func (c *Children) has(pid int, heard *shim.Heard) {
	c.started[pid] = heard
	select { // where there were no children there is one now
	case c.child <- syscall.SIGCHLD:
	default:
	}
}

// Kill is for what was started here and is not reaped: its number may be
// another's then.
func (c *Children) Kill(pid int, group bool, n syscall.Signal) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, there := c.started[pid]; !there {
		return
	}
	if group {
		pid = -pid
	}
	_ = syscall.Kill(pid, n) // it cannot be gone, and PID 1 may
}
