package bootlog

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
)

// How much of a text is read as a log. A boot writes a few kilobytes, and no
// line has more than Clip leaves, escaped.
const (
	parseLimit = 16 << 20
	lineLimit  = 64 << 10
)

// Parse reads the text of a log back into the boots that wrote it, one after
// another: the log of dockerinit has one, what dockerexec wrote to standard error
// may have many. steps are the names that a line's first word is taken for.
//
// A line that is no record is passed over, since after EXEC the output is the
// command's. A log that was cut off ends with what there is, its outcome open.
// A text without any record is an error.
func Parse(r io.Reader, steps []string) ([]Record, error) {
	all := &io.LimitedReader{R: r, N: parseLimit + 1}
	lines := bufio.NewScanner(all)
	lines.Buffer(nil, lineLimit)
	var boots []Record
	number := 0
	for lines.Scan() {
		number++
		l, ok := parseLine(lines.Text())
		if !ok {
			continue
		}
		if n := len(boots); n == 0 || boots[n-1].over() {
			boots = append(boots, Record{Time: l.at, Outcome: OutcomeOpen})
		}
		boots[len(boots)-1].take(l, steps)
	}
	switch err := lines.Err(); {
	case errors.Is(err, bufio.ErrTooLong):
		return nil, fmt.Errorf("line %d: longer than any line of a log (%d KiB)", number+1, lineLimit>>10)
	case err != nil:
		return nil, err
	case all.N <= 0:
		return nil, fmt.Errorf("larger than any log (%d MiB)", parseLimit>>20)
	case len(boots) == 0:
		return nil, errors.New("no line of it is one of a dockerinit or dockerexec log")
	}
	return boots, nil
}

// A line is one record of the text.
type line struct {
	at    time.Time
	level string
	code  int
	text  string
}

// parseLine is the reverse of Text.Handle.
func parseLine(text string) (l line, ok bool) {
	stamped, rest, _ := strings.Cut(text, " ")
	at, err := time.Parse(stampLayout, stamped)
	if err != nil {
		return l, false
	}
	l.at = at
	l.level, l.text, _ = strings.Cut(rest, " ")
	if !slices.Contains([]string{"INFO", "WARN", "ERROR", "EXEC", "FATAL"}, l.level) {
		return l, false
	}
	if l.level == "FATAL" {
		number, text, ok := strings.Cut(strings.TrimPrefix(l.text, "(code: "), "):")
		if l.code, err = strconv.Atoi(number); err != nil || !ok {
			return l, false
		}
		l.text = strings.TrimPrefix(text, " ")
	}
	return l, true
}

// over tells whether the next line is another boot's. What follows EXEC is not
// where dockerinit wrote it, with the command: it may have stayed, or the kernel
// have refused.
func (r *Record) over() bool {
	switch r.Outcome {
	case OutcomeFailed:
		return true
	case OutcomeExec:
		return slices.ContainsFunc(r.Events, func(e Event) bool { return e.Level == "EXEC" && e.What == "" })
	}
	return false
}

// take adds the line to the boot.
func (r *Record) take(l line, steps []string) {
	e := Event{After: l.at.Sub(r.Time), Level: l.level, What: l.text}
	if step, what, ok := strings.Cut(l.text, ": "); ok && slices.Contains(steps, step) {
		e.Step, e.What = step, what
	}
	if what, took, ok := cutTook(e.What); ok {
		e.What, e.Took = what, took
	}
	r.Events = append(r.Events, e)
	if r.Outcome == OutcomeOpen || l.level == "FATAL" {
		r.Took = e.After
	}
	switch l.level {
	case "EXEC":
		r.Outcome = OutcomeExec
	case "FATAL":
		r.Outcome, r.Code, r.Text = OutcomeFailed, l.code, l.text
	}
}

// cutTook takes the duration off the end: "configure net0 (1.9ms)".
func cutTook(text string) (what string, took time.Duration, ok bool) {
	inner, ends := strings.CutSuffix(text, ")")
	i := strings.LastIndex(inner, " (")
	if !ends || i < 0 {
		return text, 0, false
	}
	took, err := time.ParseDuration(inner[i+2:])
	return text[:i], took, err == nil
}
