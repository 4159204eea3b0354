package metadata

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"dockerinit/core/bootlog"
	"dockerinit/core/exit"
)

var quiet = bootlog.NewLogger()

// A notebook keeps log lines.
type notebook struct {
	mu   sync.Mutex
	text strings.Builder
}

func (n *notebook) Write(p []byte) (int, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.text.Write(p)
}

func (n *notebook) String() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.text.String()
}

func (n *notebook) logger() *bootlog.Logger {
	return bootlog.NewLogger(bootlog.NewText(n))
}

// A host is a Server behind a pipe for each connection.
type host struct {
	server  *Server
	between func(net.Conn) net.Conn // what stands between it and the client
	made    atomic.Int32            // connections, and failures to make one
	failing func(dial int) error
	serving sync.WaitGroup
}

func (h *host) dials() int { return int(h.made.Load()) }

func (h *host) dial(ctx context.Context) (Conn, error) {
	h.made.Add(1)
	if h.failing != nil {
		if err := h.failing(h.dials()); err != nil {
			return nil, err
		}
	}
	ours, theirs := net.Pipe()
	if h.between != nil {
		theirs = h.between(theirs)
	}
	h.serving.Go(func() { _ = h.server.Serve(context.Background(), theirs) })
	return ours, nil
}

// withHost runs a test against a host in a bubble, where waiting takes no time.
func withHost(t *testing.T, h *host, contact time.Duration, test func(t *testing.T, c *Client, log *notebook)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		log := &notebook{}
		c := New(h.dial, log.logger(), contact)
		test(t, c, log)
		if err := c.Close(); err != nil {
			t.Error(err)
		}
		h.serving.Wait()
	})
}

func TestClientAsksEverything(t *testing.T) {
	store := newShelf("sdc:brand", "lx", "empty", "", "binary", "\x00\xff\n.\r\n")
	withHost(t, &host{server: &Server{Store: store}}, InitContact, func(t *testing.T, c *Client, _ *notebook) {
		got, err := c.Get(t.Context(), "sdc:brand", "empty", "absent", "binary", "sdc:brand")
		want := map[string]string{"sdc:brand": "lx", "empty": "", "binary": "\x00\xff\n.\r\n"}
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("\n got %q, %v\nwant %q", got, err, want)
		}
		if err := c.Put(t.Context(), "new", "a b\nc"); err != nil {
			t.Error(err)
		}
		if err := c.Delete(t.Context(), "binary"); err != nil {
			t.Error(err)
		}
		keys, err := c.Keys(t.Context())
		if err != nil || !reflect.DeepEqual(keys, []string{"empty", "new", "sdc:brand"}) {
			t.Errorf("keys %q, %v", keys, err)
		}
		if store.values["new"] != "a b\nc" {
			t.Errorf("put %q", store.values["new"])
		}
		if values, err := c.Get(t.Context()); err != nil || len(values) != 0 {
			t.Errorf("nothing asked, got %q, %v", values, err)
		}
	})
}

// A whole boot is one write, and the peer reads no request before it.
func TestClientAsksInOneWrite(t *testing.T) {
	var first int
	h := &host{server: &Server{Store: newShelf("a", "1")}}
	h.between = func(conn net.Conn) net.Conn { return &firstRead{conn, &first} }
	withHost(t, h, InitContact, func(t *testing.T, c *Client, _ *notebook) {
		if _, err := c.Get(t.Context(), "a", "b", "c", "d"); err != nil {
			t.Fatal(err)
		}
		want := len("\nNEGOTIATE V2\n") + 4*len(AppendFrame(nil, "12345678", "GET", "a"))
		if first != want {
			t.Errorf("the first read saw %d bytes of %d", first, want)
		}
	})
}

type firstRead struct {
	net.Conn
	n *int
}

func (f *firstRead) Read(p []byte) (int, error) {
	n, err := f.Conn.Read(p)
	if *f.n == 0 {
		*f.n = n
	}
	return n, err
}

