package bootlog

import (
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

// A Recorder keeps a boot's events.
type Recorder struct {
	mu     sync.Mutex
	record Record
}

// NewRecorder makes one for a program of the given version.
func NewRecorder(version string) *Recorder {
	return &Recorder{record: Record{Version: version, Outcome: OutcomeOpen}}
}

// Enabled is as the text's: what the log does not show is not recorded.
func (h *Recorder) Enabled(level Level) bool { return level >= LevelInfo }

// Handle keeps the event.
func (h *Recorder) Handle(l Line) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	rec := &h.record
	if rec.Time.IsZero() {
		rec.Time = l.Time
	}
	kept := Event{
		After: l.Time.Sub(rec.Time), Level: l.Level.String(),
		Step: l.Step, Action: l.Number, What: Escape(Clip(l.What)), Took: l.Took,
	}
	if l.Err != nil {
		kept.Error = Escape(Clip(l.Err.Error()))
	}
	rec.Events = append(rec.Events, kept)
	rec.Took = kept.After
	switch l.Level {
	case LevelExec:
		rec.Outcome = OutcomeExec
	case LevelFatal:
		rec.Outcome, rec.Code, rec.Text = OutcomeFailed, int(l.Code), kept.What
	}
	return nil
}

// Record is the boot so far.
func (h *Recorder) Record() Record {
	h.mu.Lock()
	defer h.mu.Unlock()
	r := h.record
	r.Events = append([]Event(nil), r.Events...)
	return r
}
