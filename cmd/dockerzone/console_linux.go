//go:build linux

package main

import (
	"errors"
	"io"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"dockerinit/platform_fake/sim"
)

// A console says how a conversation with a zone is held.
type console struct {
	stops    bool         // signals stop the zone
	detaches bool         // Ctrl-P Ctrl-Q leaves it
	raw      bool         // the other side is a terminal
	output   func([]byte) // what becomes of its output; nil: stdout
	errors   func([]byte) // nil: stderr
}

// converse is this process's stdio at the zone's: up to the end of what runs there,
// or until the person detaches.
func converse(client *sim.Client, std stdio, c console) (end sim.End, detached bool, err error) {
	left := make(chan struct{}, 1)
	if c.raw && std.terminal {
		restore, err := rawTerminal(os.Stdin)
		if err != nil {
			return end, false, err
		}
		defer restore()
		resize := func() {
			if size, err := unix.IoctlGetWinsize(int(os.Stdin.Fd()), unix.TIOCGWINSZ); err == nil {
				_ = client.Resize(size.Row, size.Col)
			}
		}
		changed := make(chan os.Signal, 1)
		signal.Notify(changed, syscall.SIGWINCH)
		defer signal.Stop(changed)
		resize()
		go func() {
			for range changed {
				resize()
			}
		}()
	}
	// Who reads no longer shall end nothing.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	asked := make(chan os.Signal, 8)
	signal.Notify(asked, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT)
	defer signal.Stop(asked)
	var interrupted atomic.Bool
	go func() {
		how := syscall.SIGTERM
		for range asked {
			if !c.stops {
				interrupted.Store(true)
				client.Hangup()
				continue
			}
			_ = client.Signal(how)
			how = syscall.SIGKILL
		}
	}()
	go typeInto(client, std.in, c.detaches && c.raw && std.terminal, left)

	output, complaints := c.output, c.errors
	if output == nil {
		output = func(p []byte) { _, _ = std.out.Write(p) }
	}
	if complaints == nil {
		complaints = func(p []byte) { _, _ = std.err.Write(p) }
	}
	type outcome struct {
		end sim.End
		err error
	}
	over := make(chan outcome, 1)
	go func() {
		end, err := client.Watch(output, complaints)
		over <- outcome{end, err}
	}()
	select {
	case o := <-over:
		if o.err != nil && interrupted.Load() {
			o.err = errors.New("interrupted, and with it the command")
		}
		return o.end, false, o.err
	case <-left:
		if err := client.Detach(); err != nil {
			return end, true, err
		}
		select { // until the next one can attach
		case <-over:
		case <-time.After(2 * time.Second):
		}
		return end, true, nil
	}
}

// The keys that detach, as Docker's and zlogin's.
const (
	ctrlP = 0x10
	ctrlQ = 0x11
)

// typeInto sends what is typed. Its end is the command's, too.
func typeInto(client *sim.Client, in io.Reader, detaches bool, left chan<- struct{}) {
	buf := make([]byte, 32<<10)
	held := false // a Ctrl-P that may be the first half
	for {
		n, err := in.Read(buf)
		p := buf[:n]
		if detaches {
			var out []byte
			for _, b := range p {
				switch {
				case held && b == ctrlQ:
					left <- struct{}{}
					return
				case held:
					out, held = append(out, ctrlP), b == ctrlP
					if !held {
						out = append(out, b)
					}
				case b == ctrlP:
					held = true
				default:
					out = append(out, b)
				}
			}
			p = out
		}
		if len(p) > 0 && client.Type(p) != nil {
			return
		}
		if err != nil {
			_ = client.Type(nil)
			return
		}
	}
}
