package bootlog

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// A Record is one boot as data, for programs.
type Record struct {
	Version string        `json:"version"`
	Time    time.Time     `json:"time"` // of the first event
	Outcome string        `json:"outcome"`
	Code    int           `json:"code,omitempty"` // of a boot that failed
	Text    string        `json:"text,omitempty"` // why
	Took    time.Duration `json:"took_ns"`
	Events  []Event       `json:"events"`
}

// The outcomes of a Record.
const (
	OutcomeExec   = "exec"   // the command took over
	OutcomeFailed = "failed" // a FATAL line ended the boot
	OutcomeOpen   = "open"   // neither was seen
)

// An Event is one line of the log, taken apart.
type Event struct {
	After  time.Duration `json:"after_ns"` // since the first event
	Level  string        `json:"level"`
	Step   string        `json:"step,omitempty"`
	Action int           `json:"action,omitempty"` // its number within the step, from 1
	What   string        `json:"what"`
	Error  string        `json:"error,omitempty"`
	Took   time.Duration `json:"took_ns,omitempty"`
}

// A Recorder keeps a boot's events. It is a slog.Handler.
type Recorder struct {
	mu     *sync.Mutex
	record *Record
	attrs  []slog.Attr
}

// NewRecorder makes one for a program of the given version.
func NewRecorder(version string) *Recorder {
	return &Recorder{mu: new(sync.Mutex), record: &Record{Version: version, Outcome: OutcomeOpen}}
}

// Enabled is as the text's: what the log does not show is not recorded.
func (h *Recorder) Enabled(_ context.Context, level slog.Level) bool { return level >= slog.LevelInfo }

// WithAttrs gives a handler that adds the attributes to every record.
func (h *Recorder) WithAttrs(attrs []slog.Attr) slog.Handler {
	h2 := *h
	h2.attrs = append(h.attrs[:len(h.attrs):len(h.attrs)], attrs...)
	return &h2
}

// WithGroup changes nothing.
func (h *Recorder) WithGroup(string) slog.Handler { return h }

// Handle keeps the event.
func (h *Recorder) Handle(_ context.Context, r slog.Record) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	rec := h.record
	if rec.Time.IsZero() {
		rec.Time = r.Time
	}
	e := read(r, h.attrs)
	kept := Event{
		After: r.Time.Sub(rec.Time), Level: levelName(r.Level),
		Step: e.step, Action: e.n, What: Escape(Clip(r.Message)), Took: e.took,
	}
	if e.err != nil {
		kept.Error = Escape(Clip(e.err.Error()))
	}
	rec.Events = append(rec.Events, kept)
	rec.Took = kept.After
	switch r.Level {
	case LevelExec:
		rec.Outcome = OutcomeExec
	case LevelFatal:
		rec.Outcome, rec.Code, rec.Text = OutcomeFailed, e.code, kept.What
	}
	return nil
}

// Record is the boot so far.
func (h *Recorder) Record() Record {
	h.mu.Lock()
	defer h.mu.Unlock()
	r := *h.record
	r.Events = append([]Event(nil), r.Events...)
	return r
}
