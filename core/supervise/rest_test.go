package supervise

import (
	"errors"
	"os"
	"runtime"
	"slices"
	"testing"
	"time"

	"dockerinit/core/exit"
	"dockerinit/core/process"
	"dockerinit/core/zone"
)

// A restingOS does at rest what a resident part does, and what ends a rest it
// leaves to another Run, in whose place the first one never returns.
type restingOS struct {
	*fakeOS
	run    func() (process.Exit, error)
	rests  int
	refuse error // it cannot
	before *Rest
	since  time.Time
}

// another is a fake that has not run yet, with the same script.
func (f *fakeOS) another() *fakeOS {
	g := *f
	if f.driver != nil {
		g.driver = &driver{reads: f.driver.reads, ignores: f.driver.ignores, tied: f.driver.tied}
	}
	return &g
}

func (r *restingOS) Rest(rest Rest) error {
	r.rests++
	if r.refuse != nil {
		return r.refuse
	}
	r.before, r.since = &rest, time.Now()
	var within <-chan time.Time
	if rest.Within > 0 {
		within = time.After(rest.Within)
	}
	for over := false; !over; {
		select {
		case e := <-r.events:
			switch {
			case e.Signal != 0 && !slices.Contains(rest.Due, e.Signal):
				r.Kill(rest.Pid, rest.Group, e.Signal)
			case e.Signal != 0 || e.Pid == rest.Pid || slices.Contains(rest.Fate, e.Pid):
				go r.send(e)
				over = true
			}
		case <-within:
			over = true
		}
	}
	r.end(r.run())
	runtime.Goexit()
	return nil
}

func (r *restingOS) Rested() (before Rest, ago time.Duration, ok bool) {
	if r.before == nil {
		return before, 0, false
	}
	return *r.before, time.Since(r.since), true
}

func TestWhenItRests(t *testing.T) {
	const s = time.Second
	every := func(d time.Duration) zone.Supervise { return checkedBy(func(h *zone.HealthCheck) { h.Interval = d }) }
	for _, tt := range []struct {
		behaviour string
		lasts     time.Duration
		policy    zone.Supervise
		outside   []at
		want      int
	}{
		{"not for a command that ends soon", restAfter / 2, policy(nil), nil, 0},
		{"for one that goes on", 3600 * s, policy(nil), nil, 1},
		{"signals that are only passed on are no reason to wake", 3600 * s, policy(nil), []at{signalAt(s, 28), signalAt(2*s, 18)}, 1},
		{"nor is an orphan", 3600 * s, policy(nil), []at{{s, Event{Pid: 77}}}, 1},
		{"again when what was due is done: the checks at 30 s and 61 s", 80 * s, every(30 * s), nil, 3},
		{"not where something is due soon", 80 * s, every(shortestRest), nil, 0},
		{"while a command takes its time to stop, too", 3600 * s, policy(nil), []at{signalAt(s, 15)}, 2},
	} {
		t.Run(tt.behaviour, func(t *testing.T) {
			f := &fakeOS{runs: []run{{lasts: tt.lasts, ignores: " 15 "}}, checks: []check{{takes: s}}}
			r := &restingOS{fakeOS: f}
			if said := stayOn(t, f, r, zone.Report{}, tt.policy, tt.outside); r.rests != tt.want {
				t.Errorf("it rested %d times, want %d\n%s", r.rests, tt.want, said)
			}
		})
	}
}

func TestItStaysWhereItCannotRest(t *testing.T) {
	f := &fakeOS{runs: []run{{lasts: time.Hour}}}
	r := &restingOS{fakeOS: f, refuse: errors.New("no memory")}
	const want = "0s start 101\n100ms warn: this program stays in memory as it is: no memory\n1h0m0s end 0 <nil>\n"
	if got := stayOn(t, f, r, zone.Report{}, policy(nil), nil); got != want {
		t.Errorf("\n got\n%s\nwant\n%s", got, want)
	}
}

func TestRested(t *testing.T) {
	log := new(os.File)
	for _, tt := range []struct {
		behaviour string
		system    OS
		want      *os.File
	}{
		{"a system that cannot rest", &fakeOS{}, nil},
		{"one that has not", &restingOS{}, nil},
		{"one that has", &restingOS{before: &Rest{Files: []*os.File{log}}}, log},
	} {
		if got, ok := Rested(tt.system); got != tt.want || ok != (tt.want != nil) {
			t.Errorf("%s: %p, %t", tt.behaviour, got, ok)
		}
	}
}

// Whatever is cut off of the state, it is noticed.
func TestABrokenStateIsRefused(t *testing.T) {
	s := supervisor{
		Options: Options{
			Command: process.Command{Path: "/bin/sh", Args: []string{"sh"}, Env: []string{"A=1"}, Dir: "/srv", Umask: 0o22},
			Policy:  checkedBy(nil), Fate: map[int]string{50: "the log driver"},
		},
		pid: 7, started: time.Now(), tellAt: time.Now().Add(time.Second), last: "3",
	}
	s.health = health{HealthCheck: s.Policy.Health, status: healthy, streak: 2}
	whole := Rest{State: s.state()}
	for range 6 {
		whole.Files = append(whole.Files, new(os.File))
	}
	var again supervisor
	if err := again.resume(whole, 0); err != nil || string(again.state()[:40]) != string(whole.State[:40]) || again.health.streak != 2 || again.pid != 7 {
		t.Errorf("%v\n got %+v\nwant %+v", err, again, s)
	}
	io := again.Command.Stdio
	if files := append([]*os.File{again.LogFile, io.In, io.Out, io.Err}, again.Feeds...); !slices.Equal(files, whole.Files) {
		t.Errorf("files\n got %v\nwant %v", files, whole.Files)
	}
	if _, err := Run(t.Context(), &restingOS{before: &Rest{Files: whole.Files}}, Options{}); exit.CodeOf(err) != exit.Unexpected {
		t.Errorf("nothing was taken for a state: %v", err)
	}
	for n := range whole.State {
		if err := new(supervisor).resume(Rest{State: whole.State[:n], Files: whole.Files}, 0); err == nil {
			t.Fatalf("%d of %d bytes were taken for all", n, len(whole.State))
		}
	}
}
