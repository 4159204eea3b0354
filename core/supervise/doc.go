// Package supervise stays as PID 1 while the command runs as its child: it
// forwards signals, has everything reaped, stops the command when the host asks
// for it, starts it again where docker:init_restart says so, and ends as the
// command ends.
//
// While nothing is to be done but to reap and to pass signals on, an OS that can
// (RestingOS) does that with next to nothing of this program in memory; another
// run of it goes on when there is more.
//
// It is a loop with one place that waits. What it needs of an operating system
// is the interface OS; it knows neither the boot nor the host.
package supervise
