//go:build linux

package sim

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"sync"

	"golang.org/x/sys/unix"

	"dockerinit/core/zone"
)

// A console is the host's side of the zone's zfd devices. Whoever is attached sees
// what comes out of them; while nobody is, it is thrown away, as the host does.
type console struct {
	tty    bool
	master *os.File         // the terminal's other side
	held   map[int]*os.File // ends that keep the others from seeing an end
	input  *os.File         // where stdin goes; nil: nowhere
	feeds  []*feed          // the log driver's

	seen  chan struct{} // closed when somebody has attached: nothing is lost before
	look  func()        // closes it
	pumps sync.WaitGroup
	mu    sync.Mutex
	on    *wire // who is attached
}

// newConsole makes the devices below dev/zfd, or dev/console in a zone without them.
// What is open when that fails goes with the keeper.
func newConsole(dev string, z *zone.Zone, zfd bool) (*console, error) {
	c := &console{tty: z.Console.TTY, held: map[int]*os.File{}, seen: make(chan struct{})}
	c.look = sync.OnceFunc(func() { close(c.seen) })
	logged := z.Logger.Driver != ""
	if !zfd {
		c.tty = true
		return c, c.terminal(dev, filepath.Join(dev, "console"), nil)
	}
	if c.tty {
		var copied *feed
		if logged {
			var err error
			if copied, err = c.feed(dev, 1, "the terminal", z.Console.DropCopies); err != nil {
				return nil, err
			}
		}
		return c, c.terminal(dev, node(dev, 0), copied)
	}
	for n := range 3 {
		if err := c.fifo(dev, n); err != nil {
			return nil, err
		}
	}
	in, err := openFIFO(dev, 0, os.O_WRONLY)
	if err != nil {
		return nil, err
	}
	c.input = in
	for n, k := range map[int]kind{1: frameOutput, 2: frameErrors} {
		// The end that is held is a writer too, so that this one sees no end before.
		out, err := openFIFO(dev, n, os.O_RDONLY)
		if err != nil {
			return nil, err
		}
		var copied *feed
		if logged {
			if copied, err = c.feed(dev, n+2, kindNames[k], z.Console.DropCopies); err != nil {
				return nil, err
			}
		}
		c.pump(out, k, copied)
	}
	return c, nil
}

// fifo makes device n. Both its ends are held: neither the zone nor the host ever
// finds the other side closed. A reader that is held does not read.
func (c *console) fifo(dev string, n int) error {
	name := node(dev, n)
	if err := unix.Mkfifo(name, 0o600); err != nil {
		return fmt.Errorf("make %s: %w", name, err)
	}
	f, err := openFIFO(dev, n, os.O_RDWR)
	c.held[n] = f
	return err
}

func node(dev string, n int) string { return filepath.Join(dev, "zfd", strconv.Itoa(n)) }

func openFIFO(dev string, n, flags int) (*os.File, error) {
	return os.OpenFile(node(dev, n), flags|unix.O_CLOEXEC, 0)
}

// terminal makes a device that is a terminal of the zone's own.
func (c *console) terminal(dev, device string, copied *feed) error {
	master, slave, err := newTerminal(dev)
	if err != nil {
		return err
	}
	c.master, c.input, c.held[0] = master, master, slave
	if err := errors.Join(os.WriteFile(device, nil, 0o600), bind(filepath.Join(dev, "pts", filepath.Base(slave.Name())), device)); err != nil {
		return err
	}
	c.pump(master, frameOutput, copied)
	return nil
}

// newTerminal makes a terminal in the zone's own devpts.
func newTerminal(dev string) (master, slave *os.File, err error) {
	master, err = os.OpenFile(filepath.Join(dev, "pts", "ptmx"), os.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, nil, err
	}
	var number uint32
	err = control(master, func(fd int) (err error) {
		if number, err = unix.IoctlGetUint32(fd, unix.TIOCGPTN); err != nil {
			return err
		}
		return unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0)
	})
	if err == nil {
		slave, err = os.OpenFile(filepath.Join(dev, "pts", strconv.Itoa(int(number))), os.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC, 0)
	}
	if err != nil {
		master.Close()
		return nil, nil, fmt.Errorf("make a terminal: %w", err)
	}
	return master, slave, nil
}

// control calls do with the descriptor of f, which Fd would make one that no Close
// wakes a reader of.
func control(f *os.File, do func(fd int) error) error {
	conn, err := f.SyscallConn()
	if err != nil {
		return err
	}
	if failed := conn.Control(func(fd uintptr) { err = do(int(fd)) }); failed != nil {
		return failed
	}
	return err
}

// resize tells a terminal its size.
func resize(terminal *os.File, rows, columns uint16) {
	_ = control(terminal, func(fd int) error {
		return unix.IoctlSetWinsize(fd, unix.TIOCSWINSZ, &unix.Winsize{Row: rows, Col: columns})
	})
}

// pump carries output to the log driver's feed and to whoever is attached.
func (c *console) pump(from *os.File, k kind, copied *feed) {
	c.pumps.Go(func() {
		defer from.Close()
		<-c.seen
		buf := make([]byte, 32<<10)
		for {
			n, err := from.Read(buf)
			if n > 0 {
				copied.write(buf[:n])
				c.show(k, buf[:n])
			}
			if err != nil { // the end of a FIFO, EIO of a terminal
				return
			}
		}
	})
}

func (c *console) show(k kind, p []byte) {
	c.mu.Lock()
	on := c.on
	c.mu.Unlock()
	if on != nil && on.send(k, p) != nil {
		c.detach(on)
	}
}

// attach makes w the one who sees the console; false where somebody does already.
func (c *console) attach(w *wire) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.on != nil {
		return false
	}
	c.on = w
	return true
}

func (c *console) detach(w *wire) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.on == w {
		c.on = nil
	}
}

// typed gives the zone input. Nothing at all is its end.
func (c *console) typed(p []byte) {
	c.mu.Lock()
	in := c.input
	if len(p) == 0 && !c.tty { // a terminal's end is a character
		c.input = nil
	}
	c.mu.Unlock()
	switch {
	case in == nil:
	case len(p) > 0:
		_, _ = in.Write(p) // a zone that does not read drops it
	case !c.tty:
		c.endInput(in)
	}
}

// endInput lets the zone read to the end: the held end is a writer too, so that it
// gives way to one that only reads, which keeps what was written.
func (c *console) endInput(in *os.File) {
	keep, err := os.OpenFile(fmt.Sprintf("/proc/self/fd/%d", in.Fd()), os.O_RDONLY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	c.mu.Lock()
	defer c.mu.Unlock()
	in.Close()
	if f := c.held[0]; f != nil {
		f.Close()
	}
	if err == nil {
		c.held[0] = keep
	}
}

func (c *console) resize(rows, columns uint16) {
	if c.master != nil {
		resize(c.master, rows, columns)
	}
}

// drain waits until all that the zone has written is shown, and tells what of it
// no log driver has read. Nobody in the zone is left to write or read.
func (c *console) drain() (unlogged []string) {
	c.mu.Lock()
	for _, f := range c.held {
		f.Close()
	}
	c.mu.Unlock()
	c.pumps.Wait()
	for _, f := range c.feeds {
		if text := f.close(); text != "" {
			unlogged = append(unlogged, text)
		}
	}
	return unlogged
}
