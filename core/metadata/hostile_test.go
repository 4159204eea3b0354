package metadata

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"reflect"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"dockerinit/core/exit"
)

// A hostile connection stands before an honest host. It handles what the host
// writes turn by turn.
type hostile struct {
	net.Conn
	rewrite func(c *hostile, lines []string) error
	turn    int
}

func (c *hostile) Write(p []byte) (int, error) {
	c.turn++
	lines := strings.SplitAfter(string(p), "\n")
	if err := c.rewrite(c, lines[:len(lines)-1]); err != nil {
		c.Conn.Close()
		return 0, err
	}
	return len(p), nil
}

func (c *hostile) send(lines ...string) error {
	_, err := io.WriteString(c.Conn, strings.Join(lines, ""))
	return err
}

var errHungUp = errors.New("hung up")

// TestClientS18 has every mischief that a peer was ever seen to do. The client
// gets its answers all the same, and none that are not meant for it.
func TestClientS18(t *testing.T) {
	poison := func(id string) string { return string(AppendFrame(nil, id, wordSuccess, "poison")) }
	every := func(each func(line string) []string) func(*hostile, []string) error {
		return func(c *hostile, lines []string) error {
			for _, line := range lines {
				if err := c.send(each(line)...); err != nil {
					return err
				}
			}
			return nil
		}
	}
	for _, test := range []struct {
		name    string
		rewrite func(dial int) func(*hostile, []string) error
		took    time.Duration
		dials   int
	}{
		{"honest", func(int) func(*hostile, []string) error {
			return every(func(line string) []string { return []string{line} })
		}, 0, 1},
		{"one byte at a time", func(int) func(*hostile, []string) error {
			return every(func(line string) []string { return strings.Split(line, "") })
		}, 0, 1},
		{"a pause of a second before each line", func(int) func(*hostile, []string) error {
			return every(func(line string) []string { time.Sleep(time.Second); return []string{line} })
		}, 5 * time.Second, 1},
		{"each line twice", func(int) func(*hostile, []string) error {
			return every(func(line string) []string {
				if !strings.HasPrefix(line, "V2 ") {
					return []string{line}
				}
				return []string{line, line}
			})
		}, 0, 1},
		{"answers in reverse", func(int) func(*hostile, []string) error {
			return func(c *hostile, lines []string) error {
				if c.turn == 1 {
					slices.Reverse(lines[2:])
				}
				return c.send(lines...)
			}
		}, 0, 1},
		{"answers to nobody's questions", func(int) func(*hostile, []string) error {
			return every(func(line string) []string {
				return []string{line, poison("00000000"), poison("0"), poison("ffffffffffffffff")}
			})
		}, 0, 1},
		{"noise before the first answer", func(int) func(*hostile, []string) error {
			return func(c *hostile, lines []string) error {
				return c.send(append([]string{"\n", "FAILURE\n", "SUCCESS\n", "poison\n", ".\n", "\x00\xff\n", poison("12345678")}, lines...)...)
			}
		}, 0, 1},
		{"noise between the answers", func(int) func(*hostile, []string) error {
			return func(c *hostile, lines []string) error {
				var noisy []string
				for i, line := range lines {
					noisy = append(noisy, line)
					if i > 0 {
						noisy = append(noisy, "invalid command\n", "V2_OK\n", "FAILURE\n", "V2\n", "V2 1 1 1\n", "\n")
					}
				}
				return c.send(noisy...)
			}
		}, 0, 1},
		{"each answer damaged first", func(int) func(*hostile, []string) error {
			return every(func(line string) []string {
				if !strings.HasPrefix(line, "V2 ") {
					return []string{line}
				}
				fields := strings.SplitN(line, " ", 4)
				return []string{
					strings.Replace(line, fields[2], "00000000", 1),
					"V2 1 " + fields[2] + " " + fields[3],
					strings.Replace(line, "SUCCESS ", "SUCCESS p", 1),
					line[:len(line)/2] + "\n",
					line,
				}
			})
		}, 0, 1},
		{"the reset ends somebody's half line", func(int) func(*hostile, []string) error {
			return every(func(line string) []string {
				return []string{strings.Replace(line, lineInvalid, wordFailure, 1)}
			})
		}, 0, 1},
		{"silent on the first connection", func(dial int) func(*hostile, []string) error {
			return func(c *hostile, lines []string) error {
				if dial == 1 {
					return nil
				}
				return c.send(lines...)
			}
		}, openWait, 2},
		{"negotiates on the first connection, then falls silent", func(dial int) func(*hostile, []string) error {
			return func(c *hostile, lines []string) error {
				if dial == 1 {
					return c.send(lines[:2]...)
				}
				return c.send(lines...)
			}
		}, answerWait, 2},
		{"one answer a connection", func(dial int) func(*hostile, []string) error {
			return func(c *hostile, lines []string) error {
				_ = c.send(lines[:min(3, len(lines))]...)
				return errHungUp
			}
		}, 0, 3},
		{"a value in pieces, ten seconds apart", func(int) func(*hostile, []string) error {
			return func(c *hostile, lines []string) error {
				all := strings.Join(lines, "")
				for part := range slices.Chunk([]byte(all), len(all)/4+1) {
					if err := c.send(string(part)); err != nil {
						return err
					}
					time.Sleep(10 * time.Second)
				}
				return nil
			}
		}, 30 * time.Second, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			h := &host{server: &Server{Store: newShelf("sdc:brand", "lx", "docker:tty", "true")}}
			h.between = func(conn net.Conn) net.Conn {
				return &hostile{Conn: conn, rewrite: test.rewrite(h.dials())}
			}
			withHost(t, h, InitContact, func(t *testing.T, c *Client, log *notebook) {
				begun := time.Now()
				got, err := c.Get(t.Context(), "sdc:brand", "docker:tty", "absent")
				want := map[string]string{"sdc:brand": "lx", "docker:tty": "true"}
				if err != nil || !reflect.DeepEqual(got, want) {
					t.Errorf("\n got %q, %v\nwant %q", got, err, want)
				}
				if took := time.Since(begun); took < test.took || took > test.took+10*time.Millisecond {
					t.Errorf("it took %v, want %v", took, test.took)
				}
				if h.dials() != test.dials {
					t.Errorf("%d connections, want %d", h.dials(), test.dials)
				}
				if text := log.String(); strings.Contains(text, "poison") || strings.Contains(text, "cG9pc29u") || strings.Count(text, "\n") > 15*h.dials() {
					t.Errorf("the log says %s", text)
				}
			})
		})
	}
}

