package metadata

import (
	"net"
	"testing"
	"time"
)

// A muted is a host's end of a connection whose answers are lost once it is told.
type muted struct {
	net.Conn
	now *bool
}

func (m muted) Write(p []byte) (int, error) {
	if *m.now {
		return len(p), nil
	}
	return m.Conn.Write(p)
}

// A connection that has nothing to do stays; one that has become useless
// meanwhile is noticed within an answer's time.
func TestClientIdleConnection(t *testing.T) {
	silent := new(bool)
	h := &host{server: &Server{Store: newShelf("a", "1")}}
	h.between = func(conn net.Conn) net.Conn {
		if h.dials() > 1 {
			return conn
		}
		return muted{conn, silent}
	}
	withHost(t, h, ExecContact, func(t *testing.T, c *Client, _ *notebook) {
		for range 2 {
			if _, err := c.Get(t.Context(), "a"); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Hour)
		}
		if h.dials() != 1 {
			t.Errorf("%d connections, want 1", h.dials())
		}
		*silent = true
		begun := time.Now()
		values, err := c.Get(t.Context(), "a")
		if took := time.Since(begun); err != nil || values["a"] != "1" || took != ExecContact || h.dials() != 2 {
			t.Errorf("after %v, on connection %d: %q, %v", took, h.dials(), values, err)
		}
	})
}