func TestClientRefusals(t *testing.T) {
	store := newShelf("a", "1", "b", "2")
	store.refused["docker:x"] = `Cannot update the "docker" Namespace.`
	store.refused["long"] = strings.Repeat("\x1b[0m", 1000)
	store.refused["mute"] = ""
	withHost(t, &host{server: &Server{Store: store}}, InitContact, func(t *testing.T, c *Client, _ *notebook) {
		got, err := c.Get(t.Context(), "a", "docker:x", "mute", "b", "bad\nkey", "")
		if !reflect.DeepEqual(got, map[string]string{"a": "1", "b": "2"}) {
			t.Errorf("the others: got %q", got)
		}
		var lines []string
		for _, e := range exit.Each(err) {
			lines = append(lines, e.Error())
			if _, ok := errors.AsType[*KeyError](e); !ok || exit.CodeOf(e) != exit.MetadataFailed {
				t.Errorf("%v: code %d", e, exit.CodeOf(e))
			}
		}
		want := `
metadata key "docker:x": the host refused the GET: "Cannot update the \"docker\" Namespace."
metadata key "mute": the host refused the GET
metadata key "bad\nkey": a key cannot have control characters
metadata key "": a key cannot be empty`
		if got := "\n" + strings.Join(lines, "\n"); got != want {
			t.Errorf("got %s\nwant %s", got, want)
		}
		if err := c.Put(t.Context(), "docker:x", "v"); err == nil || exit.CodeOf(err) != exit.MetadataFailed {
			t.Errorf("PUT: %v", err)
		}
		if err := c.Delete(t.Context(), "long"); err == nil || len(err.Error()) > 1000 || strings.Contains(err.Error(), "\x1b") {
			t.Errorf("DELETE: %.2000q", err)
		}
	})
}

func TestClientV1Host(t *testing.T) {
	store := newShelf("sdc:brand", "lx", "empty", "", "dots", ".\n..a\n")
	store.refused["forbidden"] = "why"
	withHost(t, &host{server: &Server{Store: store, V1Only: true}}, InitContact, func(t *testing.T, c *Client, log *notebook) {
		got, err := c.Get(t.Context(), "sdc:brand", "empty", "absent", "dots", "forbidden", " odd")
		want := map[string]string{"sdc:brand": "lx", "empty": "", "dots": ".\n..a\n"}
		if !reflect.DeepEqual(got, want) || len(exit.Each(err)) != 2 {
			t.Errorf("\n got %q, %v\nwant %q", got, err, want)
		}
		if keys, err := c.Keys(t.Context()); err != nil || len(keys) != 3 {
			t.Errorf("keys %q, %v", keys, err)
		}
		if err := c.Put(t.Context(), "a", "b"); exit.CodeOf(err) != exit.MetadataTooOld {
			t.Errorf("PUT: %v", err)
		}
		if err := c.Delete(t.Context(), "a"); exit.CodeOf(err) != exit.MetadataTooOld {
			t.Errorf("DELETE: %v", err)
		}
		c.Post(Change{Key: "a", Value: "secret"})
		if text := log.String(); !strings.Contains(text, "version 1") || strings.Contains(text, "secret") {
			t.Errorf("the log says %s", text)
		}
	})
}

func TestClientPost(t *testing.T) {
	store := newShelf("gone", "1")
	store.refused["docker:x"] = "no"
	h := &host{server: &Server{Store: store, UpdateTime: time.Second}}
	withHost(t, h, InitContact, func(t *testing.T, c *Client, log *notebook) {
		begun := time.Now()
		c.Post(Change{Key: "a", Value: "1"}, Change{Key: "gone", Delete: true}, Change{Key: "docker:x", Value: "secret"})
		c.Post()
		if waited := time.Since(begun); waited != 0 {
			t.Errorf("Post waited %v", waited)
		}
		time.Sleep(5 * time.Second)
		if got := store.content(); got != "map[a:1]" {
			t.Errorf("left: %s", got)
		}
		if text := log.String(); !strings.Contains(text, "docker:x") || strings.Contains(text, "secret") {
			t.Errorf("the log says %s", text)
		}
	})
}

