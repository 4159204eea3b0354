package timeline

import (
	"cmp"
	"slices"
	"time"

	"dockerinit/core/bootlog"
)

// A Change is an action whose time differs between two boots.
type Change struct {
	Step   string         `json:"step,omitempty"`
	What   string         `json:"what"`
	Before *time.Duration `json:"before_ns"` // null: the boot before had no such action
	After  *time.Duration `json:"after_ns"`  // null: this one has none
}

// By is how much longer the boot is for it.
func (c Change) By() time.Duration { return value(c.After) - value(c.Before) }

func value(d *time.Duration) time.Duration {
	if d == nil {
		return 0
	}
	return *d
}

// Diff is what changed from one boot to another, what counts most first. Actions
// are the same where their step and text are; the second of the same name is
// compared with the second.
func Diff(before, after Timeline) []Change {
	type name struct {
		step, what string
		number     int
	}
	at := map[name]int{}
	changes := []Change{}
	take := func(t Timeline, put func(*Change, *time.Duration)) {
		seen := map[name]int{}
		for _, b := range t.Bars {
			n := name{step: b.Step, what: b.What}
			seen[n]++
			n.number = seen[n]
			i, ok := at[n]
			if !ok {
				i = len(changes)
				at[n] = i
				changes = append(changes, Change{Step: b.Step, What: b.What})
			}
			put(&changes[i], &b.Took)
		}
	}
	take(before, func(c *Change, d *time.Duration) { c.Before = d })
	take(after, func(c *Change, d *time.Duration) { c.After = d })
	changes = slices.DeleteFunc(changes, func(c Change) bool { return c.By() == 0 })
	slices.SortStableFunc(changes, func(a, b Change) int { return cmp.Compare(b.By().Abs(), a.By().Abs()) })
	return changes
}

// Difference is Diff for people, up to where it does not count any more.
func Difference(before, after Timeline) string {
	b := text{}
	b.line("%-12s %s", "before", before.ended())
	b.line("%-12s %s", "now", after.ended())
	b.line("%-12s %s", "change", signed(after.Took-before.Took))
	b.WriteString("\n")
	changes := Diff(before, after)
	small := max(before.Took, after.Took) / 100
	for i, c := range changes {
		if c.By().Abs() < small {
			b.line("%8s  %d changes of less than %s each", "", len(changes)-i, bootlog.Duration(small))
			break
		}
		how := "new"
		switch {
		case c.After == nil:
			how = "gone"
		case c.Before != nil:
			how = bootlog.Duration(*c.Before) + " → " + bootlog.Duration(*c.After)
		}
		b.line("%8s  %-17s  %s", signed(c.By()), how, Bar{Step: c.Step, What: c.What}.name())
	}
	return b.String()
}

func signed(d time.Duration) string {
	if d < 0 {
		return "-" + bootlog.Duration(-d)
	}
	return "+" + bootlog.Duration(d)
}
