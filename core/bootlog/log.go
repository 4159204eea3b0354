package bootlog

import (
	"fmt"
	"io"
	"log/slog"
	"sync"
	"time"

	"dockerinit/core/exit"
)

// Levels beyond slog's own. LevelExec is the last line before the command takes
// over, LevelFatal the last line of a boot that failed.
const (
	LevelExec  = slog.LevelInfo + 1
	LevelFatal = slog.LevelError + 4
)

// The attributes that the handlers know. Any other one is shown as key=value.
const (
	keyStep   = "step"
	keyNumber = "n"
	keyTook   = "took"
	keyError  = "err"
	keyCode   = "code"
)

// Step names the step that an event belongs to.
func Step(name string) slog.Attr { return slog.String(keyStep, name) }

// Number is the action's number within its step, from 1.
func Number(n int) slog.Attr { return slog.Int(keyNumber, n) }

// Took is how long the event's action took.
func Took(d time.Duration) slog.Attr { return slog.Duration(keyTook, d) }

// Error is why the event's action failed.
func Error(err error) slog.Attr { return slog.Any(keyError, err) }

// Code is the FATAL line's code.
func Code(c exit.Code) slog.Attr { return slog.Int(keyCode, int(c)) }

// memoryLimit bounds what is kept while there is no file. A boot writes a few
// kilobytes; the earliest lines are the ones worth keeping.
const memoryLimit = 64 << 10

// A Log is a logger whose text lines are kept in memory until they can be
// written to a file. Lines are buffered up to the next Flush, but for warnings
// and worse, which are written at once.
type Log struct {
	*slog.Logger
	text *sink
}

// New makes a log whose records also go to the other handlers.
func New(also ...slog.Handler) *Log {
	s := &sink{}
	return &Log{slog.New(slog.NewMultiHandler(append([]slog.Handler{NewText(s)}, also...)...)), s}
}

// To sends the text lines to w from now on, those in memory first.
func (l *Log) To(w io.Writer) error {
	l.text.mu.Lock()
	l.text.w = w
	l.text.mu.Unlock()
	return l.Flush()
}

// Plain writes a line that is no record: its reader is not the log's. It is
// escaped all the same.
func (l *Log) Plain(text string) {
	_, _ = l.text.Write(append(AppendEscaped(nil, Clip(text)), '\n'))
	_ = l.Flush()
}

// Flush writes what is buffered. Without a writer it stays in memory.
func (l *Log) Flush() error { return l.text.flush() }

// Kept tells whether the lines are in memory only: there is no file, or it
// refused a line.
func (l *Log) Kept() bool {
	l.text.mu.Lock()
	defer l.text.mu.Unlock()
	return l.text.w == nil
}

// A sink is the writer below the text handler.
type sink struct {
	mu      sync.Mutex
	w       io.Writer // nil: memory only
	pending []byte
	lost    int // lines that memory had no room for
}

func (s *sink) Write(line []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.w == nil && len(s.pending)+len(line) > memoryLimit {
		s.lost++
		return len(line), nil
	}
	s.pending = append(s.pending, line...)
	return len(line), nil
}

// flush gives up a file that refuses a write, because a full or read-only file
// system is no reason not to boot: what was pending stays in memory.
func (s *sink) flush() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.w == nil || len(s.pending) == 0 {
		return nil
	}
	if s.lost > 0 {
		s.pending = fmt.Appendf(s.pending, "%s WARN log: %d lines were lost before the file was open\n", stamp(time.Now()), s.lost)
		s.lost = 0
	}
	n, err := s.w.Write(s.pending)
	s.pending = s.pending[:copy(s.pending, s.pending[n:])]
	if err != nil {
		s.w = nil
	}
	return err
}
