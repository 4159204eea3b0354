// Package resident is what is left of dockerinit while a command runs for which it
// stays as PID 1: one page of state and a loop of two system calls.
//
// A program in Go needs half a megabyte, five threads and two milliseconds
// before it does anything. So dockerinit begins (package blocked) with a few
// instructions, loop_amd64.s, which look whether this is to be the resident part,
// and otherwise go on to Go's own beginning. The resident part never starts
// Go: it reaps, passes on signals and waits, and when anything more is due (one
// of the processes that it was told has ended, a signal that takes a decision, a
// time that has come) it executes the program again, with what came:
//
//	dockerinit                    the boot, up to a command that runs
//	dockerinit resident FD        this loop; FD holds what to do, and all that its successor must know
//	dockerinit returned FD WORD   core/supervise goes on
//
// Nothing is lost on the way. As PID 1 all signals are blocked from the first
// instruction on, so that they wait in the kernel during an execve; who wants some
// opens them by signal.Notify, on the one thread that Go's runtime has for that.
// Children stay children, and the loop begins by reaping. It executes the program
// only where that gets the threads which it would die without.
//
// What it holds is in memory that has no name (or, in an LX zone, whose kernel
// has no such thing, in a file that has none any more); only root of this zone
// can look into it, as into any other memory of PID 1.
package resident
