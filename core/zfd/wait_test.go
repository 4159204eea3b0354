//go:build linux

package zfd

import (
	"context"
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/sys/unix"

	"dockerinit/core/zone"
)

// What the host makes late, and how long that is waited for. The file system is
// real, the time is not.
func TestWaitForTheConsole(t *testing.T) {
	nodes := func(ns ...int) func(*testing.T, *hostSide) {
		return func(t *testing.T, h *hostSide) {
			for _, n := range ns {
				fifo(t, h.Node(n))
			}
		}
	}
	type event struct {
		at time.Duration
		do func(*testing.T, *hostSide)
	}
	for _, tt := range []struct {
		name   string
		events []event
		want   string // when, and what came of it
		log    string
	}{
		{"all is there", []event{{0, nodes(1, 2)}}, "0s ZFD/1 ZFD/2", ""},
		{"there is no directory: 2 s, then the zone's own console",
			[]event{{0, func(t *testing.T, h *hostSide) { fifo(t, h.Own) }}}, "2s CONSOLE CONSOLE",
			"INFO console: wait for ZFD/1\nWARN console: ZFD: no devices after 2s, the zone has no zlog-mode: its console is CONSOLE\n"},
		{"an empty directory is none",
			[]event{{0, func(t *testing.T, h *hostSide) { must(t, os.Mkdir(h.Dir, 0o755)); fifo(t, h.Own) }}}, "2s CONSOLE CONSOLE",
			"INFO console: wait for ZFD/1\nWARN console: ZFD: no devices after 2s, the zone has no zlog-mode: its console is CONSOLE\n"},
		{"T1 neither is an end", nil, "2s 19 neither ZFD nor lstat CONSOLE: no such file or directory",
			"INFO console: wait for ZFD/1\nWARN console: ZFD: no devices after 2s, the zone has no zlog-mode: its console is CONSOLE\n"},
		{"one of several is missing: 30 s", []event{{0, nodes(0, 1)}}, "30s 51 ZFD/2: not there after 30s", "INFO console: wait for ZFD/2\n"},
		{"the other end of one is missing: 30 s",
			[]event{{0, nodes(2)}, {0, func(t *testing.T, h *hostSide) { must(t, syscall.Mkfifo(h.Node(1), 0o600)) }}},
			"30s 51 ZFD/1: nobody had its other end open for 30s", "INFO console: wait for ZFD/1\n"},
		{"the first comes in time, the others later", []event{{1900 * time.Millisecond, nodes(0)}, {20 * time.Second, nodes(1)}, {29 * time.Second, nodes(2)}},
			"29s ZFD/1 ZFD/2", "INFO console: wait for ZFD/1\nINFO console: wait for ZFD/2\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := newHost(t)
			synctest.Test(t, func(t *testing.T) {
				for _, e := range tt.events {
					if e.at == 0 {
						e.do(t, h)
					} else {
						time.AfterFunc(e.at, func() { e.do(t, h) })
					}
				}
				begun := time.Now()
				s, err := h.Open(context.Background(), zone.Console{})
				t.Cleanup(s.Close) // what was opened when it failed is closed already
				got := fmt.Sprint(time.Since(begun).Truncate(100*time.Millisecond), " ")
				if err != nil {
					got += shown(err)
				} else {
					got += s.Out.Name() + " " + s.Err.Name()
				}
				if got = h.named(got); got != tt.want {
					t.Errorf("\n got %s\nwant %s", got, tt.want)
				}
				var log strings.Builder
				for line := range strings.Lines(h.log.String()) {
					_, line, _ = strings.Cut(line, " ")
					log.WriteString(h.named(line))
				}
				if log.String() != tt.log {
					t.Errorf("logged\n%swant\n%s", &log, tt.log)
				}
			})
		})
	}
}

// named has the places that differ from run to run under a name.
func (h *hostSide) named(text string) string {
	return strings.NewReplacer(h.Dir, "ZFD", h.Own, "CONSOLE").Replace(text)
}

// T2: a device that is late costs little more than its lateness.
func TestOvershoot(t *testing.T) {
	for _, late := range []time.Duration{100 * time.Microsecond, time.Millisecond, 7 * time.Millisecond, 90 * time.Millisecond, 1333 * time.Millisecond, 29 * time.Second} {
		h := newHost(t)
		fifo(t, h.Node(1)) // the directory is populated
		synctest.Test(t, func(t *testing.T) {
			time.AfterFunc(late, func() { fifo(t, h.Node(2)) })
			begun := time.Now()
			s, err := h.Open(context.Background(), zone.Console{})
			must(t, err)
			s.Close()
			if over := time.Since(begun) - late; over > min(max(time.Millisecond, late/4), 50*time.Millisecond) {
				t.Errorf("%v late: %v more", late, over)
			}
		})
	}
}

func TestAWaitThatIsGivenUp(t *testing.T) {
	h := newHost(t)
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		_, err := h.Open(ctx, zone.Console{})
		if got := h.named(shown(err)); got != "51 ZFD/1: context deadline exceeded" {
			t.Errorf("got %s", got)
		}
	})
}

func TestSay(t *testing.T) {
	t.Run("where the command's errors go", func(t *testing.T) {
		h := newHost(t)
		fifo(t, h.Node(1))
		errs := fifo(t, h.Node(2))
		h.Say("before")
		s, err := h.Open(context.Background(), zone.Console{})
		must(t, err)
		defer s.Close()
		h.Say("after")
		if got := read(t, errs); got != "before\nafter\n" {
			t.Errorf("got %q", got)
		}
	})
	t.Run("the input is not written to", func(t *testing.T) {
		h := newHost(t)
		in, console := fifo(t, h.Node(0)), fifo(t, h.Own)
		h.Say("a line")
		if got := read(t, console); got != "a line\n" {
			t.Errorf("got %q", got)
		}
		if n, err := unix.IoctlGetInt(int(in.Fd()), unix.TIOCINQ); n != 0 || err != nil {
			t.Errorf("%d bytes wait in the input (%v)", n, err)
		}
	})
	t.Run("a long line is written whole", func(t *testing.T) {
		h := newHost(t)
		errs := fifo(t, h.Node(2))
		long := strings.Repeat("word ", 700)
		h.Say(long)
		if got := read(t, errs); got != long+"\n" {
			t.Errorf("got %d bytes, want %d", len(got), len(long)+1)
		}
	})
	t.Run("nobody who reads is not waited for", func(t *testing.T) {
		h := newHost(t)
		fifo(t, h.Node(2))
		begun := time.Now()
		h.Say(strings.Repeat("x", 1<<20))
		if took := time.Since(begun); took > time.Minute {
			t.Errorf("it took %v", took)
		}
	})
}