// The host goes away after each number of bytes that it may have sent, and
// after each that it may have read.
func TestClientS18HangsUpAtEveryPoint(t *testing.T) {
	whole := len("invalid command\nV2_OK\n") + len(AppendFrame(nil, "12345678", wordSuccess, "lx")) + len(AppendFrame(nil, "12345678", wordNotFound, ""))
	asked := len("\nNEGOTIATE V2\n") + len(AppendFrame(nil, "12345678", wordGet, "sdc:brand")) + len(AppendFrame(nil, "12345678", wordGet, "absent"))
	for _, test := range []struct {
		name string
		most int
		cut  func(net.Conn, int) net.Conn
	}{
		{"while it answers", whole, func(conn net.Conn, n int) net.Conn { return &cutWrites{conn, n} }},
		{"while it is asked", asked, func(conn net.Conn, n int) net.Conn { return &cutReads{conn, n} }},
	} {
		t.Run(test.name, func(t *testing.T) {
			for n := range test.most + 1 {
				for _, v1 := range []bool{false, true} {
					h := &host{server: &Server{Store: newShelf("sdc:brand", "lx"), V1Only: v1}}
					h.between = func(conn net.Conn) net.Conn {
						if h.dials()%2 == 0 { // odd ones fail, also the first that asks in version 1
							return conn
						}
						return test.cut(conn, n)
					}
					withHost(t, h, ExecContact, func(t *testing.T, c *Client, _ *notebook) {
						got, err := c.Get(t.Context(), "sdc:brand", "absent")
						if err != nil || !reflect.DeepEqual(got, map[string]string{"sdc:brand": "lx"}) {
							t.Errorf("after %d bytes, v1 only %v: %q, %v", n, v1, got, err)
						}
					})
				}
			}
		})
	}
}

type cutWrites struct {
	net.Conn
	left int
}

func (c *cutWrites) Write(p []byte) (int, error) {
	n, _ := c.Conn.Write(p[:min(len(p), c.left)])
	if c.left -= n; c.left == 0 {
		c.Conn.Close()
		return n, errHungUp
	}
	return n, nil
}

type cutReads struct {
	net.Conn
	left int
}

func (c *cutReads) Read(p []byte) (int, error) {
	if c.left == 0 {
		c.Conn.Close()
		return 0, errHungUp
	}
	n, err := c.Conn.Read(p[:min(len(p), c.left)])
	c.left -= n
	return n, err
}

