//go:build linux

package sim

import (
	"errors"
	"fmt"

	"golang.org/x/sys/unix"
)

// A feed is the host's end of the copy of a stream that the log driver reads. Only
// the log driver has the other end: with it gone, a copy goes nowhere and holds
// nobody up. A nil feed is of a stream that is not logged.
type feed struct {
	fd     int
	of     string
	drops  bool  // a full one loses what does not fit; else it holds up whoever writes
	full   int64 // bytes that did not fit
	unread int64 // bytes while nobody had the other end
}

var kindNames = map[kind]string{frameOutput: "stdout", frameErrors: "stderr"}

// feed makes device n as a feed.
func (c *console) feed(dev string, n int, of string, drop bool) (*feed, error) {
	if err := c.fifo(dev, n); err != nil {
		return nil, err
	}
	flags := unix.O_WRONLY | unix.O_CLOEXEC
	if drop {
		flags |= unix.O_NONBLOCK
	}
	fd, err := unix.Open(node(dev, n), flags, 0)
	// It can be opened while there is a reader, which then has no place here.
	c.held[n].Close()
	delete(c.held, n)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", node(dev, n), err)
	}
	f := &feed{fd: fd, of: of, drops: drop}
	c.feeds = append(c.feeds, f)
	return f, nil
}

func (f *feed) write(p []byte) {
	for f != nil && len(p) > 0 {
		n, err := unix.Write(f.fd, p)
		switch {
		case errors.Is(err, unix.EINTR):
			continue
		case errors.Is(err, unix.EAGAIN):
			f.full += int64(len(p))
			return
		case err != nil: // EPIPE
			f.unread += int64(len(p))
			return
		}
		p = p[n:]
	}
}

// close tells what the log driver has never got, if anything, when it has ended.
func (f *feed) close() string {
	if left, err := unix.IoctlGetInt(f.fd, unix.TIOCINQ); err == nil {
		f.unread += int64(left)
	}
	_ = unix.Close(f.fd)
	switch {
	case f.full+f.unread == 0:
		return ""
	case f.full == 0:
		return fmt.Sprintf("the log driver has not read the last %d bytes of %s", f.unread, f.of)
	}
	return fmt.Sprintf("%d bytes of %s were dropped, because the log driver was slow and the mode in docker:logconfig is non-blocking; "+
		"of those that were not it has not read the last %d", f.full, f.of, f.unread)
}
