// Package illumos is the platform of a zone that speaks to the illumos kernel and
// to the platform's own daemons: a native one, brand joyent-minimal, and an LX
// zone in which this program runs natively, from /native. Which of the two it is
// comes from sdc:brand; where the native programs are, from the kernel.
//
// There is one file for each interface of core.Platform. The packages below have
// one interface of illumos each, numbers and layouts for every system to test:
// rtsock (routes), lifreq (interfaces), ipadm (addresses), contract (processes);
// and libc, by which C libraries are called. Package agent is the way to the host.
package illumos
