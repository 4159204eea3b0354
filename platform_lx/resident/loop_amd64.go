//go:build linux

package resident

// magic begins what is handed over, so that nothing else is taken for it.
const magic = 0x31746e6564697372 // "rsident1"

// head is what the loop reads of it. loop_amd64.s has the layout from here.
type head struct {
	magic  uint64
	target int64    // whom signals are passed on to, as kill takes it
	stop   int64    // the signal that asks it to end
	wake   uint64   // the signals for which the program is executed again, number n as bit n-1
	all    uint64   // those, the ones that are passed on, and CHLD
	until  int64    // CLOCK_MONOTONIC, in nanoseconds, at which it is executed in any case; 0: never
	self   int64    // a descriptor of the program
	log    int64    // a descriptor for last words; -1: none
	pids   [8]int64 // the processes for whose end it is executed; 0 ends them
}

// entered is set by the loop's code when it goes on to Go's, with all signals
// blocked.
var entered bool

func entry()    // see package blocked
func handler()  // of signals; never called
func restorer() // what a handler would return to

// They are used by one another alone.
var _ = [...]func(){entry, handler, restorer}
