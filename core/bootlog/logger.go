package bootlog

import (
	"fmt"
	"strconv"
	"time"

	"dockerinit/core/exit"
)

// A Level tells how much a line matters.
type Level int

// LevelDebug announces what is about to be done, for a live display. LevelExec is
// the last line before the command takes over, LevelFatal the last line of a boot
// that failed.
const (
	LevelDebug Level = iota
	LevelInfo
	LevelExec
	LevelWarn
	LevelError
	LevelFatal
)

func (l Level) String() string {
	return [...]string{"DEBUG", "INFO", "EXEC", "WARN", "ERROR", "FATAL"}[l]
}

// A Line is what happened, as the handlers see it.
type Line struct {
	Time   time.Time
	Level  Level
	Step   string        // "": it belongs to none
	Number int           // of the action within its step, from 1
	What   string        // what was done, or what is to be said
	Took   time.Duration // of an action that has ended
	Timed  bool          // Took is meant
	Err    error         // why it failed
	Code   exit.Code     // of a FATAL line
	More   string        // further values, each as " key=value"
}

// An Attr sets a part of a line.
type Attr func(*Line)

// Step names the step that a line belongs to.
func Step(name string) Attr { return func(l *Line) { l.Step = name } }

// Number is the action's number within its step, from 1.
func Number(n int) Attr { return func(l *Line) { l.Number = n } }

// Took is how long the line's action took.
func Took(d time.Duration) Attr { return func(l *Line) { l.Took, l.Timed = d, true } }

// Error is why the line's action failed.
func Error(err error) Attr { return func(l *Line) { l.Err = err } }

// Code is the FATAL line's code.
func Code(c exit.Code) Attr { return func(l *Line) { l.Code = c } }

// Value is one more thing to tell, under a name. An error is the reason.
func Value(name string, value any) Attr {
	return func(l *Line) {
		switch v := value.(type) {
		case error:
			l.Err = v
		case string:
			l.More += " " + name + "=" + strconv.Quote(v)
		default:
			l.More += fmt.Sprintf(" %s=%v", name, v)
		}
	}
}

// A Handler does something with each line.
type Handler interface {
	// Enabled tells whether lines of the level are wanted at all.
	Enabled(level Level) bool
	Handle(line Line) error
}

// A Logger gives each line to its handlers. It is not log/slog's, which brings
// encoding/json and reflection with it, a tenth of a program that is read from disk
// at each start of a container.
type Logger struct {
	handlers []Handler
	attrs    []Attr // of each line
}

// NewLogger makes one with the handlers; without any it drops all lines.
func NewLogger(handlers ...Handler) *Logger { return &Logger{handlers: handlers} }

// With is a logger whose lines have the attributes too.
func (l *Logger) With(attrs ...Attr) *Logger {
	return &Logger{l.handlers, append(l.attrs[:len(l.attrs):len(l.attrs)], attrs...)}
}

// LogAttrs logs a line.
func (l *Logger) LogAttrs(level Level, what string, attrs ...Attr) {
	line := Line{Time: time.Now(), Level: level, What: what}
	for _, set := range l.attrs {
		set(&line)
	}
	for _, set := range attrs {
		set(&line)
	}
	for _, h := range l.handlers {
		if h.Enabled(level) {
			// A log that cannot be written is no reason not to boot.
			_ = h.Handle(line)
		}
	}
}

// Info logs what goes as it should.
func (l *Logger) Info(what string, attrs ...Attr) { l.LogAttrs(LevelInfo, what, attrs...) }

// Warn logs what was odd, and is gone on with.
func (l *Logger) Warn(what string, attrs ...Attr) { l.LogAttrs(LevelWarn, what, attrs...) }

// Error logs what has failed.
func (l *Logger) Error(what string, attrs ...Attr) { l.LogAttrs(LevelError, what, attrs...) }
