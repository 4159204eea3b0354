package core_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"dockerinit/core"
	"dockerinit/core/exit"
	"dockerinit/core/metadata"
	"dockerinit/core/process"
	"dockerinit/core/zone"
	fake "dockerinit/platform_fake"
	"dockerinit/platform_fake/host"
	"dockerinit/platform_fake/scenario"
)

const (
	attachKey  = "docker:wait_for_attach"
	waitingKey = "__dockerinit_waiting_for_attach"
)

// A silent console has no pipes, whose waiting is not synctest's.
type silent struct{}

func (silent) Open(context.Context, zone.Console) (process.Stdio, error) { return process.Stdio{}, nil }
func (silent) Tee(context.Context, zone.Console) (stdout, stderr *os.File, err error) {
	return nil, nil, errors.New("no tee")
}
func (silent) Say(string) {}

// A waiting zone is one that may be held back, and what its host was asked.
type waitingZone struct {
	*fake.Zone
	mu    sync.Mutex
	asked []string // "1.005s GET", for the two keys alone, since the first look
	begun time.Time
}

func newWaitingZone(t *testing.T, deadline time.Duration) *waitingZone {
	z := &waitingZone{}
	z.Zone = scenario.Scenario{Host: func(s *host.Store) {
		s.Set(attachKey, strconv.FormatInt(time.Now().Add(deadline).UnixMilli(), 10))
	}}.New(t)
	z.Zone.Console = silent{}
	boot := true // the first GET is the boot's, of all keys
	z.Zone.Metadata.Server.Watch = func(r metadata.Request) {
		z.mu.Lock()
		defer z.mu.Unlock()
		switch {
		case r.Key != attachKey && r.Key != waitingKey:
			return
		case boot:
			boot = false
			return
		case z.begun.IsZero():
			z.begun = time.Now()
		}
		z.asked = append(z.asked, fmt.Sprintf("%v %s", time.Since(z.begun), r.Command))
	}
	return z
}

func (z *waitingZone) commands(word string) (all []string) {
	z.mu.Lock()
	defer z.mu.Unlock()
	for _, a := range z.asked {
		if at, w, _ := strings.Cut(a, " "); w == word {
			all = append(all, at)
		}
	}
	return all
}

func TestAttach(t *testing.T) {
	for _, c := range []struct {
		behaviour string
		deadline  time.Duration // of docker:wait_for_attach, from the beginning
		removed   time.Duration // when the host removes it; 0: never
		takes     time.Duration
		ends      string // how the FATAL line begins; "" where the command starts
		says      string
		puts      int
	}{
		{"the command starts when the host removes the key", time.Minute, 10 * time.Second, 10 * time.Second, "", "INFO attach: the command waits up to 1m0s for someone to attach", 1},
		{"at once means within 15 ms", time.Minute, 31 * time.Millisecond, 35 * time.Millisecond, "", "", 1},
		{"nobody attaches in time", time.Minute, 0, time.Minute, "FATAL (code: 45): attach: see whether someone is to attach first: docker:wait_for_attach: nobody attached within 1m0s", "", 1},
		{"a time that is past is stale", -time.Second, 0, 0, "", "WARN attach: docker:wait_for_attach is from an attach that failed, 1s ago: the command starts without", 0},
		{"the present moment is past", 0, 0, 0, "", "WARN attach: docker:wait_for_attach is from an attach that failed, 0s ago", 0},
		{"S-38: no deadline is believed beyond 5 minutes", 24 * time.Hour, 0, 5 * time.Minute, "FATAL (code: 45): attach: see whether someone is to attach first: docker:wait_for_attach: nobody attached within 5m0s", "", 1},
	} {
		t.Run(c.behaviour, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				z := newWaitingZone(t, c.deadline)
				if c.removed > 0 {
					time.AfterFunc(c.removed, func() { z.Store.Unset(attachKey) })
				}
				posted := z.Store.Written
				begun := time.Now()
				r := scenario.Boot(t, z.Zone, core.Options{})
				if took := time.Since(begun); took < c.takes || took > c.takes+20*time.Millisecond {
					t.Errorf("took %v, want %v", took, c.takes)
				}
				if c.ends == "" && r.Err != nil || c.ends != "" && !strings.Contains(r.Log, c.ends) {
					t.Errorf("ended with %v, want %q", r.Err, c.ends)
				}
				if !strings.Contains(r.Log, c.says) {
					t.Errorf("the log does not say %q:\n%s", c.says, r.Log)
				}
				if puts, deletes := z.commands("PUT"), z.commands("DELETE"); len(puts) != c.puts || len(deletes) != c.puts {
					t.Errorf("%s was written at %v and deleted at %v, want %d of each", waitingKey, puts, deletes, c.puts)
				}
				for _, change := range posted() {
					if change.Key == waitingKey {
						t.Errorf("%s is left behind", waitingKey)
					}
				}
				checkPauses(t, z.commands("GET"))
			})
		})
	}
}

