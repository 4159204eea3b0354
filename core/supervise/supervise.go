package supervise

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"syscall"
	"time"

	"dockerinit/core/bootlog"
	"dockerinit/core/exit"
	"dockerinit/core/process"
	"dockerinit/core/zone"
)

// An OS is what staying needs of an operating system.
type OS interface {
	// Watch begins to take signals and to reap. It is called once, before
	// anything is started. No event is lost, however late it is read: signals of
	// one number merge, as a kernel merges what is pending.
	Watch() <-chan Event
	// Start runs the command in a child, which leads its own session. The end of
	// that child is an event, and never one before Start has returned.
	Start(ctx context.Context, cmd process.Command) (pid int, err error)
	// Check does the same for a health check, and waits for nothing that a file
	// system can hold up: whether the child has become the command is told by its
	// end. That event comes with what it has said.
	Check(cmd process.Command) (pid int, err error)
	// Kill sends a signal to what Start or Check has started, or to its whole
	// group. One that has been reaped gets nothing, nor does whoever has its pid.
	Kill(pid int, group bool, signal syscall.Signal)
	// KillAll sends a signal, or with 0 none, to every other process of the zone but
	// those of the sessions that are spared, and tells whether there is any.
	KillAll(signal syscall.Signal, spared ...int) (any bool)
	// Sessions are those of all other processes of the zone.
	Sessions() []int
	// Unread tells how many bytes are in these files that their readers have not read
	// yet. They may be either end of a FIFO, and what a log driver reads.
	Unread(files ...*os.File) int
	// Number is the system's own number of a signal.
	Number(zone.Signal) (signal syscall.Signal, ok bool)
}

// An Event is a signal that has come, or a process that has ended.
type Event struct {
	Signal syscall.Signal // 0: a process has ended
	Pid    int
	Exit   process.Exit
	Said   string // by a health check: the first of it, or why there was none
}

// Options are what to stay for.
type Options struct {
	Command process.Command
	Policy  zone.Supervise
	Told    zone.Report    // what the host knows of an earlier boot
	Fate    map[int]string // what runs already and whose end ends the container: its name by its pid, which is its session's
	Tied    bool           // the kernel ends the container with it, so it is never asked to end
	Feeds   []*os.File     // what that reads, a log driver's
	LogFile *os.File       // stays open in a rest; nil: there is none

	Chores []Chore // what the platform has to do now and then
	// Resume makes a chore of the State that it had in the run before, at that time.
	// nil: there are none.
	Resume func(state []byte, then time.Time) (Chore, error)

	// Say tells an operator.
	Say func(level bootlog.Level, text string)
	// Report tells the host what is, where that is another thing than what was. It
	// is called at most once in ReportEvery, and at the end.
	Report func(was, is zone.Report)
}

// ReportEvery is how often the host is told at most: each time costs it a
// change of the VM.
const ReportEvery = 10 * time.Second

// startTime bounds a start: the image may lie on a file system that hangs.
const startTime = 30 * time.Second

