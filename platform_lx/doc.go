// Package lx is the platform of an LX-branded zone: Linux programs on the
// illumos kernel, which gives them Linux's system calls.
//
// There is one file for each interface of core.Platform. All of it works on the
// kernel of any Linux machine, if something gives it a zone's view of the world.
//
// The network alone has two ways, between which the kernel decides (Stack):
// package rtnl tells a kernel that is really Linux's, and package native has an LX
// zone's native tools do it. Package lxkernel is an LX kernel for tests.
//
// What a Linux program cannot do in an LX zone is one clear error or warning, and
// nothing is passed over in silence: the console is not copied for a log driver
// (console.Tee), the lock daemon of NFS volumes is not started (system.Mount). A
// native program can do both.
package lx
