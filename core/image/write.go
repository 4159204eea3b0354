package image

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strings"
	"syscall"
)

// MakeDirectory is MkdirAll for who needs one directory of an image, and no more.
func MakeDirectory(root, name string) error {
	r, err := Open(root)
	if err != nil {
		return err
	}
	defer r.Close()
	_, err = r.MkdirAll(name, 0o755)
	return err
}

// MkdirAll makes the directory name with its parents, where they are missing,
// through links inside the root. What exists is left as it is. It returns what
// it made, also when it fails halfway. Mode is cut by the umask.
func (r *Root) MkdirAll(name string, mode fs.FileMode) (made []string, err error) {
	w := r.walk(true)
	w.create = mode
	defer w.close()
	if err := w.to(name); err != nil {
		return w.made, wrap("mkdir", name, err)
	}
	return w.made, nil
}

// CreateLog makes an empty file that only its owner can read, and puts it in
// the place of whatever name was: a file of the image, a link, a FIFO. None of
// these is opened or followed. Missing parents are made; a link among them is
// ErrLink, and a directory at name is an error.
func (r *Root) CreateLog(name string) (f *os.File, err error) {
	defer func() { err = wrap("create", name, err) }()
	dir, base := path.Split(path.Clean("/" + name))
	w := r.walk(false)
	w.strict, w.create = true, 0o755
	defer w.close()
	if err := w.to(dir); err != nil {
		return nil, err
	}
	err = replace(w.dir(), base, func(temporary string) (err error) {
		f, err = w.dir().OpenFile(temporary, os.O_WRONLY|os.O_APPEND|os.O_CREATE|os.O_EXCL, 0o600)
		return err
	})
	if f == nil {
		return nil, err
	}
	if err == nil {
		err = ours(w.dir(), base, f)
	}
	if err != nil {
		_ = f.Close() // it is empty
		return nil, err
	}
	return f, nil
}

// WriteFile puts a file with the content in the place of whatever name was, in one
// step: a file of the image, a link, a FIFO, none of which is opened or followed.
// Missing parents are made; a link among them is ErrLink, and a directory at name
// is an error. Mode is not cut by the umask.
func (r *Root) WriteFile(name string, content []byte, mode fs.FileMode) (err error) {
	defer func() { err = wrap("write", name, err) }()
	dir, base := path.Split(path.Clean("/" + name))
	w := r.walk(false)
	w.strict, w.create = true, 0o755
	defer w.close()
	if err := w.to(dir); err != nil {
		return err
	}
	return replace(w.dir(), base, func(temporary string) error {
		f, err := w.dir().OpenFile(temporary, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if err != nil {
			return err
		}
		_, err = f.Write(content)
		if err = errors.Join(err, f.Chmod(mode), f.Close()); err != nil {
			_ = w.dir().Remove(temporary) // the error above is the one to tell
		}
		return err
	})
}

// ours makes sure that the file at base is f, and that nobody else can read it:
// an inherited access control list may have given more than was asked for.
func ours(dir *os.Root, base string, f *os.File) error {
	if err := f.Chmod(0o600); err != nil {
		return err
	}
	there, err := dir.Lstat(base)
	if err != nil {
		return err
	}
	if mine, err := f.Stat(); err != nil || !os.SameFile(mine, there) {
		return ErrChanged
	}
	return nil
}

// Rename gives the file from in dir the name to. A link in dir is ErrLink, an
// absent file or dir fs.ErrNotExist, a directory at the new name an error.
func (r *Root) Rename(dir, from, to string) error {
	name := path.Join(dir, from)
	if strings.Contains(from+to, "/") {
		return wrap("rename", name, syscall.EINVAL)
	}
	w := r.walk(false)
	w.strict = true
	defer w.close()
	// "/." so that the walk ends in the directory.
	if err := w.to(dir + "/."); err != nil {
		return wrap("rename", name, err)
	}
	if err := w.dir().Rename(from, to); err != nil {
		return wrap("rename", name, fmt.Errorf("to %s: %w", to, cause(err)))
	}
	return nil
}

// EnsureSymlink makes name a link to target, and tells whether it had to. What
// was there is replaced in one step. A link among the parents is ErrLink, a
// directory at name an error.
func (r *Root) EnsureSymlink(name, target string) (changed bool, err error) {
	defer func() { err = wrap("link", name, err) }()
	dir, base := path.Split(path.Clean("/" + name))
	w := r.walk(false)
	w.strict = true
	defer w.close()
	if err := w.to(dir); err != nil {
		return false, err
	}
	if now, err := w.dir().Readlink(base); err == nil && now == target {
		return false, nil
	}
	err = replace(w.dir(), base, func(temporary string) error {
		return w.dir().Symlink(target, temporary)
	})
	return err == nil, err
}

// replace lets make make something under a temporary name in dir, and moves it
// to base.
func replace(dir *os.Root, base string, make func(temporary string) error) error {
	if base == "" {
		return syscall.EISDIR
	}
	if there, err := dir.Lstat(base); err == nil && there.IsDir() {
		return syscall.EISDIR
	}
	temporary := "." + base + ".new"
	// What a boot that was cut off has left, or the image has put in the way. If
	// it cannot be removed, make says what is wrong.
	_ = dir.Remove(temporary)
	if err := make(temporary); err != nil {
		return cause(err)
	}
	if err := dir.Rename(temporary, base); err != nil {
		_ = dir.Remove(temporary) // the error above is the one to tell
		return cause(err)
	}
	return nil
}

// wrap names the operation and the image's file; a notDirectory names its own.
func wrap(op, name string, err error) error {
	if err == nil {
		return nil
	}
	if e, ok := errors.AsType[notDirectory](err); ok {
		return e
	}
	return &fs.PathError{Op: op, Path: name, Err: err}
}
