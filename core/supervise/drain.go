package supervise

import (
	"maps"
	"os"
	"slices"
	"syscall"
	"time"

	"dockerinit/core/bootlog"
)

const (
	// drainTime is what a log driver gets to read what was written. moby:
	// loggerCloseTimeout in daemon/container/monitor.go
	drainTime = 10 * time.Second
	// stalled is for how long it may read nothing of that where the host wants the
	// zone to end: after ten seconds it kills us, and the command's status is lost.
	stalled = 2 * time.Second
	// quiet is for how long nothing may be unread before that is believed: what the
	// command wrote last may still be on its way to the copy.
	quiet = 20 * time.Millisecond
	// lastWords is what a driver gets to end that was asked to.
	lastWords = 2 * time.Second
)

// drain lets a log driver read what is left for it, and send it on. What it reads
// has no end by which it would know that the command has ended, so it gets SIGTERM
// when all is read. One that is tied gets none: its end would be ours, and its
// status the container's.
func (s *supervisor) drain() {
	if len(s.Fate) == 0 {
		return
	}
	s.killRest() // nobody else writes any more
	written := slices.Clone(s.Feeds)
	if !s.Command.Terminal { // what is unread there is what was typed
		written = append(written, s.Command.Stdio.Out, s.Command.Stdio.Err)
	}
	written = slices.DeleteFunc(written, func(f *os.File) bool { return f == nil })
	last, since := -1, time.Now() // how much was unread, and since when
	stuck := false
	read := func() bool {
		if n := s.Unread(written...); n != last {
			last, since = n, time.Now()
		}
		stuck = s.stopping && last > 0 && time.Since(since) >= stalled
		return len(s.Fate) == 0 || last == 0 && time.Since(since) >= quiet || stuck
	}
	switch done := s.until(read, drainTime); {
	case stuck:
		s.say(bootlog.LevelWarn, "the log driver has read nothing for %v, and the zone is to stop: %d bytes of output are lost", stalled, last)
	case !done:
		s.say(bootlog.LevelWarn, "the log driver has not read all output within %v: %d bytes are lost", drainTime, last)
	}
	if s.Tied {
		return
	}
	if s.KillAll(syscall.SIGTERM) && !s.until(func() bool { return !s.KillAll(0) }, lastWords) {
		s.say(bootlog.LevelInfo, "the log driver has not ended within %v of SIGTERM: it ends with the container", lastWords)
	}
}

// drivers are the sessions of those that are not of the container's own.
func (s *supervisor) drivers() []int { return slices.Collect(maps.Keys(s.Fate)) }
