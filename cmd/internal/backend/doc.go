// Package backend says which platform a binary has: one file a platform, chosen
// by build tags alone.
//
//	illumos.go  illumos && !fake           Init and Exec of platform_illumos
//	lx.go       linux && !fake             Init and Exec of platform_lx
//	fake.go     fake || !(illumos || linux)
//
// Init makes the platform of dockerinit, Exec that of dockerexec, which needs
// only the metadata and the processes of one. The fake has neither: its zone
// comes from a payload that somebody names on the command line, so it is made
// where that flag is, in the main file of the fake program.
//
// A new platform is one folder platform_NAME and one file here.
package backend
