package metadata

import (
	"context"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"time"
)

// serveUnix plays a host on a socket; each turn of it takes as long as turn.
func serveUnix(b *testing.B, store Store, turn time.Duration) Dial {
	b.Helper()
	l, err := net.Listen("unix", b.TempDir()+"/m.sock")
	if err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var serving sync.WaitGroup
	serving.Go(func() { _ = ServeListener(ctx, &Server{Store: store}, Listener[net.Conn](slowListener{l, turn})) })
	b.Cleanup(func() { cancel(); serving.Wait() })
	return func(ctx context.Context) (Conn, error) { return net.Dial("unix", l.Addr().String()) }
}

type slowListener struct {
	net.Listener
	turn time.Duration
}

func (l slowListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if l.turn > 0 && err == nil {
		conn = slowConn{conn, l.turn}
	}
	return conn, err
}

// A slowConn is an event loop under load: whatever has come waits for its turn.
type slowConn struct {
	net.Conn
	turn time.Duration
}

func (c slowConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	time.Sleep(c.turn)
	return n, err
}

// BenchmarkBoot is the metadata phase of a boot, from no connection to the last
// of 20 values.
func BenchmarkBoot(b *testing.B) {
	store := newShelf()
	keys := make([]string, 20)
	for i := range keys {
		keys[i] = fmt.Sprintf("docker:key%d", i)
		store.values[keys[i]] = strings.Repeat("v", 100)
	}
	for _, peer := range []struct {
		name string
		turn time.Duration
	}{{"at once", 0}, {"1 ms a request", time.Millisecond}} {
		for _, way := range []struct {
			name string
			get  func(ctx context.Context, c *Client) error
		}{
			{"pipelined", func(ctx context.Context, c *Client) error {
				_, err := c.Get(ctx, keys...)
				return err
			}},
			{"one by one", func(ctx context.Context, c *Client) error {
				for _, key := range keys {
					if _, err := c.Get(ctx, key); err != nil {
						return err
					}
				}
				return nil
			}},
		} {
			b.Run(peer.name+"/"+way.name, func(b *testing.B) {
				dial := serveUnix(b, store, peer.turn)
				b.ReportAllocs()
				for b.Loop() {
					c := New(dial, quiet, ExecContact)
					if err := way.get(b.Context(), c); err != nil {
						b.Fatal(err)
					}
					c.Close()
				}
			})
		}
	}
}

func BenchmarkValue(b *testing.B) {
	for _, size := range []int{1 << 10, 16 << 10, 256 << 10, 1 << 20, 4 << 20, 16 << 20} {
		name := fmt.Sprintf("%d KiB", size>>10)
		if size >= 1<<20 {
			name = fmt.Sprintf("%d MiB", size>>20)
		}
		b.Run(name, func(b *testing.B) {
			dial := serveUnix(b, newShelf("key", strings.Repeat("v", size)), 0)
			c := New(dial, quiet, ExecContact)
			defer c.Close()
			b.SetBytes(int64(size))
			b.ReportAllocs()
			for b.Loop() {
				if values, err := c.Get(b.Context(), "key"); err != nil || len(values["key"]) != size {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkFrame(b *testing.B) {
	line := AppendFrame(nil, "dc4fae17", wordSuccess, strings.Repeat("v", 1000))
	b.Run("parse 1000 bytes", func(b *testing.B) {
		b.SetBytes(1000)
		b.ReportAllocs()
		for b.Loop() {
			if _, err := ParseFrame(line[:len(line)-1]); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("append 1000 bytes", func(b *testing.B) {
		value := strings.Repeat("v", 1000)
		buf := make([]byte, 0, 4096)
		b.SetBytes(1000)
		b.ReportAllocs()
		for b.Loop() {
			buf = AppendFrame(buf[:0], "dc4fae17", wordSuccess, value)
		}
	})
}
