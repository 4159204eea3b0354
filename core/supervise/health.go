package supervise

import (
	"fmt"
	"syscall"
	"time"

	"dockerinit/core/bootlog"
	"dockerinit/core/process"
	"dockerinit/core/zone"
)

// Docker's words. moby: api/types/container/health.go
const (
	starting  = "starting"
	healthy   = "healthy"
	unhealthy = "unhealthy"
)

// health watches whether the command works, by Docker's rules: a pause is from the
// end of one check to the start of the next; what began to fail in the start
// period does not count until something has succeeded; one success makes up for
// all. moby: daemon/health.go
type health struct {
	*zone.HealthCheck // nil: there is none
	status            string
	streak            int       // failures that count, one after another
	begun             time.Time // when the command has

	due   time.Time // a check is to be started, or the time of the one that runs is over
	pid   int       // the check that runs
	asked time.Time // when it was started
	state checkState
}

type checkState int

const (
	checking checkState = iota
	dying               // it was killed, since its time was over
	left                // it has no say any more: it does not die, or the command that it was about has ended
)

// watch begins anew, with the command.
func (s *supervisor) watch() {
	h := &s.health
	if h.HealthCheck == nil {
		return
	}
	now := time.Now()
	h.begun, h.streak, h.status = now, 0, starting
	h.due = now.Add(h.pause(now))
}

// unwatch ends with the command.
func (s *supervisor) unwatch() {
	h := &s.health
	h.due = time.Time{}
	if h.pid != 0 {
		s.Kill(h.pid, true, syscall.SIGKILL)
		h.state = left
	}
}

// pause is what comes before the next check. The end of the start period is worth
// one.
func (h *health) pause(now time.Time) time.Duration {
	switch rest := h.StartPeriod - now.Sub(h.begun); {
	case rest <= 0:
		return h.Interval
	case rest < h.Interval:
		return rest
	case h.status == starting:
		return h.StartInterval
	}
	return h.Interval
}

// check does what is due.
func (s *supervisor) check() {
	h, now := &s.health, time.Now()
	switch {
	case h.pid == 0:
		h.asked, h.state = now, checking
		pid, err := s.Check(s.test())
		if err != nil {
			s.checked(false, "could not be started: "+err.Error())
			return
		}
		h.pid, h.due = pid, now.Add(h.Timeout)
	case h.state == checking:
		s.Kill(h.pid, true, syscall.SIGKILL)
		h.state, h.due = dying, now.Add(killed)
	case h.state == dying:
		h.state = left
		s.checked(false, fmt.Sprintf("took longer than %v, and has not ended after SIGKILL", h.Timeout))
	default: // nobody knows how many would hang beside it
		h.asked = now
		s.checked(false, "was not started: the one before it was killed and has not ended")
	}
}

// test is what docker exec would run: the container's user, in its directory and
// environment.
func (s *supervisor) test() process.Command {
	test := s.Command
	test.Path, test.Args = "", s.health.Test
	test.Terminal, test.Session, test.SharesFate, test.Files = false, true, false, nil
	return test
}

// checkEnded is told of the end of the check that runs.
func (s *supervisor) checkEnded(e Event) {
	s.health.pid = 0
	why := "ended with " + e.Exit.String()
	switch s.health.state {
	case dying:
		why = fmt.Sprintf("took longer than %v", s.health.Timeout)
	case left:
		return
	}
	if e.Said != "" {
		why += fmt.Sprintf(": %q", e.Said)
	}
	s.checked(s.health.state == checking && e.Exit.Code() == 0, why)
}

// checked draws the conclusion.
func (s *supervisor) checked(works bool, why string) {
	h, now := &s.health, time.Now()
	was := h.status
	switch {
	case works:
		h.status, h.streak = healthy, 0
	case h.status == starting && h.asked.Sub(h.begun) < h.StartPeriod:
		// It has that time.
	default:
		if h.streak++; h.streak >= h.Retries {
			h.status = unhealthy
		}
	}
	h.due = now.Add(h.pause(now))
	switch {
	case h.status == was:
		return
	case works:
		s.say(bootlog.LevelInfo, "healthy: the health check passed, %v after the start", bootlog.Duration(now.Sub(h.begun)))
	default:
		s.say(bootlog.LevelWarn, "unhealthy: the health check failed, %d of %d: it %s", h.streak, h.Retries, why)
	}
	s.tell()
}
