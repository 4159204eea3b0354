// Package illumos is the platform of a native zone, brand joyent-minimal: it
// speaks to the illumos kernel and to the platform's own daemons.
//
// There is one file for each interface of core.Platform. What this version of
// the backend cannot do is one error that says so (see cannot), and the boot
// ends with it; nothing is passed over in silence. The metadata is done.
package illumos
