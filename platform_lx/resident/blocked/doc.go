// Package blocked is where a dockerinit begins that has a resident part. Only what
// imports it can, by the tag resident and the linker's flags in the Makefile.
//
// A signal must wait while one program follows another in PID 1. Go's runtime
// leaves blocked what it finds blocked, but not those that end a program or tell
// of its own mistakes: TERM, INT, HUP and QUIT among them. Before a program has
// called signal.Notify it ends by them. So its table of signals is told, before
// it begins, that these are as all others; that table is the runtime's own, which
// is why the linker has to be asked (-checklinkname=0) to let it be touched. What
// is a mistake of the program's own stays one.
package blocked
