package core_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"dockerinit/core"
	"dockerinit/core/zone"
	fake "dockerinit/platform_fake"
	"dockerinit/platform_fake/host"
	"dockerinit/platform_fake/scenario"
)

// A boot that is killed after any of its actions leaves nothing that hinders the
// next one, which makes the zone what it would have been.
func TestAKilledBootIsDoneAgain(t *testing.T) {
	for _, s := range []scenario.Scenario{
		{Name: "lx with everything", Payload: everything, Host: func(s *host.Store) { s.Unset("docker:wait_for_attach") }},
		{Name: "joyent-minimal with everything", Brand: zone.JoyentMinimal, Payload: everything},
		scenario.Find("routes: on-link ones first, then the default, then the others"),
		scenario.Find("dhcp and addrconf beside a static address"),
		scenario.Find("W2: a missing working directory is made, with its parents"),
		scenario.Find("S-8: /etc/mtab is a file: it becomes the link"),
	} {
		t.Run(s.Name, func(t *testing.T) {
			var w watch
			z := s.New(t)
			want := scenario.Boot(t, z, w.options())
			if want.Err != nil {
				t.Fatal(want.Err)
			}
			for k := range w.planned {
				z := s.New(t)
				killed := scenario.Boot(t, z, core.Options{Amend: killAfter(k)})
				if !errors.Is(killed.Err, errKilled) {
					t.Fatalf("after %q: %v", w.planned[k], killed.Err)
				}
				reborn(t, z)
				r := scenario.Boot(t, z, core.Options{})
				if r.Err != nil {
					t.Errorf("killed after %q, the next boot ends with %v", w.planned[k], r.Err)
				}
				if r.State != want.State {
					t.Errorf("killed after %q, the next boot gives\n%s\nwant\n%s", w.planned[k], r.State, want.State)
				}
			}
		})
	}
}

// A good boot is as good the second time, when its zone is there already.
func TestABootIsDoneAgain(t *testing.T) {
	each(t, func(t *testing.T, s scenario.Scenario) {
		z := s.New(t)
		first := scenario.Boot(t, z, core.Options{})
		if first.Err != nil || s.Name == "the host removes docker:wait_for_attach while the zone waits" {
			return
		}
		reborn(t, z)
		if second := scenario.Boot(t, z, core.Options{}); second.Err != nil || second.State != first.State {
			t.Errorf("%v\ngot\n%s\nwant\n%s", second.Err, second.State, first.State)
		}
	})
}

// reborn is what of a zone is new with its next init: the process and its
// streams.
func reborn(t *testing.T, z *fake.Zone) {
	t.Helper()
	if c, ok := z.Console.(*fake.RecordedConsole); ok {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	}
	z.Console, z.Processes = &fake.RecordedConsole{}, &fake.Recorder{}
}

var errKilled = errors.New("killed")

// killAfter does the first actions, up to and with the n-th, and no others.
func killAfter(n int) func(string, []core.Action) []core.Action {
	count := 0
	return func(_ string, actions []core.Action) []core.Action {
		all := make([]core.Action, len(actions))
		for i, a := range actions {
			if count > n {
				a = core.Action{What: a.What, Do: func(context.Context) error { return errKilled }}
			}
			if a.Last && count == n { // becoming the command is where nobody kills a boot any more
				a.Do = func(context.Context) error { return fmt.Errorf("just before the exec: %w", errKilled) }
			}
			all[i] = a
			count++
		}
		return all
	}
}
