//go:build linux

package sim

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// A Client talks to a keeper.
type Client struct {
	wire   *wire
	taken  chan struct{} // the input that was sent has been passed on
	over   chan struct{} // closed when Watch has ended
	keeper *exec.Cmd     // of the client that started the zone
	work   string
}

// Start boots the zone and is its first client.
func Start(c Config) (client *Client, err error) {
	dir, err := runtimeDir()
	if err != nil {
		return nil, err
	}
	var lock *os.File
	if c.Work, lock, err = newWork(dir); err != nil {
		return nil, err
	}
	defer lock.Close()
	defer func() {
		if err != nil {
			_ = os.Remove(c.Work)
		}
	}()
	c.Socket = filepath.Join(dir, strings.TrimPrefix(filepath.Base(c.Work), workPrefix)+".sock")
	if longest := len(unix.RawSockaddrUnix{}.Path) - 1; len(c.Socket) > longest {
		return nil, fmt.Errorf("%s: a socket's path has at most %d bytes; set XDG_RUNTIME_DIR to a shorter one", c.Socket, longest)
	}
	cmd := exec.Command("/proc/self/exe")
	cmd.Args, cmd.Stderr = []string{keeperName}, os.Stderr
	w, err := withWire(cmd)
	if err != nil {
		return nil, err
	}
	theirs := cmd.ExtraFiles[0]
	cmd.ExtraFiles = append(cmd.ExtraFiles, lock)
	if c.Image != nil {
		cmd.ExtraFiles = append(cmd.ExtraFiles, c.Image.lock)
	}
	// A session of its own: what is typed at the terminal signals dockerzone alone.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Cloneflags: unix.CLONE_NEWPID | unix.CLONE_NEWNS | unix.CLONE_NEWNET}
	err = Mapping().start(cmd, w)
	theirs.Close()
	if err != nil {
		w.conn.Close()
		return nil, err
	}
	client = newClient(w)
	client.keeper, client.work = cmd, c.Work
	defer func() {
		if err != nil {
			client.Close()
			client = nil
		}
	}()
	if err := w.sendJSON(frameRequest, c); err != nil {
		return client, err
	}
	return client, client.ask(Request{Op: "console"})
}

// Dial is a client of the zone's keeper.
func (z Zone) Dial(r Request) (*Client, error) {
	conn, err := net.Dial("unix", z.Socket)
	if err != nil {
		return nil, err
	}
	c := newClient(&wire{conn: conn})
	if err := c.ask(r); err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}

func newClient(w *wire) *Client {
	return &Client{wire: w, taken: make(chan struct{}, 1), over: make(chan struct{})}
}

// ask sends the request and waits until it is granted.
func (c *Client) ask(r Request) error {
	if err := c.wire.sendJSON(frameRequest, r); err != nil {
		return err
	}
	return c.wire.confirmed()
}

// Close ends the conversation; a zone that this client started ends with it, unless
// it has detached.
func (c *Client) Close() {
	c.wire.conn.Close()
	if c.keeper != nil {
		_ = c.keeper.Wait() // it has told what there was to tell
		_ = os.Remove(c.work)
	}
}

// Type gives the command input, and waits until it has room for it; nothing at all
// is the end of it. Watch has to run meanwhile.
func (c *Client) Type(p []byte) error {
	if err := c.wire.send(frameInput, p); err != nil {
		return err
	}
	select {
	case <-c.taken:
		return nil
	case <-c.over:
		return os.ErrClosed
	}
}

// Resize tells the size of the terminal.
func (c *Client) Resize(rows, columns uint16) error {
	return c.wire.send(frameSize, binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint16(nil, rows), columns))
}

// Signal sends the zone's first process a signal.
func (c *Client) Signal(s syscall.Signal) error { return c.wire.sendJSON(frameSignal, s) }

// Hangup ends the conversation, and with it the command that it is about.
func (c *Client) Hangup() { c.wire.conn.Close() }

// Detach leaves the zone running.
func (c *Client) Detach() error {
	err := c.wire.send(frameDetach, nil)
	c.keeper = nil
	return err
}

// ids are what a user namespace can have.
type ids struct {
	namespace bool
	ranges    bool // by newuidmap
	uids      idRange
	gids      idRange
}

type idRange struct{ first, count int }

// Mapping is how this user's zones get their ids: root's need no user namespace; an
// ordinary user's have the one id, or the range that /etc/subuid gives.
func Mapping() ids {
	if os.Geteuid() == 0 {
		return ids{}
	}
	m := ids{namespace: true}
	_, err := exec.LookPath("newuidmap")
	_, err2 := exec.LookPath("newgidmap")
	if err != nil || err2 != nil {
		return m
	}
	var ok, ok2 bool
	m.uids, ok = subordinate("/etc/subuid")
	m.gids, ok2 = subordinate("/etc/subgid")
	m.ranges = ok && ok2
	return m
}

// Has tells whether a zone can have the id.
func (m ids) Has(id uint32) bool {
	switch {
	case !m.namespace || id == 0:
		return true
	case m.ranges:
		return int(id) <= min(m.uids.count, m.gids.count)
	}
	return false
}

// subordinate is the first range of this user in the file. man 5 subuid
func subordinate(file string) (r idRange, ok bool) {
	f, err := os.Open(file)
	if err != nil {
		return r, false
	}
	defer f.Close()
	id, name := strconv.Itoa(os.Getuid()), ""
	if u, err := user.Current(); err == nil {
		name = u.Username
	}
	for lines := bufio.NewScanner(f); lines.Scan(); {
		fields := strings.Split(strings.TrimSpace(lines.Text()), ":")
		if len(fields) != 3 || fields[0] != id && fields[0] != name {
			continue
		}
		first, err := strconv.Atoi(fields[1])
		count, err2 := strconv.Atoi(fields[2])
		if errors.Join(err, err2) == nil && count > 0 {
			return idRange{first, count}, true
		}
	}
	return r, false
}

// give gives a process the ranges: this user's own id is root.
func (m ids) give(pid int) error {
	for _, g := range []struct {
		tool string
		own  int
		r    idRange
	}{{"newuidmap", os.Getuid(), m.uids}, {"newgidmap", os.Getgid(), m.gids}} {
		out, err := exec.Command(g.tool, strconv.Itoa(pid), "0", strconv.Itoa(g.own), "1", "1", strconv.Itoa(g.r.first), strconv.Itoa(g.r.count)).CombinedOutput()
		if err != nil {
			return fmt.Errorf("%s: %w: %s", g.tool, err, strings.TrimSpace(string(out)))
		}
	}
	return nil
}

// Watch passes on what comes until the command or the zone has ended. It is called
// once.
func (c *Client) Watch(output, complaints func([]byte)) (end End, err error) {
	defer close(c.over)
	for {
		kind, p, err := c.wire.receive()
		if err != nil {
			return end, fmt.Errorf("the zone's keeper is gone: %w", err)
		}
		switch kind {
		case frameOutput:
			output(p)
		case frameErrors:
			complaints(p)
		case frameTaken:
			select {
			case c.taken <- struct{}{}:
			default: // nobody waits for it
			}
		case frameRefused:
			return end, errors.New(string(p))
		case frameEnd:
			return end, json.Unmarshal(p, &end)
		}
	}
}
