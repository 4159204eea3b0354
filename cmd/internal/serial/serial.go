//go:build (linux || illumos) && !fake

package serial

import (
	"context"
	"errors"
	"io"
	"os"
	"time"

	"dockerinit/core/metadata"

	"golang.org/x/sys/unix"
)

// The line says that it is silent after this time: a tenth of a second,
// the unit of VTIME.
const silence = 100 * time.Millisecond

// A line is the host's end of a virtual machine's serial port. Its lock
// ends with it.
type line struct{ *os.File }

// Read waits on: a serial line that has nothing to say may read as its end.
func (l line) Read(p []byte) (int, error) {
	for {
		n, err := l.File.Read(p)
		if n > 0 || !errors.Is(err, io.EOF) {
			return n, err
		}
		time.Sleep(silence) // the deadline of the file ends this
	}
}

// Dial opens the line for this process alone, and waits for whoever has it.
func Dial(ctx context.Context, path string) (metadata.Conn, error) {
	fd, err := unix.Open(path, unix.O_RDWR|unix.O_EXCL|unix.O_NOCTTY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	switch {
	case errors.Is(err, unix.EAGAIN), errors.Is(err, unix.EBUSY), errors.Is(err, unix.EINTR):
		return nil, &os.PathError{Op: "open", Path: path, Err: err}
	case err != nil:
		return nil, metadata.Permanent(&os.PathError{Op: "open", Path: path, Err: err})
	}
	l := line{os.NewFile(uintptr(fd), path)}
	for _, step := range []struct {
		op string
		do func() error
	}{
		{"lock", func() error { return lock(ctx, fd) }},
		{"make raw", func() error { return makeRaw(fd) }},
		{"drain", func() error { return metadata.Drain(ctx, l, silence) }},
	} {
		if err := step.do(); err != nil {
			l.Close()
			return nil, &os.PathError{Op: step.op, Path: path, Err: err}
		}
	}
	return l, nil
}

// lock takes the lock over the whole file that all clients agree on. It
// asks again and again, because a wait in the kernel could not be ended.
func lock(ctx context.Context, fd int) error {
	whole := unix.Flock_t{Type: unix.F_WRLCK}
	return metadata.Again(ctx, func() (bool, error) {
		err := unix.FcntlFlock(uintptr(fd), unix.F_SETLK, &whole)
		if errors.Is(err, unix.EAGAIN) || errors.Is(err, unix.EACCES) || errors.Is(err, unix.EINTR) {
			return false, nil
		}
		return err == nil, err
	})
}

// makeRaw lets bytes pass as they are, and throws away what is waiting.
func makeRaw(fd int) error {
	t, err := unix.IoctlGetTermios(fd, unix.TCGETS)
	if err != nil {
		return err
	}
	t.Iflag &^= unix.BRKINT | unix.ICRNL | unix.INPCK | unix.ISTRIP | unix.IXON
	t.Oflag &^= unix.OPOST
	t.Cflag &^= unix.CSIZE | unix.HUPCL
	t.Cflag |= unix.CS8
	t.Lflag &^= unix.ECHO | unix.ICANON | unix.IEXTEN | unix.ISIG
	t.Cc[unix.VMIN] = 0
	t.Cc[unix.VTIME] = 1
	return unix.IoctlSetTermios(fd, unix.TCSETSF, t)
}
