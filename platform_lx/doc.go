// Package lx is the platform of an LX-branded zone: Linux programs on the
// illumos kernel, which gives them Linux's system calls.
//
// There is one file for each interface of core.Platform. All of it works on the
// kernel of any Linux machine, if something gives it a zone's view of the world.
//
// What a Linux program cannot do in an LX zone is one clear error or warning, and
// nothing is passed over in silence: the network is not configured (errNative),
// the console is not copied for a log driver (console.Tee), the lock daemon of
// NFS volumes is not started (system.Mount). A native program can do all of it.
package lx
