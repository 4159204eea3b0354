package metadata

import (
	"context"
	"fmt"
	"slices"
	"time"

	"dockerinit/core/bootlog"
	"dockerinit/core/exit"
	"dockerinit/core/room"
)

// run connects while there is something to ask, until Close. It is the one
// goroutine of an idle client; a connection has one more, which writes.
func (c *Client) run() {
	room.Take()
	var missed time.Time // since when the host does not answer; zero while it does
	for {
		waited, ok := c.waitForWork()
		if !ok {
			return
		}
		if waited || missed.IsZero() {
			missed = time.Now()
		}
		begun := time.Now()
		useful, err := c.converse()
		if useful {
			missed = time.Time{}
		}
		if !c.failed(err) && !useful {
			// The pause counts from the beginning of the try: one that took long is
			// followed by the next at once.
			next := begun.Add(pause(time.Since(missed)))
			_ = sleep(c.ctx, time.Until(next)) // the context's end is Close
		}
	}
}

// waitForWork returns when something is pending, and whether that took time; ok
// is false when the client is closed.
func (c *Client) waitForWork() (waited, ok bool) {
	for {
		c.mu.Lock()
		pending, closed := len(c.pending), c.closed
		c.mu.Unlock()
		if closed || pending > 0 {
			return waited, !closed
		}
		waited = true
		select {
		case <-c.wake:
		case <-c.ctx.Done():
		}
	}
}

// failed notes why a connection failed, for those who will give up because of
// it. If trying again is useless it ends all that is pending at once.
func (c *Client) failed(err error) (final bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lastErr = err
	if isPermanent(err) {
		code := exit.MetadataFailed
		if !c.contacted {
			code = exit.MetadataInit
		}
		c.failAll(code.Errorf("metadata: the host cannot be reached: %w", err))
		return true
	}
	// What was posted has nobody who gives up on it.
	bound := c.bound()
	c.dropPending(func(r *request) bool {
		return r.call.post && time.Since(r.call.progress) >= bound
	}, exit.MetadataFailed.Errorf("metadata: the host did not answer within %v", bound))
	return false
}

// bound is how long a call waits for its next answer: for the first contact as
// long as New was told, after that at least two answers' time, so that one lost
// connection is survived. c.mu is held.
func (c *Client) bound() time.Duration {
	if c.contacted {
		return max(c.contact, 2*c.answerTime())
	}
	return c.contact
}

// answerTime is what the host has for its next answer. It reads from memory, so
// whoever is in a hurry to reach it does not wait long for what he only reads: an
// operator sits before docker exec. c.mu is held.
func (c *Client) answerTime() time.Duration {
	if slices.ContainsFunc(c.pending, func(r *request) bool { return r.word == wordPut || r.word == wordDelete }) {
		return answerWait
	}
	return min(answerWait, max(c.contact, ExecContact))
}

// await waits for a call's answers, and says so at each doubling of the time.
func (c *Client) await(ctx context.Context, call *call) error {
	begun := time.Now()
	say := time.Second
	timer := time.NewTimer(min(say, c.contact))
	defer timer.Stop()
	for {
		select {
		case <-call.done:
			return call.err()
		case <-ctx.Done():
			c.withdraw(call, ctx.Err())
			continue
		case <-timer.C:
		}
		waited := time.Since(begun)
		left, bound := c.patience(call)
		if left <= 0 {
			c.withdraw(call, fmt.Errorf("no answer within %v", bound))
			continue
		}
		if waited >= say {
			say *= 2
			c.sayWaiting(waited, call)
		}
		timer.Reset(min(left, time.Until(begun.Add(say))))
	}
}

// patience is how long a call may still wait, and of which time.
func (c *Client) patience(call *call) (left, bound time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	bound = c.bound()
	return bound - time.Since(call.progress), bound
}

func (c *Client) sayWaiting(waited time.Duration, call *call) {
	c.mu.Lock()
	err, left := c.lastErr, call.left
	c.mu.Unlock()
	attrs := []bootlog.Attr{bootlog.Value("waited", waited.Round(time.Millisecond))}
	if n := len(call.requests); left < n {
		attrs = append(attrs, bootlog.Value("answered", fmt.Sprintf("%d of %d", n-left, n)))
	}
	if err != nil {
		attrs = append(attrs, bootlog.Error(err))
	}
	c.log.Warn("metadata: the host does not answer yet", attrs...)
}
