// Package ipadm is libipadm, by which an illumos zone's interfaces get their
// addresses. The names, numbers and words are here for every system; the calls,
// in calls.go, for illumos alone.
//
// The library speaks to ipmgmtd through a door. Without the daemon its calls
// answer IPCError.
package ipadm
