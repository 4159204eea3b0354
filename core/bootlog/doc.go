// Package bootlog writes down what a boot does: one line an event, for an
// operator who knows the zone and not this code.
//
// Log is a Logger whose text goes to the log file, and before there is a file
// into memory. Text renders a Line, Progress shows the steps live at a terminal,
// Recorder keeps them for a JSON document; all three are handlers and see the same
// lines. Parse reads the text back.
//
// A value from outside can never start a new line or a terminal escape: Escape
// stands below every handler, whatever its caller forgot to quote.
package bootlog
