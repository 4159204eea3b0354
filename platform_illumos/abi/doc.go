// Package abi executes the unchanged illumos programs of this project on Linux,
// for tests only. The folder loader is a program in C that maps an illumos Go
// executable and binds what it imports to functions with illumos' numbers,
// structures and semantics. By hand:
//
//	gcc -g -O1 -Wall -fPIE -pie -rdynamic -mincoming-stack-boundary=3 \
//	    -fno-optimize-sibling-calls -fno-omit-frame-pointer \
//	    -o /tmp/loader platform_illumos/abi/loader/*.c -ldl -pthread
//	GOOS=illumos GOARCH=amd64 CGO_ENABLED=0 go build -o /tmp/mdata ./cmd/mdata
//	/tmp/loader /tmp/mdata ...
//
// A function that is not known ends the run with its name when it is called, with
// status 126. To add one, write il_NAME into the file of its duty.
//
// What this cannot prove: descriptors are not passed over sockets (no sendmsg), FORK_NOSIGCHLD is not honoured (every child posts
// SIGCHLD), the floating-point state is not in the signal frame, one event port
// is there for each process, and a stack misaligned in a library's call is not
// noticed. libipadm, mounts, contracts, doors, zones and zfd are not there.
// Times, privileges and what a real kernel does in a race are Linux's.
package abi
