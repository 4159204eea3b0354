//go:build illumos && amd64

package illumos

import (
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// The driver throws away what nobody is there to read; a slow reader it lets the
// writer wait for.
const (
	sayTime  = 100 * time.Millisecond
	sayPiece = 512 // what the stream head has room for
)

// Say opens the stream anew: a descriptor that is open already may block.
func (c *console) Say(text string) {
	fd := c.listener()
	say(fd, text)
	if fd != int(os.Stderr.Fd()) {
		_ = unix.Close(fd)
	}
}

// listener is where the command's errors would go. Before the console is known
// that is zfd 0 if the host has made it a terminal, for then it reads nothing
// else. Where there is no console at all, a person may have started init.
func (c *console) listener() (fd int) {
	if fd, err := openStream(c.stderr, unix.O_WRONLY); err == nil {
		return fd
	}
	if info, err := os.Lstat(c.node(0)); err == nil && info.Mode()&os.ModeCharDevice != 0 {
		if fd, err := openStream(c.node(0), unix.O_WRONLY); err == nil {
			if isTerminal(fd) {
				return fd
			}
			_ = unix.Close(fd)
		}
	}
	for _, name := range []string{c.node(2), c.console} {
		if fd, err := openStream(name, unix.O_WRONLY); err == nil {
			return fd
		}
	}
	return int(os.Stderr.Fd())
}

// say writes a line, as far as it can be written within sayTime.
func say(fd int, text string) {
	line := []byte(text + "\n")
	for deadline := time.Now().Add(sayTime); len(line) > 0; {
		left := int(time.Until(deadline).Milliseconds())
		ready := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLOUT}}
		n, err := unix.Poll(ready, max(left, 0))
		if err == unix.EINTR && left > 0 {
			continue
		}
		if n != 1 || ready[0].Revents&unix.POLLOUT == 0 {
			return
		}
		n, err = unix.Write(fd, line[:min(len(line), sayPiece)])
		switch {
		case err == nil:
			line = line[n:]
		case (err == unix.EINTR || err == unix.EAGAIN) && left > 0:
		default:
			return
		}
	}
}
