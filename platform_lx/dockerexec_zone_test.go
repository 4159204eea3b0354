//go:build linux

package lx

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// A troubled host treats each connection as the test says; the first one is
// dockerinit's, the others are dockerexec's.
type troubled struct {
	net.Listener
	accepted atomic.Int32
	treat    func(n int, conn net.Conn) net.Conn // nil: it is closed at once
}

func (l *troubled) Accept() (net.Conn, error) {
	for {
		conn, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		n := int(l.accepted.Add(1))
		if n == 1 {
			return conn, nil
		}
		if treated := l.treat(n-1, conn); treated != nil {
			return treated, nil
		}
		conn.Close()
	}
}

// A slow connection's answers come late.
type slow struct {
	net.Conn
	by time.Duration
}

func (c slow) Write(p []byte) (int, error) {
	time.Sleep(c.by)
	return c.Conn.Write(p)
}

// A short connection breaks off after some bytes of the answers; with hang it
// stays, and says no more.
type short struct {
	net.Conn
	left int
	hang bool
}

func (c *short) Write(p []byte) (int, error) {
	if len(p) <= c.left {
		c.left -= len(p)
		return c.Conn.Write(p)
	}
	_, err := c.Conn.Write(p[:c.left])
	c.left = 0
	if c.hang {
		return len(p), err
	}
	return 0, errors.Join(c.Close(), errors.New("broken off"))
}

// dockerexec works with a metadata service that is slow or restarts, and one that
// is silent has a bound.
func TestDockerexecAndATroubledHost(t *testing.T) {
	const works = `^(\S+Z (INFO|WARN) .*\n)*\S+Z EXEC\n$`
	for _, tt := range []struct {
		host  string
		treat func(n int, conn net.Conn) net.Conn
		log   string // an expression for all of dockerexec's stderr
		out   string
	}{
		{"slow", func(_ int, conn net.Conn) net.Conn { return slow{conn, 300 * time.Millisecond} }, works, "web0\n"},
		{"breaking off at once, twice", func(n int, conn net.Conn) net.Conn {
			if n <= 2 {
				return nil
			}
			return conn
		}, works, "web0\n"},
		{"breaking off within an answer", func(n int, conn net.Conn) net.Conn {
			if n == 1 {
				return &short{Conn: conn, left: 200}
			}
			return conn
		}, works, "web0\n"},
		{"silent", func(_ int, conn net.Conn) net.Conn { return &short{Conn: conn, hang: true} },
			`^(\S+Z (INFO|WARN) .*\n)*\S+Z FATAL \(code: 9\): .*\n$`, "125\n"},
	} {
		t.Run(tt.host, func(t *testing.T) {
			t.Parallel()
			z := newBootZoneOf(t, `"internal_metadata": {"docker:cmd": `+
				list("sh", "-c", `/sbin.zone/dockerexec sh -c 'echo $HOSTNAME'; s=$?; [ $s = 0 ] || echo $s`)+`}`,
				func(l net.Listener) net.Listener { return &troubled{Listener: l, treat: tt.treat} })
			z.program("dockerexec")
			z.streams("")
			e := z.boot("")
			if e.out != tt.out || !regexp.MustCompile(tt.log).MatchString(e.err) {
				t.Errorf("stdout %q, want %q; stderr, for %s\n%s\n%s", e.out, tt.out, tt.log, e.err, e.log)
			}
		})
	}
}

// P5, S-22: what the caller has left open, however high, is not the command's.
func TestDockerexecClosesDescriptors(t *testing.T) {
	z := newBootZone(t, `"docker:cmd": `+list("sh", "-c", `
exec 3</etc/passwd 5>/tmp/x 9</dev/null
exec /sbin.zone/dockerexec sh -c 'ls /proc/$$/fd'`))
	z.program("dockerexec")
	z.streams("")
	if e := z.boot(""); e.out != "0\n1\n2\n" || !strings.HasSuffix(e.err, "Z EXEC\n") || e.status != 0 {
		t.Errorf("status %d, open are\n%s%s", e.status, e.out, e.err)
	}
}

// program puts one of our own programs into the zone.
func (z *bootZone) program(name string) {
	z.t.Helper()
	_, err := dockerinit()
	must(z.t, err)
	text, err := os.ReadFile(filepath.Join(built, name))
	must(z.t, err)
	must(z.t, os.WriteFile(filepath.Join(z.root, "sbin.zone", name), text, 0o755))
}
