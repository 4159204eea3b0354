// Package bootlog writes down what a boot does: one line an event, for an
// operator who knows the zone and not this code.
//
// Log is a slog.Logger whose text goes to the log file, and before there is a
// file into memory. Text renders a line, Progress shows the steps live at a
// terminal, Recorder keeps them for a JSON document; all three are slog
// handlers and see the same records. The attributes that carry a meaning are
// made by Step, Number, Took, Error and Code. Parse reads the text back.
//
// A value from outside can never start a new line or a terminal escape: Escape
// stands below every handler, whatever its caller forgot to quote.
package bootlog
