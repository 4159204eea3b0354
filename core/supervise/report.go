package supervise

import (
	"strconv"
	"time"

	"dockerinit/core/zone"
)

// tell tells the host what has changed, at once or when it may be told again.
func (s *supervisor) tell() {
	if again := s.toldWhen.Add(ReportEvery); !s.toldWhen.IsZero() && time.Now().Before(again) {
		s.tellAt = again
		return
	}
	s.tellAtOnce()
}

func (s *supervisor) tellAtOnce() {
	s.tellAt = time.Time{}
	is := zone.Report{LastExit: s.last, Health: s.health.status}
	if s.restart.count > 0 {
		is.Restarts = strconv.Itoa(s.restart.count)
	}
	if is == s.told {
		return
	}
	s.Report(s.told, is)
	s.told, s.toldWhen = is, time.Now()
}