// What was posted is written when Post returns: closing at once loses nothing,
// and says nothing.
func TestClientPostThenClose(t *testing.T) {
	store := newShelf()
	h := &host{server: &Server{Store: store, UpdateTime: time.Second}}
	withHost(t, h, InitContact, func(t *testing.T, c *Client, log *notebook) {
		c.Post(Change{Key: "a", Value: "1"})
		c.Close()
		h.serving.Wait()
		if got := store.content(); got != "map[a:1]" || log.String() != "" {
			t.Errorf("left %s, log %s", got, log)
		}
		if _, err := c.Get(t.Context(), "a"); err == nil {
			t.Error("a closed client answered")
		}
	})
}

func TestClientPostWithoutHost(t *testing.T) {
	h := &host{server: &Server{Store: newShelf()}, failing: func(int) error { return errors.New("no socket") }}
	withHost(t, h, ExecContact, func(t *testing.T, c *Client, log *notebook) {
		begun := time.Now()
		c.Post(Change{Key: "a", Value: "1"})
		if waited := time.Since(begun); waited != postWait {
			t.Errorf("Post waited %v", waited)
		}
		time.Sleep(time.Minute)
		before := h.dials()
		time.Sleep(time.Hour)
		if h.dials() != before {
			t.Errorf("it still tries to connect: %d times", h.dials()-before)
		}
		if !strings.Contains(log.String(), "not written yet") || !strings.Contains(log.String(), "posted and not done") {
			t.Errorf("the log says %s", log)
		}
	})
}

func TestClientFirstContact(t *testing.T) {
	for _, test := range []struct {
		name    string
		contact time.Duration
		failing func(int) error
		want    time.Duration
		text    string
		lines   int
	}{
		{"init gives up after 10 minutes", InitContact, func(int) error { return errors.New("no socket") },
			InitContact, "metadata: the host cannot be reached: no answer within 10m0s: no socket", 10},
		{"dockerexec gives up after 10 seconds", ExecContact, func(int) error { return errors.New("no socket") },
			ExecContact, "metadata: the host cannot be reached: no answer within 10s: no socket", 4},
		{"no permission is final", InitContact, func(int) error { return fmt.Errorf("connect: %w", fs.ErrPermission) },
			0, "metadata: the host cannot be reached: connect: permission denied", 0},
		{"so is what the dialler says", InitContact, func(int) error { return Permanent(errors.New("no such service here")) },
			0, "metadata: the host cannot be reached: no such service here", 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			h := &host{server: &Server{Store: newShelf()}, failing: test.failing}
			withHost(t, h, test.contact, func(t *testing.T, c *Client, log *notebook) {
				begun := time.Now()
				_, err := c.Get(t.Context(), "a", "b")
				if took := time.Since(begun); took != test.want {
					t.Errorf("it took %v, want %v", took, test.want)
				}
				if err == nil || err.Error() != test.text || exit.CodeOf(err) != exit.MetadataInit {
					t.Errorf("\n got %v (code %d)\nwant %s", err, exit.CodeOf(err), test.text)
				}
				if got := strings.Count(log.String(), "does not answer yet"); got != test.lines {
					t.Errorf("%d lines of log, want %d:\n%s", got, test.lines, log)
				}
			})
		})
	}
}

// A host that is late by T costs at most max(1 ms, T/4) more, 50 ms at most.
func TestClientLateHost(t *testing.T) {
	for _, late := range []time.Duration{0, time.Millisecond, 20 * time.Millisecond, time.Second, 5 * time.Minute} {
		h := &host{server: &Server{Store: newShelf("a", "1")}}
		withHost(t, h, InitContact, func(t *testing.T, c *Client, _ *notebook) {
			begun := time.Now()
			h.failing = func(int) error {
				if time.Since(begun) < late {
					return errors.New("no socket")
				}
				return nil
			}
			if _, err := c.Get(t.Context(), "a"); err != nil {
				t.Fatal(err)
			}
			over := time.Since(begun) - late
			if most := min(max(time.Millisecond, late/4), 50*time.Millisecond); over > most {
				t.Errorf("late by %v: %v more, want at most %v", late, over, most)
			}
		})
	}
}

