package main

import (
	"fmt"
	"slices"
	"time"

	"dockerinit/core/bootlog"
)

func (e *explanation) text() string {
	var t table
	t.row("code", "%d, %s", e.Code, e.Meaning)
	t.row("status", "%d", e.Status)
	for _, cause := range e.Causes {
		t.row("causes", "%s", cause)
	}
	for _, check := range e.Checks {
		t.row("check", "%s", check)
	}
	return t.String()
}

func (f *toldFailure) text() string {
	var t table
	t.row("failed", "%s, in the step %s of dockerinit %s", f.Time, f.Step, f.Version)
	t.row("because", "%s", f.Text)
	return t.String() + explained(f.Explanation, f.Code)
}

func (b *toldBoot) text() string {
	var t table
	t.row("began", "%s", b.Time.Format(time.RFC3339))
	switch b.Outcome {
	case bootlog.OutcomeExec:
		t.row("ended", "after %s: the command took over", bootlog.Duration(b.Took))
	case bootlog.OutcomeFailed:
		t.row("failed", "after %s", bootlog.Duration(b.Took))
		t.row("because", "%s", b.Text)
	default:
		t.row("cut off", "after %s, with neither EXEC nor FATAL", bootlog.Duration(b.Took))
		t.row("last line", "%s", eventLine(b.Events[len(b.Events)-1]))
	}
	for _, e := range b.Events {
		switch e.Level {
		case "ERROR":
			t.row("errors", "%s", eventLine(e))
		case "WARN":
			t.row("warnings", "%s", eventLine(e))
		}
	}
	for _, e := range longest(b.Events, 3) {
		t.row("longest", "%s", eventLine(e))
	}
	text := t.String()
	if b.Outcome == bootlog.OutcomeFailed {
		text += explained(b.Explanation, b.Code)
	}
	return text
}

func explained(e *explanation, code int) string {
	if e == nil {
		return fmt.Sprintf("%-12s %d, which is not in the table of this version\n", "code", code)
	}
	return e.text()
}

// eventLine is the event as the log has it, without its time and level.
func eventLine(e bootlog.Event) string {
	text := e.What
	if e.Step != "" {
		text = e.Step + ": " + text
	}
	if e.Took > 0 {
		text += " (" + bootlog.Duration(e.Took) + ")"
	}
	return text
}

// longest are the n actions that took longest, the longest first.
func longest(events []bootlog.Event, n int) []bootlog.Event {
	timed := slices.DeleteFunc(slices.Clone(events), func(e bootlog.Event) bool { return e.Took == 0 })
	slices.SortStableFunc(timed, func(a, b bootlog.Event) int { return int(b.Took - a.Took) })
	return timed[:min(n, len(timed))]
}
