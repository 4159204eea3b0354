package image

import (
	"io/fs"
	"os"
	"path"
	"strings"
	"syscall"
)

// A Root is an image's root directory. It can be used by several goroutines.
type Root struct {
	dir  *os.Root
	name string
}

// Open opens the root of an image. The directory's own name is trusted, and may
// lead through links.
func Open(dir string) (*Root, error) {
	// "/." so that what is no directory is refused before it is opened.
	r, err := os.OpenRoot(path.Clean(dir) + "/.")
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: dir, Err: cause(err)}
	}
	return &Root{dir: r, name: path.Clean(dir)}, nil
}

// Close gives the root back. Closing again is no error.
func (r *Root) Close() error { return r.dir.Close() }

// Name is the directory that the root was opened by.
func (r *Root) Name() string { return r.name }

// Stat tells what is at name, and follows links.
//
// Where the root is "/", the kernel's own resolution cannot leave it, so one
// system call does: looking a command up in PATH does this a dozen times. It
// also sees what execve would see, through links of /proc and in directories
// that may be searched but not read.
func (r *Root) Stat(name string) (fs.FileInfo, error) {
	if r.name == "/" && name != "" {
		return os.Stat("/" + strings.TrimLeft(name, "/"))
	}
	return r.look("stat", name, true)
}

// Lstat tells what is at name, without following a link there. Links before
// the name's last part are followed.
func (r *Root) Lstat(name string) (fs.FileInfo, error) {
	return r.look("lstat", name, false)
}

func (r *Root) look(op, name string, follow bool) (fs.FileInfo, error) {
	w := r.walk(follow)
	defer w.close()
	if err := w.to(name); err != nil {
		return nil, &fs.PathError{Op: op, Path: name, Err: err}
	}
	return w.info, nil
}

// Resolve is the path within the root, free of links, of what is at name. It
// was so when it was looked at; who must be sure works on handles instead.
func (r *Root) Resolve(name string) (string, error) {
	w := r.walk(true)
	defer w.close()
	if err := w.to(name); err != nil {
		return "", &fs.PathError{Op: "resolve", Path: name, Err: err}
	}
	return w.path(), nil
}

// Owner tells whose a file is and how many names it has; not ok where the
// information does not come from a file system.
func Owner(info fs.FileInfo) (uid, gid uint32, links uint64, ok bool) {
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, 0, 0, false
	}
	return st.Uid, st.Gid, uint64(st.Nlink), true
}
