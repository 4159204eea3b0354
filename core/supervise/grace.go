package supervise

import (
	"syscall"
	"time"

	"dockerinit/core/bootlog"
)

const (
	// killed is what a process gets to be gone after SIGKILL: one may hang in the
	// kernel, and is left to it.
	killed = 2 * time.Second

	firstLook, longestLook = time.Millisecond, 100 * time.Millisecond
)

// grace lets the rest of the zone end, where docker:init_grace asks for that. A
// log driver is not of the rest.
func (s *supervisor) grace() {
	if s.Policy.Grace <= 0 || !s.KillAll(s.stop, s.drivers()...) || s.until(s.alone, s.Policy.Grace) {
		return
	}
	s.say(bootlog.LevelWarn, "processes are left after docker:init_grace (%v): SIGKILL", s.Policy.Grace)
	s.killRest()
}

// clear ends what a run has left behind, as Docker does before the next: nothing
// of it may hold a port or a lock then. What serves the zone stays.
func (s *supervisor) clear() error {
	spared := append(s.drivers(), s.daemons...)
	// alone waits for that, and does not fail to hear what ends the restart.
	alone := func(n syscall.Signal, within time.Duration) (bool, error) {
		over := time.Now().Add(within)
		for delay := firstLook; s.KillAll(n, spared...); delay = min(2*delay, longestLook) {
			if reached(over) {
				return false, nil
			}
			if err := s.idle(earlier(over, time.Now().Add(delay))); err != nil || s.stopping {
				return true, err
			}
		}
		return true, nil
	}
	if s.Policy.Grace > 0 && s.KillAll(s.stop, spared...) {
		if done, err := alone(0, s.Policy.Grace); done {
			return err
		}
	}
	if !s.KillAll(0, spared...) {
		return nil
	}
	s.say(bootlog.LevelInfo, "the command has left processes: SIGKILL")
	// Again and again: some may have begun meanwhile.
	done, err := alone(syscall.SIGKILL, killed)
	if !done {
		s.say(bootlog.LevelWarn, "processes are left %v after SIGKILL: the command is started beside them", killed)
	}
	return err
}

func (s *supervisor) killRest() {
	if s.KillAll(syscall.SIGKILL, s.drivers()...) && !s.until(s.alone, killed) {
		s.say(bootlog.LevelWarn, "processes are left %v after SIGKILL", killed)
	}
}

// alone tells whether there is nobody else but a log driver.
func (s *supervisor) alone() bool { return !s.KillAll(0, s.drivers()...) }

// until waits until done. It looks by itself too: processes that docker exec has
// brought in are nobody's children here.
func (s *supervisor) until(done func() bool, within time.Duration) bool {
	over := time.NewTimer(within)
	defer over.Stop()
	look := time.NewTimer(firstLook)
	defer look.Stop()
	for delay := firstLook; !done(); delay = min(2*delay, longestLook) {
		look.Reset(delay)
		for waiting := true; waiting; {
			select {
			case e := <-s.events: // a signal has nobody left that it is for
				delete(s.Fate, e.Pid)
			case <-look.C:
				waiting = false
			case <-over.C:
				return done()
			}
		}
	}
	return true
}
