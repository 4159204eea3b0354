// Package lx is the platform of an LX-branded zone: Linux programs on the
// illumos kernel, which gives them Linux's system calls.
//
// There is one file for each interface of core.Platform. What this version of
// the backend cannot do is one error that says so (see cannot), and the boot
// ends with it; nothing is passed over in silence. Done are the metadata, the
// hostname, tmpfs, and to become the command, so that dockerexec works.
package lx
