package core

import (
	"context"
	"fmt"
	"time"

	"dockerinit/core/exit"
	"dockerinit/core/metadata"
	"dockerinit/core/zone"
)

// While attachKey is present the host wants the command held back until someone
// is attached; waitingKey tells it that the command is. sdc-cn-agent:
// lib/backends/smartos/tasks/docker_exec.js
const (
	attachKey  = "docker:wait_for_attach"
	waitingKey = "__dockerinit_waiting_for_attach"
)

// The pause between two looks. An attach is somebody waiting at a terminal: the
// looks are quick at first, and never so rare that he notices.
const (
	attachFirstPause = 5 * time.Millisecond
	attachPause      = 15 * time.Millisecond
)

// attachLongest is how far ahead a deadline is believed: the host sets it to one
// minute, and its clock or ours may have jumped.
const attachLongest = 5 * time.Minute

// attach holds the command back while the host says so.
var attach = Step{"attach", func(b *Boot) []Action {
	return []Action{{What: "see whether someone is to attach first", Do: b.waitForAttach, Code: exit.MetadataFailed}}
}}

func (b *Boot) waitForAttach(ctx context.Context) error {
	values, err := b.attach()
	value, present := values[attachKey]
	if err != nil || !present {
		return err
	}
	left, err := attachLeft(value)
	if err != nil {
		return err
	}
	if left <= 0 {
		b.warn("attach", fmt.Sprintf("%s is from an attach that failed, %v ago: the command starts without",
			attachKey, (-left).Round(time.Second)))
		return nil
	}

	begun := time.Now()
	b.say("attach", fmt.Sprintf("the command waits up to %v for someone to attach", left.Round(time.Millisecond)))
	b.Metadata.Post(metadata.Change{Key: waitingKey, Value: value})
	defer b.Metadata.Post(metadata.Change{Key: waitingKey, Delete: true})
	for pause := attachFirstPause; present; pause = min(2*pause, attachPause) {
		if time.Since(begun) >= left {
			return exit.AttachTimedOut.Errorf("%s: nobody attached within %v", attachKey, left.Round(time.Millisecond))
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return ctx.Err()
		}
		// A host that has stopped answering does not make the wait longer.
		until, cancel := context.WithDeadline(ctx, begun.Add(left))
		values, err = b.Metadata.Ask(until, attachKey)()
		late := ctx.Err() == nil && until.Err() != nil
		cancel()
		switch {
		case err != nil && late:
			return exit.AttachTimedOut.Errorf("%s: nobody attached within %v: %w", attachKey, left.Round(time.Millisecond), err)
		case err != nil:
			return err
		}
		before := value
		value, present = values[attachKey]
		if present && value != before { // another attach, with a deadline of its own
			if left, err = attachLeft(value); err != nil {
				return err
			}
			begun = time.Now()
		}
	}
	return nil
}

// attachLeft is how long the wait may last from now. The wall clock counts for
// this one comparison; from then on time passes by the monotonic clock, which
// nobody can set.
func attachLeft(value string) (time.Duration, error) {
	deadline, err := zone.AttachDeadline(value)
	return min(time.Until(deadline), attachLongest), err
}