// Every long wait is told, also that for a host which is there and slow.
func TestClientSlowHost(t *testing.T) {
	h := &host{server: &Server{Store: newShelf(), UpdateTime: 10 * time.Second}}
	withHost(t, h, ExecContact, func(t *testing.T, c *Client, log *notebook) {
		if err := c.Put(t.Context(), "a", "secret"); err != nil {
			t.Fatal(err)
		}
		if text := log.String(); strings.Count(text, "does not answer yet") != 4 || strings.Contains(text, "secret") {
			t.Errorf("the log says %s", text)
		}
	})
}

func TestClientContextEnds(t *testing.T) {
	h := &host{server: &Server{Store: newShelf()}, failing: func(int) error { return errors.New("no socket") }}
	withHost(t, h, InitContact, func(t *testing.T, c *Client, _ *notebook) {
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		begun := time.Now()
		_, err := c.Get(ctx, "a")
		if !errors.Is(err, context.DeadlineExceeded) || exit.CodeOf(err) != exit.MetadataInit || time.Since(begun) != 3*time.Second {
			t.Errorf("after %v: %v", time.Since(begun), err)
		}
	})
}

func TestClientManyAtOnce(t *testing.T) {
	store := newShelf()
	for i := range 50 {
		store.values[fmt.Sprint("key", i)] = fmt.Sprint("value", i)
	}
	withHost(t, &host{server: &Server{Store: store, UpdateTime: time.Millisecond}}, InitContact, func(t *testing.T, c *Client, _ *notebook) {
		var all sync.WaitGroup
		for i := range 50 {
			all.Go(func() {
				key := fmt.Sprint("key", i)
				if values, err := c.Get(t.Context(), key, "absent"); err != nil || values[key] != fmt.Sprint("value", i) {
					t.Errorf("%s: %q, %v", key, values, err)
				}
				if err := c.Put(t.Context(), key, "new"); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
	})
}

func TestClientLargeValues(t *testing.T) {
	large := strings.Repeat("0123456789abcdef", MaxValue/16)
	for _, v1 := range []bool{false, true} {
		store := newShelf("fits", large, "larger", large+".", "much larger", large+large, "small", "1")
		withHost(t, &host{server: &Server{Store: store, V1Only: v1}}, InitContact, func(t *testing.T, c *Client, _ *notebook) {
			got, err := c.Get(t.Context(), "larger", "fits", "much larger", "small")
			if len(got) != 2 || got["fits"] != large || got["small"] != "1" {
				t.Errorf("v1 %v: got %d values", v1, len(got))
			}
			var text []string
			for _, e := range exit.Each(err) {
				text = append(text, e.Error())
			}
			want := `metadata key "larger": the value is larger than 16 MiB; metadata key "much larger": the value is larger than 16 MiB`
			if strings.Join(text, "; ") != want {
				t.Errorf("v1 %v:\n got %s\nwant %s", v1, strings.Join(text, "; "), want)
			}
			if v1 {
				return
			}
			if err := c.Put(t.Context(), "put", large); err != nil || store.values["put"] != large {
				t.Errorf("PUT: %v", err)
			}
			if err := c.Put(t.Context(), "put", large+"."); err == nil {
				t.Error("PUT of a larger one passed")
			}
		})
	}
}

// Both ends write at once: 4 MiB of requests while their answers come.
func TestClientFullDuplex(t *testing.T) {
	store := newShelf()
	keys := make([]string, 2000)
	for i := range keys {
		keys[i] = fmt.Sprintf("%d%s", i, strings.Repeat("k", 1500))
		store.values[keys[i]] = strings.Repeat("v", 1500)
	}
	withHost(t, &host{server: &Server{Store: store}}, InitContact, func(t *testing.T, c *Client, _ *notebook) {
		if values, err := c.Get(t.Context(), keys...); err != nil || len(values) != len(keys) {
			t.Errorf("%d of %d, %v", len(values), len(keys), err)
		}
	})
}
