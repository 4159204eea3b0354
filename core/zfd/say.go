package zfd

import (
	"os"
	"syscall"
	"time"
)

// Nobody may be reading: the host throws away what it does not read, and lets a
// writer wait for a slow reader; a simulated zone may not.
const (
	sayTime  = 100 * time.Millisecond
	sayPiece = 512 // what a stream that has room at all takes at once
)

// Say writes a line, as far as it can be written within sayTime. It opens the
// stream anew: a descriptor that is open already may block.
func (c *Console) Say(text string) {
	line := []byte(text + "\n")
	fd, ok := c.listener()
	if !ok {
		c.sayOutside(line)
		return
	}
	defer syscall.Close(fd)
	pause := time.Millisecond
	for deadline := time.Now().Add(sayTime); len(line) > 0; {
		n, err := syscall.Write(fd, line[:min(len(line), sayPiece)])
		switch {
		case err == nil:
			line = line[n:]
		case err != syscall.EINTR && err != syscall.EAGAIN || !time.Now().Before(deadline):
			return
		case err == syscall.EAGAIN:
			time.Sleep(pause)
			pause *= 2
		}
	}
}

// listener is where the command's errors would go. Before the console is known
// that is zfd 0 if the host has made it a terminal, for then it reads nothing
// else.
func (c *Console) listener() (fd int, ok bool) {
	if fd, err := c.openStream(c.stderr, syscall.O_WRONLY); err == nil {
		return fd, true
	}
	if info, err := os.Lstat(c.Node(0)); err == nil && info.Mode()&os.ModeCharDevice != 0 {
		if fd, err := c.openStream(c.Node(0), syscall.O_WRONLY); err == nil {
			if c.IsTerminal(fd) {
				return fd, true
			}
			_ = syscall.Close(fd)
		}
	}
	for _, name := range []string{c.Node(2), c.Own} {
		if fd, err := c.openStream(name, syscall.O_WRONLY); err == nil {
			return fd, true
		}
	}
	return -1, false
}

// sayOutside is for where there is no console at all: a person may have started
// init, and may not be reading.
func (*Console) sayOutside(line []byte) {
	done := make(chan struct{})
	go func() {
		_, _ = os.Stderr.Write(line)
		close(done)
	}()
	select {
	case <-done:
	case <-time.After(sayTime):
	}
}
