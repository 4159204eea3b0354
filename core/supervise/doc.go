// Package supervise stays as PID 1 while the command runs as its child: it
// forwards signals, has everything reaped, stops the command when the host asks
// for it, starts it again where docker:init_restart says so, and ends as the
// command ends.
//
// It is a loop with one place that waits. What it needs of an operating system
// is the interface OS; it knows neither the boot nor the host.
package supervise
