package supervise

import (
	"context"
	"slices"
	"time"
)

// A Chore is work that comes due now and then and is nobody else's, such as
// renewing a lease.
type Chore interface {
	// Due is when there is something to do; zero: never again. It is not asked
	// while Do runs.
	Due() time.Time
	// Do does it, in bounded time, beside the loop.
	Do(ctx context.Context)
	// Undone is what an operator is told where nobody stays to do it.
	Undone() string
	// State is what another run of the program makes the chore of, at that time:
	// see Options.Resume. It is not asked while Do runs.
	State(now time.Time) []byte
}

type chore struct {
	Chore
	due  time.Time
	busy bool
}

// begin does what is due, and tells the loop when it is done.
func (s *supervisor) begin(c *chore) {
	c.busy = true
	go func() {
		c.Do(s.ctx)
		select {
		case s.done <- c:
		case <-s.ctx.Done():
		}
	}()
}

// busy tells whether something is done beside the loop.
func (s *supervisor) busy() bool {
	return slices.ContainsFunc(s.chores, func(c *chore) bool { return c.busy })
}

func (s *supervisor) finished(c *chore) { c.busy, c.due = false, c.Due() }
