// Package lxkernel is, for tests, the kernel of an LX zone as a Linux program
// meets it, and the native tools beside it. Programs run on it unchanged: a filter
// of system calls (seccomp) refuses what LX does not have and leaves the calls in
// which it differs to this package.
//
//   - uname says what LX says.
//   - Sockets of netlink are served here: lists, and a refusal of everything else
//     with illumos' number, in LX's framing.
//   - A call that LX does not have does not exist, and what it refuses of others is
//     refused.
//   - /native has tools (Tools) that are as strict about their arguments as the real
//     ones, and change what netlink lists.
//
// Two things are narrower than a zone: a netlink socket takes sendto and recvfrom,
// and not sendmsg and recvmsg, and it never blocks, since all answers are there
// when a request has been sent.
package lxkernel
