package image

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"syscall"
)

// Open opens a regular file to read. Anything else there is ErrNotRegular; it
// is not opened, since opening alone can have effects on a device.
func (r *Root) Open(name string) (*os.File, error) {
	f, _, err := r.open(name)
	return f, err
}

// maxTries bounds how often a file is opened anew because it was replaced just
// then, as a program does that changes /etc/passwd in a running zone.
const maxTries = 100

func (r *Root) open(name string) (f *os.File, info fs.FileInfo, err error) {
	for range maxTries {
		if f, info, err = r.tryOpen(name); err == nil {
			return f, info, nil
		}
		if !errors.Is(err, ErrChanged) {
			break
		}
	}
	return nil, nil, &fs.PathError{Op: "open", Path: name, Err: err}
}

func (r *Root) tryOpen(name string) (*os.File, fs.FileInfo, error) {
	w := r.walk(true)
	defer w.close()
	if err := w.to(name); err != nil {
		return nil, nil, err
	}
	if !w.info.Mode().IsRegular() {
		return nil, nil, notRegular(w.info.Mode())
	}
	// What was a file a moment ago may be a FIFO or a terminal by now.
	f, err := w.dir().OpenFile(w.last, os.O_RDONLY|syscall.O_NONBLOCK|syscall.O_NOCTTY, 0)
	if err != nil {
		// ELOOP: a link was there when it was opened, and may be gone again.
		if now, e := w.dir().Lstat(w.last); e != nil || !os.SameFile(now, w.info) || errors.Is(err, syscall.ELOOP) {
			return nil, nil, ErrChanged
		}
		return nil, nil, cause(err)
	}
	info, err := f.Stat()
	if err == nil && os.SameFile(info, w.info) {
		return f, info, nil
	}
	_ = f.Close() // nothing was written
	if err == nil {
		err = ErrChanged
	}
	return nil, nil, cause(err)
}

// ReadFile is the content of a regular file of at most limit bytes. A larger
// one is ErrTooLarge, and one that grows is not read beyond that either.
func (r *Root) ReadFile(name string, limit int64) ([]byte, error) {
	f, info, err := r.open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if info.Size() > limit {
		return nil, &fs.PathError{Op: "read", Path: name, Err: ErrTooLarge}
	}
	var b bytes.Buffer
	b.Grow(int(info.Size()) + bytes.MinRead)
	n, err := b.ReadFrom(io.LimitReader(f, limit+1))
	if err != nil {
		return nil, &fs.PathError{Op: "read", Path: name, Err: cause(err)}
	}
	if n > limit {
		return nil, &fs.PathError{Op: "read", Path: name, Err: ErrTooLarge}
	}
	return b.Bytes(), nil
}
