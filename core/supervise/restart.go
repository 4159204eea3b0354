package supervise

import (
	"time"

	"dockerinit/core/process"
	"dockerinit/core/zone"
)

// Docker's own numbers. moby: daemon/internal/restartmanager/restartmanager.go
const (
	firstDelay   = 100 * time.Millisecond
	longestDelay = time.Minute
	longRun      = 10 * time.Second // one that long begins with the first delay again
)

// restart decides whether the command is started again, and when.
type restart struct {
	zone.Restart
	count int
	delay time.Duration
}

// after tells what comes after a run. A long one does not take back the count.
func (r *restart) after(end process.Exit, ran time.Duration) (delay time.Duration, again bool) {
	switch r.Policy {
	case "always", "unless-stopped":
	case "on-failure":
		if end.Code() == 0 || r.Max > 0 && r.count >= r.Max {
			return 0, false
		}
	default:
		return 0, false
	}
	r.count++
	if r.delay == 0 || ran >= longRun {
		r.delay = firstDelay
	} else {
		r.delay = min(2*r.delay, longestDelay)
	}
	return r.delay, true
}
