package bootlog

import (
	"context"
	"fmt"
	"io"
	"log/slog"
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
	mu             *sync.Mutex
	shown          *string // the step of the line before, which is named once
	attrs          []slog.Attr
}

// NewProgress writes to w. On a terminal, running actions are shown live; tint
// adds colour.
func NewProgress(w io.Writer, terminal, tint bool) *Progress {
	return &Progress{w: w, terminal: terminal, tint: tint, mu: new(sync.Mutex), shown: new(string)}
}

// Enabled takes the announcements too, which come below INFO.
func (h *Progress) Enabled(_ context.Context, level slog.Level) bool {
	return level >= slog.LevelInfo || h.terminal
}

// WithAttrs gives a handler that adds the attributes to every record.
func (h *Progress) WithAttrs(attrs []slog.Attr) slog.Handler {
	h2 := *h
	h2.attrs = append(h.attrs[:len(h.attrs):len(h.attrs)], attrs...)
	return &h2
}

// WithGroup changes nothing.
func (h *Progress) WithGroup(string) slog.Handler { return h }

// Handle shows the record.
func (h *Progress) Handle(_ context.Context, r slog.Record) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	e := read(r, h.attrs)
	if r.Level < slog.LevelInfo {
		_, err := fmt.Fprint(h.w, announcement(e.step, Escape(r.Message)))
		return err
	}
	begin := ""
	if h.terminal {
		begin = "\r\x1b[K" // the announcement is written over
	}
	step, took := e.step, ""
	switch r.Level {
	case LevelExec:
		step = "exec"
	case LevelFatal:
		step = "failed"
	}
	if e.timed {
		took = Duration(e.took)
	}
	shown := step
	if step == *h.shown {
		shown = ""
	}
	*h.shown = step
	e.step, e.timed = "", false
	mark, colour := look(r.Level)
	text := e.text(r.Message)
	if r.Level == LevelFatal {
		text = fmt.Sprintf("code %d: %s", e.code, text)
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

func look(level slog.Level) (mark, colour string) {
	switch {
	case level >= slog.LevelError:
		return "✗", "\x1b[31m"
	case level >= slog.LevelWarn:
		return "!", "\x1b[33m"
	case level >= LevelExec:
		return "▶", "\x1b[36m"
	}
	return "✓", "\x1b[32m"
}
