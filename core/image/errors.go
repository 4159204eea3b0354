package image

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
)

// What is wrong with an image's file, besides what the system says. All come
// wrapped, with the name that was asked for.
var (
	ErrNotRegular = errors.New("not a regular file")
	ErrTooLarge   = errors.New("too large")
	ErrLink       = errors.New("is reached through a symbolic link")
	ErrMagicLink  = errors.New("leads through a link of /proc that has no path")
	ErrChanged    = errors.New("changed while it was looked at")
)

// A notDirectory is something else where a directory is needed.
type notDirectory string

func (e notDirectory) Error() string        { return string(e) + " is not a directory" }
func (e notDirectory) Is(target error) bool { return target == syscall.ENOTDIR }

// A notRegular is something else where a regular file is needed.
type notRegular fs.FileMode

func (e notRegular) Error() string        { return "is " + kind(fs.FileMode(e)) + ", not a regular file" }
func (e notRegular) Is(target error) bool { return target == ErrNotRegular }

func kind(mode fs.FileMode) string {
	switch {
	case mode.IsDir():
		return "a directory"
	case mode&fs.ModeNamedPipe != 0:
		return "a FIFO"
	case mode&fs.ModeSocket != 0:
		return "a socket"
	case mode&fs.ModeDevice != 0:
		return "a device"
	case mode&fs.ModeSymlink != 0:
		return "a symbolic link"
	}
	return "something else"
}

// cause is what the system said, without the name of the handle's own: the
// caller says which of the image's names it was about.
func cause(err error) error {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return e.Err
	}
	if e, ok := errors.AsType[*os.LinkError](err); ok {
		return e.Err
	}
	return err
}
