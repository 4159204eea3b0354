package fake

import (
	"context"
	"net"
	"sync"

	"dockerinit/core/metadata"
)

// Metadata is the way to the zone's host: each Dial is a connection in memory to
// a server of its store.
type Metadata struct {
	Server *metadata.Server

	// Between, where it is set, is given each connection before the zone gets it:
	// a test may put a peer there that delays, splits or garbles.
	Between func(net.Conn) net.Conn

	mu            sync.Mutex
	conversations []*conversation
	closed        bool
}

// A conversation is one connection, as the server sees it.
type conversation struct {
	cancel context.CancelFunc
	left   chan struct{} // closed when the zone has hung up
	done   chan struct{} // closed when all that it asked for is done
}

// Dial connects to the host.
func (m *Metadata) Dial(context.Context) (metadata.Conn, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return nil, metadata.Permanent(net.ErrClosed)
	}
	ctx, cancel := context.WithCancel(context.Background())
	c := &conversation{cancel: cancel, left: make(chan struct{}), done: make(chan struct{})}
	m.conversations = append(m.conversations, c)
	zone, host := net.Pipe()
	go func() {
		defer close(c.done)
		_ = m.Server.Serve(ctx, host) // its end is the zone's doing
	}()
	zone = &zoneEnd{Conn: zone, left: c.left}
	if m.Between != nil {
		zone = m.Between(zone)
	}
	return zone, nil
}

// zoneEnd tells when the zone hangs up.
type zoneEnd struct {
	net.Conn
	once sync.Once
	left chan struct{}
}

func (e *zoneEnd) Close() error {
	defer e.once.Do(func() { close(e.left) })
	return e.Conn.Close()
}

// Settle waits until the host has done all that the zone asked for on
// connections that it has closed since: changes that were posted last.
func (m *Metadata) Settle() {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, c := range m.conversations {
		select {
		case <-c.left:
			<-c.done
		default:
		}
	}
}

// Close ends all conversations, and returns when the last has ended.
func (m *Metadata) Close() error {
	m.Settle()
	m.mu.Lock()
	defer m.mu.Unlock()
	m.closed = true
	for _, c := range m.conversations {
		c.cancel()
		<-c.done
	}
	return nil
}
