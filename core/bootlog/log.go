package bootlog

import (
	"fmt"
	"io"
	"sync"
	"time"
)

// memoryLimit bounds what is kept while there is no file. A boot writes a few
// kilobytes; the earliest lines are the ones worth keeping.
const memoryLimit = 64 << 10

// A Log is a logger whose text lines are kept in memory until they can be
// written to a file. Lines are buffered up to the next Flush, but for warnings
// and worse, which are written at once.
type Log struct {
	*Logger
	text *sink
}

// New makes a log whose lines also go to the other handlers.
func New(also ...Handler) *Log {
	s := &sink{}
	return &Log{NewLogger(append([]Handler{NewText(s)}, also...)...), s}
}

// To sends the text lines to w from now on, those in memory first.
func (l *Log) To(w io.Writer) error {
	l.text.mu.Lock()
	l.text.w = w
	l.text.mu.Unlock()
	return l.Flush()
}

// Plain writes a text that is no line of the log: its reader is not the log's. It is
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
