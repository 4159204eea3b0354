// Package terminal tells whether somebody sits at the other end of a file.
package terminal

import "os"

// Is takes a character device for a terminal, but for /dev/null. That is wrong
// for devices that nobody gives a program for its stdio, and needs no call that
// differs between systems.
func Is(f *os.File) bool {
	info, err := f.Stat()
	if err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return false
	}
	null, err := os.Stat(os.DevNull)
	return err != nil || !os.SameFile(info, null)
}