// Run starts the command and stays until the container is to end. It returns
// how the command has ended, or why it could not be started; a start that fails
// is never tried again, as in Docker. After a rest it goes on with what it had.
func Run(ctx context.Context, system OS, o Options) (process.Exit, error) {
	s := &supervisor{OS: system, Options: o, restart: restart{Restart: o.Policy.Restart}, health: health{HealthCheck: o.Policy.Health}, told: o.Told}
	if system, can := system.(RestingOS); can {
		if before, ago, ok := system.Rested(); ok {
			if err := s.resume(before, ago); err != nil {
				return process.Exit{}, err
			}
		}
	}
	var known bool
	if s.stop, known = system.Number(s.Policy.StopSignal); !known {
		s.stop = syscall.SIGTERM
		if s.pid == 0 { // else it has been told
			s.say(bootlog.LevelWarn, "docker:stopsignal %q: this system has no such signal; SIGTERM is sent", string(s.Policy.StopSignal))
		}
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	s.ctx, s.done = ctx, make(chan *chore)
	for _, c := range o.Chores {
		s.chores = append(s.chores, &chore{Chore: c, due: c.Due()})
	}
	s.timer = time.NewTimer(time.Hour)
	defer s.timer.Stop()
	defer s.tellAtOnce()
	reserveThreads(spareThreads)
	s.events = system.Watch()
	if s.pid == 0 && s.restart.Policy != "no" {
		s.daemons = system.Sessions()
	}

	for {
		end, ran, err := s.once(ctx)
		if err != nil {
			return end, err
		}
		var delay time.Duration
		again := false
		if !s.stopping {
			delay, again = s.restart.after(end, ran)
		}
		if s.restart.Policy != "no" {
			s.last = strconv.Itoa(end.Code())
			s.tell()
		}
		if !again {
			s.say(bootlog.LevelInfo, "the command ended with %s after %v", end, bootlog.Duration(ran))
			s.grace()
			s.drain()
			return end, nil
		}
		s.say(bootlog.LevelWarn, "the command ended with %s after %v: restart %d in %v",
			end, bootlog.Duration(ran), s.restart.count, delay)
		if err := s.pause(delay); err != nil {
			return end, err
		}
		if s.stopping {
			s.grace()
			s.drain()
			return end, nil
		}
	}
}

type supervisor struct {
	OS
	Options
	events   <-chan Event
	timer    *time.Timer    // for whatever is due next
	stop     syscall.Signal // what the command understands as a wish that it end
	stopping bool           // the command is not started again

	pid      int       // the command's, 0 while it does not run
	started  time.Time // when it was
	killAt   time.Time // its time to stop is over
	restless bool      // this program stays

	ctx    context.Context // for what is done beside the loop
	chores []*chore
	done   chan *chore

	health  health
	restart restart
	daemons []int  // the sessions that were there before the command: they outlive a run
	last    string // how the command has ended last

	told     zone.Report
	toldWhen time.Time
	tellAt   time.Time // the host may be told again, and is to be
}

// once runs the command to its end.
func (s *supervisor) once(ctx context.Context) (end process.Exit, ran time.Duration, err error) {
	if s.pid == 0 { // else it has outlived the run before
		if err := s.start(ctx); err != nil {
			return end, 0, err
		}
	}
	defer func() {
		s.pid, s.killAt = 0, time.Time{}
		s.unwatch()
	}()
	for {
		e, _ := s.next(time.Time{})
		switch {
		case e.Signal != 0:
			s.signal(e.Signal)
		case e.Pid == s.pid:
			return e.Exit, time.Since(s.started), nil
		default:
			if err := s.fate(e); err != nil {
				return end, 0, err
			}
		}
	}
}

func (s *supervisor) start(ctx context.Context) (err error) {
	within, cancel := context.WithTimeout(ctx, startTime)
	defer cancel()
	if s.pid, err = s.Start(within, s.Command); err != nil {
		return err
	}
	s.started = time.Now()
	s.watch()
	s.tell()
	return nil
}

// pause waits before a restart, for which nobody of the run before may be left. A
// signal that would have ended the command ends that instead.
func (s *supervisor) pause(delay time.Duration) error {
	over := time.Now().Add(delay)
	if err := s.clear(); err != nil || s.stopping {
		return err
	}
	return s.idle(over)
}

// idle waits until over, or until the command is not to be started again.
func (s *supervisor) idle(over time.Time) error {
	for {
		e, more := s.next(over)
		switch {
		case !more:
			return nil
		case e.Signal == 0:
			if err := s.fate(e); err != nil {
				return err
			}
		case harmless(e.Signal):
		default:
			s.stopping = true
			s.say(bootlog.LevelInfo, "signal %d (%v): the command is not started again", e.Signal, e.Signal)
			return nil
		}
	}
}

// next waits for an event, or until over, and does what is due meanwhile. It is
// the one place that waits while the command runs or is to run again.
func (s *supervisor) next(over time.Time) (e Event, ok bool) {
	for {
		var timer <-chan time.Time
		due := s.due(over)
		rests := s.rests(due)
		switch {
		case rests:
			s.timer.Reset(restAfter)
			timer = s.timer.C
		case !due.IsZero():
			s.timer.Reset(time.Until(due))
			timer = s.timer.C
		}
		select {
		case e = <-s.events:
			if e.Signal == 0 && e.Pid == s.health.pid {
				s.checkEnded(e)
				continue
			}
			return e, true
		case c := <-s.done:
			s.finished(c)
			continue
		case <-timer:
		}
		if rests {
			s.rest(due)
			continue
		}
		if reached(s.killAt) {
			s.killAt = time.Time{}
			s.say(bootlog.LevelWarn, "the command has not stopped within %v: SIGKILL", s.Policy.StopTimeout)
			s.Kill(s.pid, s.Policy.Group, syscall.SIGKILL)
		}
		if reached(s.health.due) {
			s.check()
		}
		if reached(s.tellAt) {
			s.tellAtOnce()
		}
		for _, c := range s.chores {
			if !c.busy && reached(c.due) {
				s.begin(c)
			}
		}
		if reached(over) {
			return e, false
		}
	}
}

// due is when there is something to do though nothing happens; zero: never.
func (s *supervisor) due(over time.Time) (first time.Time) {
	first = over
	for _, t := range [...]time.Time{s.killAt, s.health.due, s.tellAt} {
		first = earlier(first, t)
	}
	for _, c := range s.chores {
		if !c.busy {
			first = earlier(first, c.due)
		}
	}
	return first
}

// earlier is the first of two moments, of which each may be never.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

func reached(t time.Time) bool { return !t.IsZero() && !time.Now().Before(t) }

// signal forwards a signal to the command. The host's wish that the zone end is
// SIGTERM, whatever the command understands as such.
func (s *supervisor) signal(signal syscall.Signal) {
	if signal != syscall.SIGTERM {
		// Docker takes the stop signal for a wish to stop too, however it comes.
		s.stopping = s.stopping || signal == s.stop
		s.Kill(s.pid, s.Policy.Group, signal)
		return
	}
	timeout := s.Policy.StopTimeout
	first := !s.stopping
	s.stopping = true
	switch {
	case timeout == 0:
		s.say(bootlog.LevelInfo, "asked to stop: SIGKILL to the command, as docker:stoptimeout says")
		s.Kill(s.pid, s.Policy.Group, syscall.SIGKILL)
		return
	case first && timeout < 0:
		s.say(bootlog.LevelInfo, "asked to stop: signal %d (%v) to the command", s.stop, s.stop)
	case first:
		s.say(bootlog.LevelInfo, "asked to stop: signal %d (%v) to the command, SIGKILL in %v", s.stop, s.stop, timeout)
	}
	if first && timeout > 0 {
		s.killAt = time.Now().Add(timeout)
	}
	s.Kill(s.pid, s.Policy.Group, s.stop)
}

// fate ends the container with a process that it cannot do without.
func (s *supervisor) fate(e Event) error {
	name, shared := s.Fate[e.Pid]
	if !shared {
		return nil // an orphan
	}
	return exit.LoggerEnded.Errorf("%s ended with %s: the container ends with it", name, e.Exit)
}

// harmless tells whether a process goes on that has made no provision for the
// signal.
func harmless(signal syscall.Signal) bool {
	return signal == syscall.SIGCONT || signal == syscall.SIGWINCH || signal == syscall.SIGURG || signal == syscall.SIGTSTP
}

func (s *supervisor) say(level bootlog.Level, format string, args ...any) {
	s.Say(level, fmt.Sprintf(format, args...))
}