// checkPauses: quick looks at first, and never rarer than every 15 ms.
func checkPauses(t *testing.T, at []string) {
	t.Helper()
	var gaps []time.Duration
	for i := 1; i < len(at); i++ {
		a, _ := time.ParseDuration(at[i-1])
		b, _ := time.ParseDuration(at[i])
		gaps = append(gaps, b-a)
	}
	for i, gap := range gaps {
		if want := time.Duration(min(5<<min(i, 4), 15)) * time.Millisecond; gap != want {
			t.Fatalf("pause %d is %v, want %v", i+1, gap, want)
		}
	}
}

// The value that is posted is the one that the host set, when it was read.
func TestTheWaitingKeyHasTheHostsValue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		z := newWaitingZone(t, time.Minute)
		set, _, _ := z.Store.Get(attachKey)
		var got []string
		z.Store.OnChange(func(c metadata.Change) {
			if c.Key == waitingKey {
				got = append(got, fmt.Sprintf("%s %v", c.Value, c.Delete))
				z.Store.Unset(attachKey)
			}
		})
		scenario.Boot(t, z.Zone, core.Options{})
		if want := []string{set + " false", " true"}; !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	})
}

// The first look at the key is the console's, which is open by then; a key that
// the host sets after the boot's round trip counts.
func TestAttachIsReadLast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		z := scenario.Scenario{}.New(t)
		z.Console = silent{}
		r := scenario.Boot(t, z, core.Options{Amend: func(step string, actions []core.Action) []core.Action {
			if step == "mounts" { // as the plan is made: after the round trip
				z.Store.Set(attachKey, strconv.FormatInt(time.Now().Add(time.Second).UnixMilli(), 10))
			}
			return actions
		}})
		if r.Code() != exit.AttachTimedOut {
			t.Errorf("got %v, want the wait of a second to end the boot", r.Err)
		}
	})
}

// A host of version 1 cannot be told, and is waited for all the same.
func TestAttachOnAHostOfVersion1(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		z := newWaitingZone(t, time.Minute)
		z.Metadata.Server.V1Only = true
		time.AfterFunc(time.Second, func() { z.Store.Unset(attachKey) })
		r := scenario.Boot(t, z.Zone, core.Options{})
		if r.Err != nil || len(r.Warnings()) != 2 {
			t.Errorf("got %v, and the warnings %q: want one each for PUT and DELETE", r.Err, r.Warnings())
		}
	})
}

// Whoever ends the boot ends the wait.
func TestAttachEndsWithTheContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		z := newWaitingZone(t, time.Minute)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		begun := time.Now()
		err := core.Init(ctx, z.Platform(), newLog(), core.Options{})
		if time.Since(begun) > time.Second+20*time.Millisecond || err == nil {
			t.Errorf("after %v: %v", time.Since(begun), err)
		}
	})
}

// A second attach, while the first is waited for, has a deadline of its own.
func TestAnotherAttachIsWaitedForToo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		z := newWaitingZone(t, time.Minute)
		time.AfterFunc(30*time.Second, func() {
			z.Store.Set(attachKey, strconv.FormatInt(time.Now().Add(time.Minute).UnixMilli(), 10))
		})
		time.AfterFunc(80*time.Second, func() { z.Store.Unset(attachKey) })
		begun := time.Now()
		r := scenario.Boot(t, z.Zone, core.Options{})
		if took := time.Since(begun).Round(time.Second); r.Err != nil || took != 80*time.Second {
			t.Errorf("after %v: %v, want a start after 80s", took, r.Err)
		}
	})
}

// An agent that hangs is waited for no longer than somebody who attaches.
func TestAttachEndsInTimeWithoutTheHost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		z := newWaitingZone(t, 20*time.Second)
		p := z.Platform()
		p.Metadata = hangingAgent{p.Metadata, time.Now().Add(5 * time.Second)}
		begun := time.Now()
		err := core.Init(t.Context(), p, newLog(), core.Options{})
		if took := time.Since(begun).Round(time.Second); exit.CodeOf(err) != exit.AttachTimedOut || took != 20*time.Second {
			t.Errorf("after %v: %v, want the code %d after 20s", took, err, exit.AttachTimedOut)
		}
	})
}

// A hangingAgent answers until then, and no more.
type hangingAgent struct {
	core.Metadata
	until time.Time
}

func (a hangingAgent) Ask(ctx context.Context, keys ...string) func() (map[string]string, error) {
	if time.Now().Before(a.until) {
		return a.Metadata.Ask(ctx, keys...)
	}
	return func() (map[string]string, error) {
		select {
		case <-ctx.Done():
			return nil, exit.MetadataFailed.Wrap(ctx.Err())
		case <-time.After(45 * time.Second): // the client's own bound
			return nil, exit.MetadataFailed.Errorf("the host stopped answering")
		}
	}
}
