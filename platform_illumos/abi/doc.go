// Package abi executes the unchanged illumos programs of this project on Linux,
// for tests only. The folder loader is a program in C that maps an illumos Go
// executable and binds what it imports to functions with illumos' numbers,
// structures and semantics. By hand:
//
//	gcc -g -O1 -fPIE -pie -rdynamic -mincoming-stack-boundary=3 \
//	    -fno-optimize-sibling-calls -fno-omit-frame-pointer \
//	    -o /tmp/loader platform_illumos/abi/loader/*.c -ldl -pthread
//	GOOS=illumos GOARCH=amd64 CGO_ENABLED=0 go build -o /tmp/mdata ./cmd/mdata
//	/tmp/loader /tmp/mdata ...
//
// A function that is not known ends the run with its name when it is called, with
// status 126. To add one, write il_NAME into the file of its duty.
//
// A zone is a root directory in namespaces of its own, in which the real
// dockerinit is PID 1, with a metadata socket and a console by the tests. What its
// kernel knows and Linux does not is one model for all of its processes, see
// loader/model.h: it refuses what the kernel would, is printed as text, and fails
// the calls that a test names: modelled ones by name, any other function of libc by
// a gate before it, which can also have it lie. What is executed in the zone is
// recorded as it is at that moment, see loader/executed.c.
//
// Each statement of platform_illumos is run by a test, as illumos' program: by boots,
// and by the platform's own tests for what no boot meets, such as an interface's name
// that core has refused before. make cover-illumos fails where one is not.
//
// What this cannot prove:
//   - A child of FORK_NOSIGCHLD sends no SIGCHLD to the program, but where the
//     program's handler is without SA_RESTART its death interrupts a call all the
//     same. FORK_WAITPID is refused.
//   - Only calls of libipadm are held to an aligned stack: load.c has the list.
//   - The network is interfaces, addresses and routes: no packet goes anywhere,
//     duplicate addresses are not looked for on the link, and what a DHCP server or
//     a router would say is the test's word, at once. Of libipadm there is what a
//     handle with and without IPH_LEGACY may do now (IPADM_OPT_ACTIVE), and nothing
//     that is kept; of doors, who serves them. ipmgmtd, in.ndpd and dhcpagent are
//     programs that start and end as those do: loader/net_daemons.c.
//   - Of mounts only tmpfs is a real one. A contract is told by who is in it, and
//     the end of a member ends nobody. The console's devices are FIFOs or a
//     terminal, which the loader shows as zfd devices; copying from one to another
//     is done by the tests, which have the other ends.
//   - Of control data only descriptors go with a message (SCM_RIGHTS), no
//     credentials. Event ports know descriptors, not files, timers or users.
//   - Without a model of a zone the interfaces are Linux's, and cannot be changed.
//   - A signal's frame has the floating-point state of FXSAVE; what newer processors
//     have beyond it is kept and not shown. Two of the real-time signals are never
//     sent, as Linux has fewer.
//   - A Linux program cannot execute an illumos one.
//   - Times, privileges and what a kernel does in a race are Linux's.
//
// What of this matters to an operator, and a script that asks a SmartOS machine, are
// in platform_illumos/verify.
//
// What holds the loader itself to the truth is in others_test.go: Go's own tests of
// what it stands on, those of x/sys, and a program of others, less a list of what
// fails. numbers_test.go compares illumos' numbers and structures with Go's. All of
// runtime's tests, with those that are too slow for every day, pass but
// TestLockRankGenerated, TestGdbPanic and TestGdbBacktrace, where Linux's go or gdb
// executes an illumos program:
//
//	GOOS=illumos GOARCH=amd64 CGO_ENABLED=0 go test -short -exec /tmp/loader runtime
//
// The loader adds a millisecond or two to a start.
package abi
