package supervise

import (
	"errors"
	"math"
	"os"
	"syscall"
	"time"

	"dockerinit/core/bootlog"
	"dockerinit/core/exit"
	"dockerinit/core/process"
	"dockerinit/core/wire"
	"dockerinit/core/zone"
)

// A RestingOS can stay with next to nothing of this program while all that there
// is to do is to reap and to pass signals on.
type RestingOS interface {
	OS
	// Rest gives this process up for that. It returns nil where there is an event to
	// be read first, and an error where it cannot be done (errors.ErrUnsupported where
	// this program never can), and then all is as before.
	// Else what ends the rest is met by another run of the program, whose Rested and
	// Watch have it.
	Rest(Rest) error
	// Rested tells whether this run follows a Rest: the State and the Files that it
	// was given, and when.
	Rested() (before Rest, ago time.Duration, ok bool)
}

// A Rest is what is to be done meanwhile, and what is not to be forgotten.
type Rest struct {
	Pid    int              // the command's: signals are passed on to it, and its end ends the rest
	Stop   syscall.Signal   // what it understands as a wish that it end
	Group  bool             // or to its whole group
	Fate   []int            // the end of these ends it too
	Due    []syscall.Signal // so do these, which are not passed on
	Within time.Duration    // and so does this time; 0: none
	State  []byte
	Files  []*os.File // they stay open, the log's first; nil where one is
}

const (
	// restAfter is how long nothing has to happen before: another run takes some
	// milliseconds, for which a command that ends soon need not wait.
	restAfter = 100 * time.Millisecond
	// shortestRest is when the next thing may be due to make it worth that.
	shortestRest = 2 * time.Second
)

// rests tells whether it would now, if nothing happened.
func (s *supervisor) rests(due time.Time) bool {
	_, can := s.OS.(RestingOS)
	return can && !s.restless && !s.busy() && s.pid != 0 && s.health.pid == 0 && (due.IsZero() || time.Until(due) > shortestRest)
}

// rest does not return where it goes well.
func (s *supervisor) rest(due time.Time) {
	stdio := s.Command.Stdio
	r := Rest{
		Pid: s.pid, Stop: s.stop, Group: s.Policy.Group, Due: []syscall.Signal{syscall.SIGTERM, s.stop},
		State: s.state(), Files: append([]*os.File{s.LogFile, stdio.In, stdio.Out, stdio.Err}, s.Feeds...),
	}
	for pid := range s.Fate {
		r.Fate = append(r.Fate, pid)
	}
	if !due.IsZero() {
		r.Within = time.Until(due)
	}
	err := s.OS.(RestingOS).Rest(r)
	s.restless = err != nil
	if err != nil && !errors.Is(err, errors.ErrUnsupported) {
		s.say(bootlog.LevelWarn, "this program stays in memory as it is: %v", err)
	}
}

// Rested tells whether this run follows one that has rested, and gives its log's
// file. Run then goes on, and of its Options needs no more than the functions.
func Rested(system OS) (log *os.File, ok bool) {
	if system, can := system.(RestingOS); can {
		if before, _, ok := system.Rested(); ok {
			return before.Files[0], true
		}
	}
	return nil, false
}

// state is all that the next run must know; resume has the same order.
func (s *supervisor) state() (b []byte) {
	now := time.Now()
	moment := func(t time.Time) {
		if b = wire.Bool(b, !t.IsZero()); !t.IsZero() {
			b = wire.Numbers(b, uint64(t.Sub(now)))
		}
	}
	p, h := s.Policy, s.health
	b = wire.Command(b, s.Command)
	b = wire.Text(wire.Bool(b, p.Group), string(p.StopSignal))
	b = wire.Numbers(b, uint64(p.Grace), uint64(p.StopTimeout), uint64(p.Restart.Max))
	b = wire.Text(b, p.Restart.Policy)
	b = wire.Numbers(b, uint64(len(s.Fate)))
	for pid, name := range s.Fate {
		b = wire.Text(wire.Numbers(b, uint64(pid)), name)
	}
	b = wire.Bool(b, s.Tied)

	b = wire.Numbers(wire.Bool(b, s.stopping), uint64(s.pid))
	moment(s.started)
	moment(s.killAt)
	b = wire.Numbers(b, uint64(s.restart.count), uint64(s.restart.delay))
	b = wire.Numbers(b, uint64(len(s.daemons)))
	for _, session := range s.daemons {
		b = wire.Numbers(b, uint64(session))
	}
	b = wire.Text(b, s.last)
	b = wire.Texts(b, []string{s.told.Restarts, s.told.LastExit, s.told.Health})
	moment(s.toldWhen)
	moment(s.tellAt)

	if b = wire.Bool(b, h.HealthCheck != nil); h.HealthCheck != nil {
		b = wire.Texts(b, h.Test)
		b = wire.Numbers(b, uint64(h.Interval), uint64(h.Timeout), uint64(h.StartPeriod), uint64(h.StartInterval), uint64(h.Retries))
		b = wire.Numbers(wire.Text(b, h.status), uint64(h.streak))
		moment(h.begun)
		moment(h.due)
	}
	b = wire.Numbers(b, uint64(len(s.chores)))
	for _, c := range s.chores {
		b = wire.Text(b, string(c.State(now)))
	}
	return b
}

// resume goes on where the run before has stopped.
func (s *supervisor) resume(before Rest, ago time.Duration) error {
	now := time.Now().Add(-ago)
	p := wire.Parser{Rest: before.State}
	number := func() int { return int(p.Number(math.MaxInt32)) }
	span := func() time.Duration { return time.Duration(p.Number(math.MaxUint64)) }
	moment := func() (t time.Time) {
		if p.Bool() {
			t = now.Add(span())
		}
		return t
	}
	s.Command = p.Command()
	s.Policy = zone.Supervise{Stay: true, Group: p.Bool(), StopSignal: zone.Signal(p.Text()), Grace: span(), StopTimeout: span()}
	s.Policy.Restart.Max = number()
	s.Policy.Restart.Policy = p.Text()
	s.Fate = map[int]string{}
	for range p.Count() {
		pid := number()
		s.Fate[pid] = p.Text()
	}
	s.Tied = p.Bool()

	s.stopping, s.pid = p.Bool(), number()
	s.started, s.killAt = moment(), moment()
	s.restart = restart{Restart: s.Policy.Restart, count: number(), delay: span()}
	for range p.Count() {
		s.daemons = append(s.daemons, number())
	}
	s.last = p.Text()
	if told := p.Texts(); len(told) == 3 {
		s.told = zone.Report{Restarts: told[0], LastExit: told[1], Health: told[2]}
	}
	s.toldWhen, s.tellAt = moment(), moment()

	if p.Bool() {
		s.Policy.Health = &zone.HealthCheck{Test: p.Texts(), Interval: span(), Timeout: span(), StartPeriod: span(), StartInterval: span(), Retries: number()}
		s.health = health{HealthCheck: s.Policy.Health, status: p.Text(), streak: number(), begun: moment(), due: moment()}
	}
	for range p.Count() {
		c, err := s.Resume([]byte(p.Text()), now)
		if err != nil {
			return exit.Unexpected.Errorf("a chore that the run before has left: %w", err)
		}
		s.chores = append(s.chores, &chore{Chore: c, due: c.Due()})
	}
	if err := p.End(); err != nil {
		return exit.Unexpected.Errorf("what the run before has left: %w", err)
	}
	f := before.Files
	s.LogFile, s.Command.Stdio, s.Feeds = f[0], process.Stdio{In: f[1], Out: f[2], Err: f[3]}, f[4:]
	return nil
}