// However a host behaves, a call comes to an end.
func TestClientS18NeverHangs(t *testing.T) {
	forever := func(conn net.Conn, text string, pause time.Duration) {
		for {
			if _, err := io.WriteString(conn, text); err != nil {
				return
			}
			time.Sleep(pause)
		}
	}
	opened := "invalid command\nV2_OK\n"
	for _, test := range []struct {
		name    string
		contact time.Duration
		peer    func(conn net.Conn)
		code    exit.Code
		took    time.Duration
		dials   int // at most
	}{
		{"silent", ExecContact, func(net.Conn) {}, exit.MetadataInit, ExecContact, 3},
		{"silent, for init", InitContact, func(net.Conn) {}, exit.MetadataInit, InitContact, 101},
		{"hangs up", ExecContact, func(c net.Conn) { c.Close() }, exit.MetadataInit, ExecContact, 300},
		{"silent after the negotiation", ExecContact, func(c net.Conn) { io.WriteString(c, opened) }, exit.MetadataFailed, 2 * ExecContact, 4},
		{"silent after the negotiation, for init", InitContact, func(c net.Conn) { io.WriteString(c, opened) }, exit.MetadataFailed, InitContact, 15},
		{"hangs up after the negotiation", ExecContact, func(c net.Conn) { io.WriteString(c, opened); c.Close() }, exit.MetadataFailed, 2 * ExecContact, 600},
		{"the same line for ever", ExecContact, func(c net.Conn) { forever(c, "invalid command\n", time.Millisecond) }, exit.MetadataFailed, 2 * ExecContact, 600},
		{"noise for ever", ExecContact, func(c net.Conn) { forever(c, "noise\n", time.Millisecond) }, exit.MetadataInit, ExecContact, 3},
		{"noise for ever after the negotiation", ExecContact, func(c net.Conn) { io.WriteString(c, opened); forever(c, "noise\n", time.Millisecond) }, exit.MetadataFailed, 2 * ExecContact, 4},
		{"a line without end", ExecContact, func(c net.Conn) { forever(c, strings.Repeat("x", 1<<16), time.Millisecond) }, exit.MetadataInit, ExecContact, 3},
	} {
		t.Run(test.name, func(t *testing.T) {
			h := &host{server: &Server{Store: newShelf()}}
			h.between = func(conn net.Conn) net.Conn { return &puppet{conn, test.peer, sync.Once{}} }
			withHost(t, h, test.contact, func(t *testing.T, c *Client, log *notebook) {
				begun := time.Now()
				_, err := c.Get(t.Context(), "a")
				took := time.Since(begun)
				if exit.CodeOf(err) != test.code || took < test.took || took > test.took+time.Second {
					t.Errorf("after %v: code %d, %v\nwant after %v: code %d", took, exit.CodeOf(err), err, test.took, test.code)
				}
				if h.dials() > test.dials {
					t.Errorf("%d connections, want at most %d", h.dials(), test.dials)
				}
			})
		})
	}
}

// Half of the answers and then silence: somebody waits for dockerexec, and the log
// says for what. A change is given its time all the same.
func TestClientFallingSilent(t *testing.T) {
	for _, test := range []struct {
		name string
		ask  func(context.Context, *Client) error
		took time.Duration
		says string
	}{
		{"a read", func(ctx context.Context, c *Client) error { _, err := c.Get(ctx, "a", "b", "c"); return err },
			2 * ExecContact, `WARN metadata: the host does not answer yet waited=8s answered="1 of 3"`},
		{"a change", func(ctx context.Context, c *Client) error {
			_, err := c.Get(ctx, "a")
			return errors.Join(err, c.Put(ctx, "b", "2"))
		}, 2 * answerWait, "WARN metadata: the host does not answer yet waited=1m4s"},
	} {
		t.Run(test.name, func(t *testing.T) {
			h := &host{server: &Server{Store: newShelf("a", "1", "b", "2", "c", "3")}}
			var answered atomic.Bool // over all conversations
			h.between = func(conn net.Conn) net.Conn {
				return &hostile{Conn: conn, rewrite: func(c *hostile, lines []string) error {
					for _, line := range lines {
						if strings.HasPrefix(line, "V2 ") && answered.Swap(true) {
							return nil
						}
						if err := c.send(line); err != nil {
							return err
						}
					}
					return nil
				}}
			}
			withHost(t, h, ExecContact, func(t *testing.T, c *Client, log *notebook) {
				begun := time.Now()
				err := test.ask(t.Context(), c)
				if took := time.Since(begun); exit.CodeOf(err) != exit.MetadataFailed || took < test.took || took > test.took+time.Second {
					t.Errorf("after %v: %v, want an error after %v", took, err, test.took)
				}
				if !strings.Contains(log.String(), test.says) {
					t.Errorf("the log does not say %q:\n%s", test.says, log)
				}
			})
		})
	}
}

// A host that is gone wild, and hangs up each time, does not fill the log.
func TestClientS18NoiseDoesNotFillTheLog(t *testing.T) {
	h := &host{server: &Server{Store: newShelf()}}
	h.between = func(conn net.Conn) net.Conn {
		return &puppet{conn, func(c net.Conn) { io.WriteString(c, strings.Repeat("noise\n", 20)); c.Close() }, sync.Once{}}
	}
	withHost(t, h, ExecContact, func(t *testing.T, c *Client, log *notebook) {
		if _, err := c.Get(t.Context(), "a"); exit.CodeOf(err) != exit.MetadataInit {
			t.Errorf("got %v", err)
		}
		if lines := strings.Count(log.String(), "dropped a line"); h.dials() < 100 || lines != 10 {
			t.Errorf("%d lines of log after %d connections, want 10", lines, h.dials())
		}
	})
}

