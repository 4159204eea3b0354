package bootlog

import (
	"io"
	"strconv"
	"sync"
	"time"
)

// Text writes the lines that operators and the host's agents read:
//
//	2006-01-02T15:04:05.000Z INFO nics: configure net0 10.0.0.5/24 (1.9ms)
//	2006-01-02T15:04:05.000Z FATAL (code: 29): docker:user "nobdy": no such user
//
// The host's agent takes dockerexec's lines apart with
// ^(\d+-\d+-\d+T\d+:\d+:\d+\.\d+Z) (.*)$, so that each is
// written with one call. sdc-cn-agent: lib/backends/smartos/lib/docker-stdio.js
type Text struct {
	w  io.Writer
	mu sync.Mutex
}

// NewText makes a handler that writes to w. A w with a method flush() error is
// flushed after every warning and worse.
func NewText(w io.Writer) *Text { return &Text{w: w} }

// Enabled leaves out what is below INFO: those lines are for a live display.
func (h *Text) Enabled(level Level) bool { return level >= LevelInfo }

// Handle writes the line.
func (h *Text) Handle(l Line) error {
	line := append(make([]byte, 0, 160), stamp(l.Time)...)
	line = append(line, ' ')
	line = append(line, l.Level.String()...)
	if l.Level == LevelFatal {
		line = append(line, " (code: "...)
		line = strconv.AppendInt(line, int64(l.Code), 10)
		line = append(line, "):"...)
	}
	if text := l.text(); text != "" {
		line = append(line, ' ')
		line = AppendEscaped(line, text)
	}
	line = append(line, '\n')

	h.mu.Lock()
	defer h.mu.Unlock()
	_, err := h.w.Write(line)
	if f, ok := h.w.(interface{ flush() error }); ok && l.Level >= LevelWarn && err == nil {
		return f.flush()
	}
	return err
}

// text is "step: what: error key=value (1.9ms)", of these what there is, and of a
// long one its ends.
func (l Line) text() string {
	s := l.What
	if l.Step != "" {
		s = l.Step + ": " + s
	}
	if l.Err != nil {
		s += ": " + l.Err.Error()
	}
	s += l.More
	if l.Timed {
		s += " (" + Duration(l.Took) + ")"
	}
	return Clip(s)
}

// Duration is d with the digits that a reader can use: 1.9ms, 340µs, 12s.
func Duration(d time.Duration) string {
	switch {
	case d >= 10*time.Second:
		d = d.Round(time.Second)
	case d >= time.Second:
		d = d.Round(100 * time.Millisecond)
	case d >= 10*time.Millisecond:
		d = d.Round(time.Millisecond)
	case d >= time.Millisecond:
		d = d.Round(100 * time.Microsecond)
	default:
		d = d.Round(time.Microsecond)
	}
	return d.String()
}

// stamp is always 24 bytes: UTC with milliseconds.
func stamp(t time.Time) string { return t.UTC().Format(stampLayout) }

const stampLayout = "2006-01-02T15:04:05.000Z"
