package bootlog

import (
	"fmt"
	"io"
	"sync"
)

// Progress shows a person what a boot does: a line an action, with its
// duration in a column of its own. At a terminal the line is there while the
// action runs, and colours tell how it went; otherwise it is plain text.
//
//	✓ nics          1.9ms  configure net0 10.0.0.5/24
//	✓               340µs  configure net1 dhcp
//	! routes         12µs  route 192.0.2.0/24 via 172.16.0.1: gateway is on no link
type Progress struct {
	w              io.Writer
	terminal, tint bool
	mu             sync.Mutex
	shown          string // the step of the line before, which is named once
}

// NewProgress writes to w. On a terminal, running actions are shown live; tint
// adds colour.
func NewProgress(w io.Writer, terminal, tint bool) *Progress {
	return &Progress{w: w, terminal: terminal, tint: tint}
}

// Enabled takes the announcements too, which come below INFO.
func (h *Progress) Enabled(level Level) bool { return level >= LevelInfo || h.terminal }

// Handle shows the line.
func (h *Progress) Handle(l Line) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if l.Level < LevelInfo {
		_, err := fmt.Fprint(h.w, announcement(l.Step, Escape(l.What)))
		return err
	}
	begin := ""
	if h.terminal {
		begin = "\r\x1b[K" // the announcement is written over
	}
	step, took := l.Step, ""
	switch l.Level {
	case LevelExec:
		step = "exec"
	case LevelFatal:
		step = "failed"
	}
	if l.Timed {
		took = Duration(l.Took)
	}
	shown := step
	if step == h.shown {
		shown = ""
	}
	h.shown = step
	l.Step, l.Timed = "", false
	mark, colour := look(l.Level)
	text := l.text()
	if l.Level == LevelFatal {
		text = fmt.Sprintf("code %d: %s", l.Code, text)
	}
	if h.tint {
		mark = colour + mark + "\x1b[0m"
	}
	_, err := fmt.Fprintf(h.w, "%s  %s %-11s %7s  %s\n", begin, mark, shown, took, Escape(text))
	return err
}

// announced is how long an announcement may be: one that needs a second row
// could not be written over.
const announced = 78

func announcement(step, text string) string {
	line := []rune(fmt.Sprintf("  … %-11s %7s  %s", step, "", text))
	if len(line) > announced {
		line = append(line[:announced-1], '…')
	}
	return string(line)
}

func look(level Level) (mark, colour string) {
	switch {
	case level >= LevelError:
		return "✗", "\x1b[31m"
	case level >= LevelWarn:
		return "!", "\x1b[33m"
	case level >= LevelExec:
		return "▶", "\x1b[36m"
	}
	return "✓", "\x1b[32m"
}