// A puppet is a connection on which peer does what a host should, while whatever
// is asked is read.
type puppet struct {
	net.Conn
	peer func(net.Conn)
	once sync.Once
}

func (c *puppet) Read(p []byte) (int, error) {
	var playing sync.WaitGroup
	c.once.Do(func() {
		// As the host's, once it is asked.
		if _, err := c.Conn.Read(p); err == nil {
			playing.Go(func() { c.peer(c.Conn) })
			_, _ = io.Copy(io.Discard, c.Conn)
		}
	})
	playing.Wait()
	return 0, io.EOF
}

func (c *puppet) Write(p []byte) (int, error) { return len(p), nil }

func TestLineReaderKeepsMemoryBounded(t *testing.T) {
	endless := io.MultiReader(io.LimitReader(zeroes{}, 100<<20), strings.NewReader("\nshort\n"))
	l := lineReader{r: endless, max: 1 << 20}
	if _, err := l.next(); !errors.Is(err, errLineTooLong) {
		t.Fatalf("got %v", err)
	}
	line, err := l.next()
	if err != nil || string(line) != "short" {
		t.Errorf("after the long line: %.20q, %v", line, err)
	}
	if len(l.buf) > 1<<20+firstBuffer {
		t.Errorf("the buffer has %d bytes", len(l.buf))
	}
}

type zeroes struct{}

func (zeroes) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// Cut anywhere, a stream gives the same lines.
func TestLineReaderCutAnywhere(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		var want []string
		var stream []byte
		for range 20 {
			line := strings.Repeat("x", random.IntN(40000))
			stream = append(append(stream, line...), '\n')
			if len(line) > 30000 {
				line = "too long"
			}
			want = append(want, line)
		}
		l := lineReader{r: &pieces{stream, random}, max: 30000}
		var got []string
		for {
			line, err := l.next()
			if errors.Is(err, io.EOF) {
				break
			}
			if errors.Is(err, errLineTooLong) {
				line = []byte("too long")
			} else if err != nil {
				t.Fatal(err)
			}
			got = append(got, string(line))
		}
		if !slices.Equal(got, want) {
			t.Fatalf("%d lines, want %d, or others", len(got), len(want))
		}
	}
}

type pieces struct {
	left   []byte
	random *rand.Rand
}

func (p *pieces) Read(buf []byte) (int, error) {
	if len(p.left) == 0 {
		return 0, io.EOF
	}
	n := copy(buf, p.left[:min(len(p.left), 1+p.random.IntN(20000))])
	p.left = p.left[n:]
	return n, nil
}

// FuzzClient lets a host say anything at all. What the client takes for values
// has come in frames that bear its ids, which a host can only know from it.
func FuzzClient(f *testing.F) {
	f.Add([]byte("invalid command\nV2_OK\n"), false)
	f.Add([]byte("invalid command\nFAILURE\n"), false)
	f.Add([]byte("invalid command\nSUCCESS\n..\n.\nNOTFOUND\n"), true)
	f.Add([]byte("V2_OK\nV2 21 4f757107 dc4fae17 SUCCESS bHg=\n"), false)
	f.Fuzz(func(t *testing.T, said []byte, v1 bool) {
		c := New(nil, quiet, ExecContact)
		c.v1 = v1
		conn := &recorded{Reader: bytes.NewReader(said)}
		a := &call{done: make(chan struct{})}
		requests := []request{{word: wordGet, key: "a"}, {word: wordGet, key: "b"}}
		c.started = true // the test is what would run
		c.start(a, requests)
		c.dial = func(context.Context) (Conn, error) { return conn, nil }
		if _, err := c.converse(); err == nil {
			t.Fatal("the conversation ended without a reason")
		}
		for _, r := range requests {
			if r.answered && !v1 && !bytes.Contains(said, r.id[:]) {
				t.Fatalf("%s was answered under no id", r.key)
			}
			if len(r.value) > len(said) {
				t.Fatalf("%d bytes of value from %d", len(r.value), len(said))
			}
		}
	})
}

// recorded is a host that has said everything already.
type recorded struct{ io.Reader }

func (recorded) Write(p []byte) (int, error)      { return len(p), nil }
func (recorded) Close() error                     { return nil }
func (recorded) SetReadDeadline(time.Time) error  { return nil }
func (recorded) SetWriteDeadline(time.Time) error { return nil }
