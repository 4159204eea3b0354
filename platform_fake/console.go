package fake

import (
	"fmt"
	"io"
	"os"
	"sync"
	"syscall"
	"time"

	"dockerinit/core/process"
	"dockerinit/core/zone"
)

// A console is what both consoles of the fake have in common: it is opened in
// one way, and once it is open a copy of its output can be asked for, once.
type console struct {
	mu    sync.Mutex
	want  zone.Console
	stdio process.Stdio
	open  bool
	teed  bool
	said  []string
	out   *stream // nil where the command writes to the operator's own stream
	err   *stream // nil with a terminal too, which has one stream
}

// begin refuses a second, different way of opening; again says that it is open.
func (c *console) begin(want zone.Console) (again bool, err error) {
	if c.open && c.want != want {
		return true, fmt.Errorf("open already, in another way: %w", syscall.EBUSY)
	}
	return c.open, nil
}

// tee makes the copies that a log driver reads. A terminal has one stream: the
// other copy is empty.
func (c *console) tee(want zone.Console) (stdout, stderr *os.File, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case !c.open:
		return nil, nil, fmt.Errorf("tee: the console is not open: %w", syscall.ENXIO)
	case c.teed || c.want != want:
		return nil, nil, fmt.Errorf("tee: there is one, and it cannot be changed: %w", syscall.EINVAL)
	case c.out == nil:
		return nil, nil, fmt.Errorf("tee: the command writes to your own stdio, of which no copy can be made here: %w", syscall.ENOTSUP)
	}
	if stdout, err = c.out.tee(); err != nil {
		return nil, nil, err
	}
	if c.err != nil {
		stderr, err = c.err.tee()
	} else {
		stderr, err = os.Open(os.DevNull)
	}
	if err != nil {
		_ = stdout.Close()
		return nil, nil, err
	}
	c.teed = true
	return stdout, stderr, nil
}

// String is the console as State shows it.
func (c *console) String() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var s string
	if c.open {
		s = "console three streams"
		if c.want.TTY {
			s = "console a terminal"
		}
		if c.want.OpenStdin {
			s += ", stdin open"
		}
		if c.teed {
			s += ", teed"
		}
		s += "\n"
	}
	for _, line := range c.said {
		s += fmt.Sprintf("said %q\n", line)
	}
	return s
}

// Close ends the copying, when what the command has written is through.
func (c *console) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, s := range []*stream{c.out, c.err} {
		if s != nil {
			s.close()
		}
	}
	return nil
}

// A stream carries what a command writes to where it is kept or shown, and a
// copy of it to whoever asked for one. The copy is flow-controlled: it makes the
// command wait and loses nothing.
type stream struct {
	w, r *os.File
	to   io.Writer
	done chan struct{}

	mu   sync.Mutex
	twin *os.File // where the copy goes
}

func newStream(to io.Writer) (*stream, error) {
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	s := &stream{w: w, r: r, to: to, done: make(chan struct{})}
	go s.pump()
	return s, nil
}

func (s *stream) pump() {
	defer close(s.done)
	buf := make([]byte, 32<<10)
	for {
		n, err := s.r.Read(buf)
		// Neither a reader of the copy nor an operator who has gone may stop the
		// command's output to the other.
		_, _ = s.to.Write(buf[:n])
		s.mu.Lock()
		twin := s.twin
		s.mu.Unlock()
		if twin != nil {
			_, _ = twin.Write(buf[:n])
		}
		if err != nil {
			break
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.twin != nil {
		_ = s.twin.Close()
	}
}

func (s *stream) tee() (*os.File, error) {
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.twin = w
	return r, nil
}

// drain is how long the output of processes that outlive the command is still
// carried.
const drain = 50 * time.Millisecond

func (s *stream) close() {
	_ = s.w.Close()
	deadline := time.Now().Add(drain)
	_ = s.r.SetReadDeadline(deadline)
	s.mu.Lock()
	if s.twin != nil {
		_ = s.twin.SetWriteDeadline(deadline)
	}
	s.mu.Unlock()
	<-s.done
	_ = s.r.Close()
}
