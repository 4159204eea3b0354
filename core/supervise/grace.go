package supervise

import (
	"log/slog"
	"syscall"
	"time"
)

const (
	// killed is what a process gets to be gone after SIGKILL: one may hang in the
	// kernel, and is left to it.
	killed = 2 * time.Second

	firstLook, longestLook = time.Millisecond, 100 * time.Millisecond
)

// grace lets the rest of the zone end, where docker:init_grace asks for that.
func (s *supervisor) grace() {
	if s.Policy.Grace <= 0 || !s.KillAll(s.stop) || s.gone(s.Policy.Grace) {
		return
	}
	s.say(slog.LevelWarn, "processes are left after docker:init_grace (%v): SIGKILL", s.Policy.Grace)
	if s.KillAll(syscall.SIGKILL) && !s.gone(killed) {
		s.say(slog.LevelWarn, "processes are left %v after SIGKILL", killed)
	}
}

// gone waits until no other process is left. It looks by itself too: those that
// docker exec has brought in are nobody's children here.
func (s *supervisor) gone(within time.Duration) bool {
	over := time.NewTimer(within)
	defer over.Stop()
	look := time.NewTimer(firstLook)
	defer look.Stop()
	for delay := firstLook; s.KillAll(0); delay = min(2*delay, longestLook) {
		look.Reset(delay)
		for waiting := true; waiting; {
			select {
			case <-s.events: // reaped by now; a signal has nobody left that it is for
			case <-look.C:
				waiting = false
			case <-over.C:
				return !s.KillAll(0)
			}
		}
	}
	return true
}
