//go:build linux

package bench

import (
	"net"
	"sync/atomic"
	"syscall"
	"time"
)

// Turns is a listener of a host whose event loop is loaded: what a zone sends
// waits for the loop's next turn, and is handled together with all else that has
// come by then.
type Turns struct {
	net.Listener
	Each  time.Duration // how long a zone waits for its turn; 0: the host is idle
	taken atomic.Int64
}

// Taken is how many turns there were. A turn is a round trip for whoever waits
// for its answer.
func (t *Turns) Taken() int64 { return t.taken.Load() }

func (t *Turns) Accept() (net.Conn, error) {
	conn, err := t.Listener.Accept()
	if err != nil {
		return nil, err
	}
	raw, err := conn.(syscall.Conn).SyscallConn()
	if err != nil {
		conn.Close()
		return nil, err
	}
	return &turnConn{conn, raw, t}, nil
}

type turnConn struct {
	net.Conn
	raw  syscall.RawConn
	host *Turns
}

// Read waits until there is something, then for the turn, and takes what is
// there by then.
func (c *turnConn) Read(p []byte) (int, error) {
	if c.host.Each > 0 {
		var one [1]byte
		err := c.raw.Read(func(fd uintptr) bool {
			_, _, err := syscall.Recvfrom(int(fd), one[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
			return err != syscall.EAGAIN
		})
		if err != nil {
			return 0, err
		}
		// Go's own timers are as exact as a millisecond where nothing else is to do.
		pause := syscall.NsecToTimespec(c.host.Each.Nanoseconds())
		_ = syscall.Nanosleep(&pause, nil)
	}
	n, err := c.Conn.Read(p)
	if n > 0 {
		c.host.taken.Add(1)
	}
	return n, err
}
