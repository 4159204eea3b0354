package bootlog

import (
	"context"
	"io"
	"log/slog"
	"strconv"
	"sync"
	"time"
)

// Text writes records as the lines that operators and the host's agents read:
//
//	2006-01-02T15:04:05.000Z INFO nics: configure net0 10.0.0.5/24 (1.9ms)
//	2006-01-02T15:04:05.000Z FATAL (code: 29): docker:user "nobdy": no such user
//
// The host's agent takes dockerexec's lines apart with
// ^(\d+-\d+-\d+T\d+:\d+:\d+\.\d+Z) (.*)$, so that a record is exactly one line,
// written with one call. sdc-cn-agent: lib/backends/smartos/lib/docker-stdio.js
type Text struct {
	w     io.Writer
	mu    *sync.Mutex
	attrs []slog.Attr
}

// NewText makes a handler that writes to w. A w with a method flush() error is
// flushed after every warning and worse.
func NewText(w io.Writer) *Text { return &Text{w: w, mu: new(sync.Mutex)} }

// Enabled leaves out what is below INFO: those records are for a live display.
func (h *Text) Enabled(_ context.Context, level slog.Level) bool { return level >= slog.LevelInfo }

// WithAttrs gives a handler that adds the attributes to every record.
func (h *Text) WithAttrs(attrs []slog.Attr) slog.Handler {
	h2 := *h
	h2.attrs = append(h.attrs[:len(h.attrs):len(h.attrs)], attrs...)
	return &h2
}

// WithGroup changes nothing: a line has no groups.
func (h *Text) WithGroup(string) slog.Handler { return h }

// Handle writes the record's line.
func (h *Text) Handle(_ context.Context, r slog.Record) error {
	line := append(make([]byte, 0, 160), stamp(r.Time)...)
	line = append(line, ' ')
	line = append(line, levelName(r.Level)...)
	e := read(r, h.attrs)
	if r.Level == LevelFatal {
		line = append(line, " (code: "...)
		line = strconv.AppendInt(line, int64(e.code), 10)
		line = append(line, "):"...)
	}
	if text := e.text(r.Message); text != "" {
		line = append(line, ' ')
		line = AppendEscaped(line, text)
	}
	line = append(line, '\n')

	h.mu.Lock()
	defer h.mu.Unlock()
	_, err := h.w.Write(line)
	if f, ok := h.w.(interface{ flush() error }); ok && r.Level >= slog.LevelWarn && err == nil {
		return f.flush()
	}
	return err
}

// An event is what the handlers know of a record.
type event struct {
	step  string
	n     int
	took  time.Duration
	timed bool
	err   error
	code  int
	extra []slog.Attr
}

func read(r slog.Record, more []slog.Attr) event {
	var e event
	take := func(a slog.Attr) bool {
		switch a.Key {
		case keyStep:
			e.step = a.Value.String()
		case keyNumber:
			e.n = int(a.Value.Int64())
		case keyTook:
			e.took, e.timed = a.Value.Duration(), true
		case keyError:
			e.err, _ = a.Value.Any().(error)
		case keyCode:
			e.code = int(a.Value.Int64())
		default:
			e.extra = append(e.extra, a)
		}
		return true
	}
	for _, a := range more {
		take(a)
	}
	r.Attrs(take)
	return e
}

// text is "step: message: error key=value (1.9ms)", of these what there is,
// and of a long one its ends.
func (e event) text(message string) string {
	s := message
	if e.step != "" {
		s = e.step + ": " + s
	}
	if e.err != nil {
		s += ": " + e.err.Error()
	}
	for _, a := range e.extra {
		value := a.Value.Resolve().String()
		if a.Value.Kind() == slog.KindString {
			value = strconv.Quote(value)
		}
		s += " " + a.Key + "=" + value
	}
	if e.timed {
		s += " (" + Duration(e.took) + ")"
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

func levelName(l slog.Level) string {
	switch {
	case l >= LevelFatal:
		return "FATAL"
	case l >= slog.LevelError:
		return "ERROR"
	case l >= slog.LevelWarn:
		return "WARN"
	case l >= LevelExec:
		return "EXEC"
	case l >= slog.LevelInfo:
		return "INFO"
	}
	return "DEBUG"
}
