package metadata

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"time"
)

// A Conn is a connection to the host. A unix socket, a pipe of package net, and
// a serial line opened non-blocking as an *os.File are all of this kind.
type Conn interface {
	io.ReadWriteCloser
	SetReadDeadline(time.Time) error
	SetWriteDeadline(time.Time) error
}

// A Dial makes a connection. It is called again and again while it fails, unless
// its error is Permanent or a lack of permission, and has to end when ctx does.
type Dial func(ctx context.Context) (Conn, error)

// Permanent marks an error of a Dial that trying again does not mend.
func Permanent(err error) error { return &permanentError{err} }

type permanentError struct{ err error }

func (e *permanentError) Error() string { return e.err.Error() }
func (e *permanentError) Unwrap() error { return e.err }

func isPermanent(err error) bool {
	_, marked := errors.AsType[*permanentError](err)
	return marked || errors.Is(err, fs.ErrPermission)
}

// Sockets calls try with each path that is a socket by itself, a symbolic link
// to one does not count, until one succeeds. A path that fails does not hide
// those behind it: what an image planted must not keep a zone from its host.
func Sockets(paths []string, try func(path string) (Conn, error)) (Conn, error) {
	var causes error
	for _, path := range paths {
		info, err := os.Lstat(path)
		if err != nil {
			continue
		}
		if info.Mode().Type() != fs.ModeSocket {
			causes = and(causes, fmt.Errorf("%s: not a socket", path))
			continue
		}
		conn, err := try(path)
		if err == nil {
			return conn, nil
		}
		causes = and(causes, fmt.Errorf("%s: %w", path, err))
	}
	if causes == nil {
		return nil, fmt.Errorf("no metadata socket is there: looked for %s", strings.Join(paths, ", "))
	}
	return nil, causes
}

// and puts two causes into one line.
func and(a, b error) error {
	if a == nil {
		return b
	}
	return fmt.Errorf("%w; %w", a, b)
}

// Drain reads and throws away what is pending on a serial line, until it has
// been silent for quiet: another client may have been interrupted in the middle
// of an answer. It gives up when ctx ends.
func Drain(ctx context.Context, conn Conn, quiet time.Duration) error {
	buf := make([]byte, 4096)
	for ctx.Err() == nil {
		if err := conn.SetReadDeadline(time.Now().Add(quiet)); err != nil {
			return err
		}
		n, err := conn.Read(buf)
		if n == 0 && errors.Is(err, os.ErrDeadlineExceeded) {
			return conn.SetReadDeadline(time.Time{})
		}
		if err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
			return err
		}
	}
	return ctx.Err()
}

// Again calls try until it says that it is done, with pauses that grow from half
// a millisecond to a quarter of the time waited, 50 ms at most.
func Again(ctx context.Context, try func() (done bool, err error)) error {
	begun := time.Now()
	for {
		if done, err := try(); done || err != nil {
			return err
		}
		if err := sleep(ctx, pause(time.Since(begun))); err != nil {
			return err
		}
	}
}

// pause is how long to wait before the next try, by how long it has been already.
func pause(waited time.Duration) time.Duration {
	return min(max(waited/4, 500*time.Microsecond), 50*time.Millisecond)
}

func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
