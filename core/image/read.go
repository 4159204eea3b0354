package image

import (
	"bytes"
	"io"
	"io/fs"
	"os"
	"syscall"
)

// Open opens a regular file to read. Anything else there is ErrNotRegular; it
// is not opened, since opening alone can have effects on a device.
func (r *Root) Open(name string) (*os.File, error) {
	f, err := r.open(name)
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: err}
	}
	return f, nil
}

func (r *Root) open(name string) (*os.File, error) {
	w := r.walk(true)
	defer w.close()
	if err := w.to(name); err != nil {
		return nil, err
	}
	if !w.info.Mode().IsRegular() {
		return nil, notRegular(w.info.Mode())
	}
	// What was a file a moment ago may be a FIFO or a terminal by now.
	f, err := w.dir().OpenFile(w.last, os.O_RDONLY|syscall.O_NONBLOCK|syscall.O_NOCTTY, 0)
	if err != nil {
		return nil, cause(err)
	}
	got, err := f.Stat()
	switch {
	case err != nil:
	case !got.Mode().IsRegular():
		err = notRegular(got.Mode())
	case !os.SameFile(got, w.info):
		err = ErrChanged
	default:
		return f, nil
	}
	_ = f.Close() // nothing was written
	return nil, cause(err)
}

// ReadFile is the content of a regular file of at most limit bytes. A larger
// one is ErrTooLarge, and one that grows is not read beyond that either.
func (r *Root) ReadFile(name string, limit int64) ([]byte, error) {
	f, err := r.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, &fs.PathError{Op: "read", Path: name, Err: cause(err)}
	}
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
