//go:build linux && amd64

package abi

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// A consoleHost is the host's side of a zone's console, and what the zfd driver
// does between the two: it reads what is written to the devices, and copies it
// to those which the model says are copies.
type consoleHost struct {
	t     testing.TB
	dev   string // the zone's /dev
	ends  map[int]*os.File
	read  map[int]bool // those whose output is the host's
	slave *os.File     // of a terminal, so that it stays
	mu    sync.Mutex
	out   map[int]*bytes.Buffer
	done  sync.WaitGroup
}

func newConsoleHost(t testing.TB, root string) *consoleHost {
	c := &consoleHost{t: t, dev: filepath.Join(root, "dev"), ends: map[int]*os.File{}, read: map[int]bool{}, out: map[int]*bytes.Buffer{}}
	t.Cleanup(c.close)
	return c
}

func (c *consoleHost) path(n int) string { return fmt.Sprintf("%s/zfd/%d", c.dev, n) }

// stream makes a device that is a stream, and reads what the zone says on it.
func (c *consoleHost) stream(n int) { c.device(n, n == 1 || n == 2) }

func (c *consoleHost) device(n int, read bool) {
	c.t.Helper()
	must(c.t, os.MkdirAll(filepath.Dir(c.path(n)), 0o755))
	made := c.path(n) + ".new" // is there at once, with its mode
	must(c.t, unix.Mkfifo(made, 0o600))
	f, err := os.OpenFile(made, os.O_RDWR|unix.O_NONBLOCK, 0)
	must(c.t, err)
	must(c.t, os.Rename(made, c.path(n)))
	c.serve(n, f, read)
}

// later makes devices that are streams when the zone has looked for the first in
// vain.
func (c *consoleHost) later(all ...int) {
	c.done.Go(func() {
		for deadline := time.Now().Add(limit); c.model()[all[0]].Missed == 0; time.Sleep(time.Millisecond) {
			if time.Now().After(deadline) {
				c.t.Errorf("nobody has looked for %s", c.path(all[0]))
				return
			}
		}
		for _, n := range all {
			c.stream(n)
		}
	})
}

// terminal makes zfd 0 one: the slave's path, for the zone to mount.
func (c *consoleHost) terminal(rows, columns uint16) string {
	c.t.Helper()
	must(c.t, os.MkdirAll(filepath.Dir(c.path(0)), 0o755))
	must(c.t, os.WriteFile(c.path(0), nil, 0o600))
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY|unix.O_NONBLOCK, 0)
	must(c.t, err)
	raw, err := master.SyscallConn()
	must(c.t, err)
	var number uint32
	must(c.t, raw.Control(func(fd uintptr) {
		must(c.t, unix.IoctlSetPointerInt(int(fd), unix.TIOCSPTLCK, 0))
		must(c.t, unix.IoctlSetWinsize(int(fd), unix.TIOCSWINSZ, &unix.Winsize{Row: rows, Col: columns}))
		number, err = unix.IoctlGetUint32(int(fd), unix.TIOCGPTN)
	}))
	must(c.t, err)
	name := fmt.Sprintf("/dev/pts/%d", number)
	c.slave, err = os.OpenFile(name, os.O_RDWR|unix.O_NOCTTY, 0)
	must(c.t, err)
	c.serve(0, master, true)
	return name
}

func (c *consoleHost) serve(n int, f *os.File, read bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ends[n], c.out[n], c.read[n] = f, &bytes.Buffer{}, read
	if read {
		c.done.Go(func() { c.copy(n, f) })
	}
}

// copy reads until the deadline that end sets. Where the copy's reader is slow
// and shall be waited for, the zone has to wait for us.
func (c *consoleHost) copy(n int, f *os.File) {
	for b := make([]byte, 4096); ; {
		k, err := f.Read(b)
		if err != nil {
			return
		}
		c.take(n, b[:k])
	}
}

func (c *consoleHost) take(n int, b []byte) {
	c.mu.Lock()
	c.out[n].Write(b)
	c.mu.Unlock()
	to, waits := c.copyOf(n)
	if to == nil {
		return
	}
	if !waits {
		_ = to.SetWriteDeadline(time.Now().Add(time.Millisecond)) // as much as there is room for
	}
	_, _ = to.Write(b)
}

// zfd is what the model's file has of a device, at its beginning: see model.h.
type zfd struct{ Copies, Flow, Opened, Copied, Missed int32 }

func (c *consoleHost) model() (all [5]zfd) {
	if f, err := os.Open(c.dev + "/.model"); err == nil {
		defer f.Close()
		_ = binary.Read(f, binary.LittleEndian, &all)
	}
	return all
}

// copyOf is the device that gets what is written to n.
func (c *consoleHost) copyOf(n int) (to *os.File, waits bool) {
	for i, z := range c.model() {
		if int(z.Copies) == n {
			c.mu.Lock()
			defer c.mu.Unlock()
			return c.ends[i], z.Flow == 1
		}
	}
	return nil, false
}

// write is what the host sends to a device.
func (c *consoleHost) write(n int, text string) {
	c.t.Helper()
	_, err := c.ends[n].WriteString(text)
	must(c.t, err)
}

// text is what was written to a device so far.
func (c *consoleHost) text(n int) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.out[n] == nil {
		return ""
	}
	return c.out[n].String()
}

// end takes what is left when the zone has ended.
func (c *consoleHost) end() {
	c.mu.Lock()
	ends := c.ends
	c.ends = map[int]*os.File{}
	c.mu.Unlock()
	for _, f := range ends {
		_ = f.SetDeadline(time.Unix(1, 0))
	}
	c.done.Wait()
	for n, f := range ends {
		raw, err := f.SyscallConn()
		if err == nil && c.read[n] {
			_ = raw.Control(func(fd uintptr) {
				for b := make([]byte, 4096); ; {
					k, err := unix.Read(int(fd), b)
					if k <= 0 || err != nil {
						return
					}
					c.out[n].Write(b[:k])
				}
			})
		}
		_ = f.Close()
	}
	if c.slave != nil {
		_ = c.slave.Close()
		c.slave = nil
	}
}

func (c *consoleHost) close() { c.end() }

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
