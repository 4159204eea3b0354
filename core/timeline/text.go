package timeline

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"dockerinit/core/bootlog"
)

// cells is how wide the whole boot is in a waterfall.
const cells = 32

// Waterfall is the boot for people: a line an action, with its bar.
//
//	nics           1.9ms │            ████                │ configure net0 10.0.0.5/24
func (t Timeline) Waterfall() string {
	b := text{}
	b.head(t)
	step := ""
	for _, bar := range t.Bars {
		shown, what := bar.Step, bar.What
		switch {
		case bar.Level == "EXEC" || bar.Level == "FATAL":
			shown, what = strings.ToLower(bar.Level), bar.name()
		case bar.Step == step || bar.Gap:
			shown = ""
		}
		if !bar.Gap {
			step = bar.Step
		}
		b.line("%s %-11s %7s │%s│ %s", mark(bar), shown, took(bar), t.row(bar), what)
	}
	return b.String()
}

// row is where the bar lies in the whole.
func (t Timeline) row(b Bar) string {
	from, to := t.cell(b.From), t.cell(b.To())
	switch {
	case b.Gap:
		return strings.Repeat(" ", from) + strings.Repeat("░", max(to-from, 1)) + strings.Repeat(" ", cells-max(to, from+1))
	case b.Took == 0:
		return strings.Repeat(" ", from) + "·" + strings.Repeat(" ", cells-from-1)
	}
	to = max(to, from+1)
	return strings.Repeat(" ", from) + strings.Repeat("█", to-from) + strings.Repeat(" ", cells-to)
}

// cell is the one in which something begins. Cells are 0 to cells-1.
func (t Timeline) cell(at time.Duration) int {
	if t.Took <= 0 {
		return 0
	}
	return min(int(float64(at)/float64(t.Took)*cells), cells-1)
}

// Blame is what the boot's time went into, the longest first.
func (t Timeline) Blame() string {
	b := text{}
	b.head(t)
	for _, bar := range t.longest() {
		b.line("%7s %3.0f%%  %s", bootlog.Duration(bar.Took), 100*float64(bar.Took)/float64(max(t.Took, 1)), bar.name())
	}
	return b.String()
}

func (t Timeline) longest() []Bar {
	timed := slices.DeleteFunc(slices.Clone(t.Bars), func(b Bar) bool { return b.Took == 0 })
	slices.SortStableFunc(timed, func(a, b Bar) int { return cmp.Compare(b.Took, a.Took) })
	return timed
}

// name is the bar as the log has it.
func (b Bar) name() string {
	switch {
	case b.Gap:
		return fmt.Sprintf("%s, %s after the beginning", b.What, bootlog.Duration(b.From))
	case b.Step == "":
		return b.What
	}
	return b.Step + ": " + b.What
}

// ended tells how the boot did.
func (t Timeline) ended() string {
	after := "after " + bootlog.Duration(t.Took)
	switch t.Outcome {
	case bootlog.OutcomeExec:
		return after + " the command took over"
	case bootlog.OutcomeFailed:
		return fmt.Sprintf("%s it failed (code %d): %s", after, t.Code, t.Text)
	}
	return after + " the log ends, with neither EXEC nor FATAL"
}

func took(b Bar) string {
	if b.Took == 0 {
		return ""
	}
	return bootlog.Duration(b.Took)
}

func mark(b Bar) string {
	switch b.Level {
	case "WARN":
		return "!"
	case "ERROR", "FATAL":
		return "✗"
	case "EXEC":
		return "▶"
	}
	return " "
}

// A text is lines in which nothing is a terminal's escape.
type text struct{ strings.Builder }

func (b *text) line(format string, args ...any) {
	b.WriteString(bootlog.Escape(bootlog.Clip(fmt.Sprintf(format, args...))) + "\n")
}

func (b *text) head(t Timeline) {
	b.line("%-12s %s", "began", t.Time.UTC().Format("2006-01-02T15:04:05.000Z"))
	b.line("%-12s %s", "ended", t.ended())
	for _, n := range t.Notes {
		b.line("%-12s %s", "note", n)
	}
	b.WriteString("\n")
}
