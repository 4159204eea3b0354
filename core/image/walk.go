package image

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"syscall"
)

// Bounds of one walk. 40 links are Linux's own limit; the others keep a hostile
// forest of links from costing time or descriptors.
const (
	maxLinks = 40
	maxDepth = 128
	maxSteps = 4096
)

// A walk goes down from the root to a name, one part at a time. Its directories
// are those it is in, from the one below the root down, each held open: ".."
// goes back to the one it came from, wherever that has been moved meanwhile.
type walk struct {
	root *os.Root
	dirs []opened

	follow  bool        // a link in the name's last part
	strict  bool        // no links at all: one is ErrLink
	create  fs.FileMode // make what is missing, with this mode; 0: it is an error
	made    []string    // what was made
	rest    []string    // what is still to be walked, the next part last
	links   int
	steps   int
	changes int

	// Where it ended: a name in the last directory, "." for that directory.
	last string
	info fs.FileInfo
}

type opened struct {
	name string
	*os.Root
}

func (r *Root) walk(follow bool) *walk { return &walk{root: r.dir, follow: follow} }

func (w *walk) close() { w.up(0) }

// up goes back to depth n.
func (w *walk) up(n int) {
	for _, d := range w.dirs[n:] {
		_ = d.Close() // it was only read through
	}
	w.dirs = w.dirs[:n]
}

func (w *walk) dir() *os.Root {
	if len(w.dirs) == 0 {
		return w.root
	}
	return w.dirs[len(w.dirs)-1].Root
}

// path is where the walk has ended: free of links, from the root.
func (w *walk) path() string { return w.join(w.last) }

// join is the path of a name in the directory that the walk is in.
func (w *walk) join(name string) string {
	var b strings.Builder
	for _, d := range w.dirs {
		b.WriteString("/" + d.name)
	}
	return path.Join("/", b.String(), name)
}

// to walks to name. On success last and info say what is there.
func (w *walk) to(name string) error {
	if name == "" {
		return syscall.ENOENT
	}
	w.push(name)
	for len(w.rest) > 0 {
		if w.steps++; w.steps > maxSteps || len(w.rest) > maxSteps {
			return syscall.ENAMETOOLONG
		}
		part := w.rest[len(w.rest)-1]
		w.rest = w.rest[:len(w.rest)-1]
		switch part {
		case "", ".":
		case "..":
			w.up(max(len(w.dirs)-1, 0))
		default:
			done, err := w.step(part)
			if done || err != nil {
				return err
			}
		}
	}
	w.last = "."
	info, err := w.dir().Stat(".")
	w.info = info
	return cause(err)
}

// push puts a name's parts before what is still to be walked. A slash at the
// end asks for a directory.
func (w *walk) push(name string) {
	parts := strings.Split(name, "/")
	if parts[len(parts)-1] == "" {
		parts[len(parts)-1] = "."
	}
	slices.Reverse(parts)
	w.rest = append(w.rest, parts...)
}

// step takes one part; done tells that it was the last.
func (w *walk) step(part string) (done bool, err error) {
	info, err := w.dir().Lstat(part)
	if errors.Is(err, fs.ErrNotExist) && w.create != 0 {
		return false, w.mkdir(part)
	}
	if err != nil {
		return false, cause(err)
	}
	last := len(w.rest) == 0
	link := info.Mode()&fs.ModeSymlink != 0
	switch {
	case link && last && !w.follow, last && !link && w.create == 0:
		w.last, w.info = part, info
		return true, nil
	case link:
		return false, w.readlink(part)
	case !info.IsDir():
		return false, notDirectory(w.join(part))
	}
	return false, w.enter(part, info)
}

// readlink puts a link's target in its place. An absolute one starts again at
// the root.
func (w *walk) readlink(part string) error {
	if w.strict {
		return ErrLink
	}
	if w.inProcess() {
		return ErrMagicLink
	}
	if w.links++; w.links > maxLinks {
		return syscall.ELOOP
	}
	target, err := w.dir().Readlink(part)
	if errors.Is(err, syscall.EINVAL) {
		return w.again(part) // no link any more
	}
	if err != nil {
		return cause(err)
	}
	if target == "" {
		return syscall.ENOENT
	}
	if strings.HasPrefix(target, "/") {
		w.up(0)
	}
	w.push(target)
	return nil
}

// enter opens the directory that was seen at part, and makes sure that it is
// the one it opened: meanwhile it may have become a link or something else.
func (w *walk) enter(part string, seen fs.FileInfo) error {
	if len(w.dirs) >= maxDepth {
		return syscall.ENAMETOOLONG
	}
	if w.inProcess() && hasNoPath(part) {
		return ErrMagicLink
	}
	// "/." makes the system insist on a directory: a FIFO would be waited for.
	dir, err := w.dir().OpenRoot(part + "/.")
	if err != nil {
		if now, e := w.dir().Lstat(part); e != nil || !os.SameFile(now, seen) {
			return w.again(part)
		}
		return cause(err)
	}
	got, err := dir.Stat(".")
	if err != nil || !os.SameFile(got, seen) {
		_ = dir.Close()
		return w.again(part)
	}
	w.dirs = append(w.dirs, opened{part, dir})
	return nil
}

// mkdir makes a directory at part and leaves entering it to the next step,
// which judges whatever is there by then.
func (w *walk) mkdir(part string) error {
	err := w.dir().Mkdir(part, w.create)
	if err == nil {
		w.made = append(w.made, w.join(part))
	} else if !errors.Is(err, fs.ErrExist) {
		return cause(err)
	}
	return w.again(part)
}

// again takes a part once more, because what is there has changed.
func (w *walk) again(part string) error {
	if w.changes++; w.changes > maxSteps/2 {
		return ErrChanged
	}
	w.rest = append(w.rest, part)
	return nil
}

// inProcess tells whether the walk is in a process's directory of /proc, or
// below. The links in there lead to open files and not to the paths they show;
// those directly in /proc (self, mounts, net) are ordinary. An LX zone has a
// second one, the native system's, under /native.
func (w *walk) inProcess() bool {
	in := w.dirs
	if len(in) > 0 && in[0].name == "native" {
		in = in[1:]
	}
	return len(in) >= 2 && in[0].name == "proc"
}

// hasNoPath knows the places that illumos shows as what they lead to, not as a
// link. illumos-joyent: usr/src/uts/common/fs/proc/prvnops.c
func hasNoPath(part string) bool { return part == "fd" || part == "cwd" || part == "root" }
