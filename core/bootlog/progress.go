package bootlog

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"sync"
)

// Progress shows a person what a boot does: a line an action, with its
// duration. At a terminal the line is there while the action runs, and colours
// tell how it went; otherwise it is plain text.
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
		_, err := fmt.Fprintf(h.w, "  … %-11s %s", e.step, Escape(r.Message))
		return err
	}
	begin := ""
	if h.terminal {
		begin = "\r\x1b[K" // the announcement is written over
	}
	step := e.step
	if step == *h.shown {
		step = ""
	}
	*h.shown = e.step
	e.step = ""
	mark, colour := look(r.Level)
	text := e.text(r.Message)
	if r.Level == LevelFatal {
		text = fmt.Sprintf("code %d: %s", e.code, text)
	}
	if h.tint {
		mark = colour + mark + "\x1b[0m"
	}
	_, err := fmt.Fprintf(h.w, "%s  %s %-11s %s\n", begin, mark, step, Escape(text))
	return err
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
