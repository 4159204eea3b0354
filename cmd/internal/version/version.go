// Package version is what the programs answer to --version.
package version

// Version is set by the linker (see the Makefile): a tag, or the commit after it.
var Version = "devel"
