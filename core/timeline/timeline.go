package timeline

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"dockerinit/core/bootlog"
)

// A Timeline is a boot as bars, in the order of its log.
type Timeline struct {
	Time    time.Time     `json:"time"` // when the boot began
	Outcome string        `json:"outcome"`
	Code    int           `json:"code,omitempty"`
	Text    string        `json:"text,omitempty"`
	Took    time.Duration `json:"took_ns"` // to EXEC or FATAL, or to the last line
	Notes   []string      `json:"notes"`   // what of the log cannot be as it says
	Bars    []Bar         `json:"bars"`
}

// A Bar is an action, or a moment, which took no time that is known.
type Bar struct {
	Step  string        `json:"step,omitempty"`
	What  string        `json:"what"`
	Level string        `json:"level,omitempty"`
	From  time.Duration `json:"from_ns"`
	Took  time.Duration `json:"took_ns"`
	Gap   bool          `json:"gap,omitempty"` // nothing is logged of it
}

// To is when it was over.
func (b Bar) To() time.Duration { return b.From + b.Took }

const (
	// leap is more than any wait of a boot: the clock was set.
	leap = 24 * time.Hour
	// end bounds what a forged log can add up to.
	end = time.Duration(1) << 60
	// blink is what the lines' times, in milliseconds, cannot tell. Of what an
	// action took there are two digits.
	blink = 2 * time.Millisecond
)

// Of draws the boot. What follows EXEC is the command's time and is left out.
func Of(r bootlog.Record) Timeline {
	t := Timeline{Time: r.Time, Outcome: r.Outcome, Code: r.Code, Text: r.Text, Notes: []string{}, Bars: []Bar{}}
	var at, before, over time.Duration // over: when all bars so far were
	for n, e := range r.Events {
		took := min(max(e.Took, 0), end)
		after := min(max(e.After, -end), end)
		passed := after - before
		before = after
		switch {
		case n == 0:
			passed = took // it was at work before its line
		case passed < 0:
			t.note("the clock went back by %s before %q", -passed, e.What)
			passed = took
		case passed > leap:
			t.note("the clock leapt by %s before %q", passed, e.What)
			passed = took
		}
		at = min(at+passed, end)
		b := Bar{Step: e.Step, What: what(e), Level: e.Level, From: max(at-took, 0), Took: min(took, at)}
		if late := over - b.From; late > 0 && late < blink && took > 0 {
			b.From = over // one after the other
		}
		t.Bars = append(t.Bars, b)
		over = max(over, b.To())
		t.Took = max(at, over)
		if e.Level == "EXEC" {
			if left := len(r.Events) - n - 1; left > 0 {
				t.note("lines after EXEC, which are left out: %d", left)
			}
			break
		}
	}
	t.hung()
	t.gaps()
	return t
}

// hung makes a bar of the action that the log does not see the end of: the boot does
// one after another, so it is the last that was told to be under way.
func (t *Timeline) hung() {
	for i, b := range slices.Backward(t.Bars) {
		what, long, ok := strings.Cut(b.What, ": under way for ")
		if !ok {
			continue
		}
		ended := slices.ContainsFunc(t.Bars[i+1:], func(later Bar) bool {
			return later.Step == b.Step && strings.HasPrefix(later.What, what)
		})
		if took, err := time.ParseDuration(long); err == nil && took > 0 && !ended {
			t.Bars[i].Took = min(took, b.From)
			t.Bars[i].From -= t.Bars[i].Took
		}
		return
	}
}

// gaps puts a bar where nothing is logged of a longer time. A moment tells nothing
// of the time before it.
func (t *Timeline) gaps() {
	timed := slices.DeleteFunc(slices.Clone(t.Bars), func(b Bar) bool { return b.Took == 0 })
	slices.SortStableFunc(timed, func(a, b Bar) int { return cmp.Compare(a.From, b.From) })
	var found []Bar
	all := make([]Bar, 0, len(t.Bars))
	var over time.Duration
	for _, b := range append(timed, Bar{From: t.Took}) {
		if gap := b.From - over; gap > max(blink, b.Took/20) {
			found = append(found, Bar{What: "nothing is logged", From: over, Took: gap, Gap: true})
		}
		over = max(over, b.To())
	}
	for _, b := range t.Bars {
		for len(found) > 0 && b.To() > found[0].From {
			all, found = append(all, found[0]), found[1:]
		}
		all = append(all, b)
	}
	t.Bars = append(all, found...)
}

func (t *Timeline) note(format string, args ...any) {
	for i, a := range args {
		if d, ok := a.(time.Duration); ok {
			args[i] = bootlog.Duration(d)
		}
	}
	t.Notes = append(t.Notes, fmt.Sprintf(format, args...))
}

// what is the event's text; a Recorder keeps the error apart.
func what(e bootlog.Event) string {
	if e.Error != "" {
		return e.What + ": " + e.Error
	}
	return e.What
}
