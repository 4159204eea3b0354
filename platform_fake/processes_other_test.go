//go:build !linux

package fake

// dirty has no portable way to soil a process beyond what a shell can do.
func dirty() {}
