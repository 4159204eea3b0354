// Package backend says which platform a binary has: one file a platform, chosen
// by build tags alone.
//
//	illumos.go  illumos && !fake           platform_illumos
//	lx.go       linux && !fake             platform_lx
//	fake.go     fake || !(illumos || linux)
//
// What is here is the name, and Exec, the platform of dockerexec, which needs the
// metadata and to execute. Two packages below have the same files: whole makes
// the whole platform that dockerinit boots on, host is mdata's way to the host,
// also from a virtual machine. They are apart because a program links all that
// its packages import, and who only executes a command shall not start with the
// network's code.
//
// The fake has neither: its zone comes from a payload that somebody names on the
// command line, so it is made where that flag is, in the main file of the fake
// program.
//
// A new platform is one folder platform_NAME and one file here, in whole and in host.
package backend
