package oci

import (
	"archive/tar"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"syscall"
	"time"

	"dockerinit/core/image"
)

// An Unpacked tells what of a layer's files is not as the image has it.
type Unpacked struct {
	// LeftOut are the devices and FIFOs, of which a zone has its own: those below
	// /dev, which the host covers, are not worth a word.
	LeftOut []string
	// Foreign tells that files belong to users that there are not here: they are
	// root's.
	Foreign bool
	// Stripped are the files without an extended attribute that the layer gives
	// them, and which: the file system does not take it.
	Stripped []string
}

// UnpackLayer puts a layer, which comes uncompressed, on top of what dir has, with
// the owners where this process is root. Nothing is put outside of dir, wherever
// links of the image lead. It reads to the end of r.
func UnpackLayer(dir string, r io.Reader) (done Unpacked, err error) {
	u := unpacking{giveAway: os.Geteuid() == 0, made: map[string]bool{}}
	if u.links, err = image.Open(dir); err != nil {
		return done, err
	}
	defer u.links.Close()
	if u.root, err = os.OpenRoot(dir); err != nil {
		return done, err
	}
	defer u.root.Close()
	if err := entries(r, u.put); err != nil {
		return done, readErr(err)
	}
	// The innermost first.
	for _, h := range slices.Backward(u.dirs) {
		if err := u.own(h, h.Name); err != nil {
			return done, fmt.Errorf("%s: %w", h.Name, err)
		}
	}
	_, err = io.Copy(io.Discard, r) // what fills the archive up
	return u.done, readErr(err)
}

type unpacking struct {
	root     *os.Root
	links    *image.Root // to follow links as the container would
	giveAway bool

	// Where the last file went, as most go where it did: what the archive calls the
	// directory, and what that is. Until anything but a new file is made.
	named, is string

	dirs []*tar.Header   // their modes come last: one may not be writable
	made map[string]bool // what it has put where
	done Unpacked
}

// How a layer takes away what is below it. opencontainers/image-spec: layer.md
const (
	whiteout = ".wh."
	opaque   = ".wh..wh..opq"
)

// put makes one file of the layer, or takes one away.
func (u *unpacking) put(h *tar.Header, content io.Reader) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("%s: %w", h.Name, err)
		}
	}()
	name, err := u.place(h.Name)
	if err != nil {
		return err
	}
	dir, base := path.Split(name)
	gone, isWhiteout := strings.CutPrefix(base, whiteout)
	switch {
	case base == opaque:
		u.named = ""
		return u.empty(path.Clean(dir))
	case isWhiteout && gone != "" && gone != "." && gone != "..":
		u.named = ""
		return u.root.RemoveAll(dir + gone)
	}
	u.made[name] = true
	if h.Typeflag == tar.TypeReg || h.Typeflag == tar.TypeGNUSparse {
		return u.file(h, name, content)
	}
	u.named = ""
	if h.Typeflag != tar.TypeDir {
		if err := u.root.RemoveAll(name); err != nil {
			return err
		}
	}
	return u.make(h, name)
}

// empty takes away what the layers below have in the directory, and in those of it
// that this layer has put something into.
func (u *unpacking) empty(dir string) error {
	all, err := fs.ReadDir(u.root.FS(), dir)
	if err != nil {
		return err
	}
	for _, f := range all {
		name := path.Join(dir, f.Name())
		switch {
		case f.IsDir() && u.hasMade(name):
			err = u.empty(name)
		case !u.made[name]:
			err = u.root.RemoveAll(name)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (u *unpacking) hasMade(dir string) bool {
	if u.made[dir] {
		return true
	}
	for name := range u.made {
		if strings.HasPrefix(name, dir+"/") {
			return true
		}
	}
	return false
}

// file makes a regular file, mostly where there is none yet.
func (u *unpacking) file(h *tar.Header, name string, content io.Reader) error {
	const how = os.O_WRONLY | os.O_CREATE | os.O_EXCL
	f, err := u.root.OpenFile(name, how, 0o600)
	if errors.Is(err, fs.ErrExist) {
		u.named = ""
		if err = u.root.RemoveAll(name); err == nil {
			f, err = u.root.OpenFile(name, how, 0o600)
		}
	}
	if err != nil {
		return err
	}
	_, err = io.Copy(f, content)
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	return u.own(h, name)
}

func (u *unpacking) make(h *tar.Header, name string) error {
	switch h.Typeflag {
	case tar.TypeDir:
		if name != "." {
			if err := u.directory(name); err != nil {
				return err
			}
		}
		to, err := u.links.Resolve(name)
		if err != nil {
			return err
		}
		moved := *h
		moved.Name = cmp.Or(strings.TrimPrefix(to, "/"), ".")
		u.dirs = append(u.dirs, &moved)
		return nil
	case tar.TypeSymlink:
		if err := u.root.Symlink(h.Linkname, name); err != nil {
			return err
		}
		return u.chown(h, name)
	case tar.TypeLink:
		target, err := u.place(h.Linkname)
		if err != nil {
			return err
		}
		return u.root.Link(target, name)
	}
	if !strings.HasPrefix(name, "dev/") {
		u.done.LeftOut = append(u.done.LeftOut, name)
	}
	return nil
}

// directory makes it where there is none. A link to one stays where the layer
// below has it.
func (u *unpacking) directory(name string) error {
	err := u.root.Mkdir(name, 0o700)
	if !errors.Is(err, fs.ErrExist) {
		return err
	}
	if info, err := u.links.Stat(name); err == nil && info.IsDir() {
		return nil
	}
	return errors.Join(u.root.RemoveAll(name), u.root.Mkdir(name, 0o700))
}

// own gives the file its owner, mode, time and attributes, in this order: a change
// of owner takes the set-user-id bit and the capabilities away.
func (u *unpacking) own(h *tar.Header, name string) error {
	if err := u.chown(h, name); err != nil {
		return err
	}
	mode := h.FileInfo().Mode()
	if err := u.root.Chmod(name, mode.Perm()|mode&(fs.ModeSetuid|fs.ModeSetgid|fs.ModeSticky)); err != nil {
		return err
	}
	if err := u.root.Chtimes(name, time.Time{}, h.ModTime); err != nil {
		return err
	}
	return u.attributes(h, name)
}

func (u *unpacking) chown(h *tar.Header, name string) error {
	if !u.giveAway {
		return nil
	}
	err := u.root.Lchown(name, h.Uid, h.Gid)
	if errors.Is(err, syscall.EINVAL) { // no id of this user namespace: man 7 user_namespaces
		u.done.Foreign = true
		return nil
	}
	return err
}

// place is where a file of the image goes: its directory, which is made where an
// archive does not have it, through links as the container would follow them.
func (u *unpacking) place(name string) (string, error) {
	dir, base := path.Split(path.Clean("/" + name))
	if base == "" {
		return ".", nil
	}
	if dir != u.named {
		if _, err := u.links.MkdirAll(dir, 0o755); err != nil {
			return "", err
		}
		is, err := u.links.Resolve(dir)
		if err != nil {
			return "", err
		}
		u.named, u.is = dir, is
	}
	return strings.TrimPrefix(path.Join(u.is, base), "/"), nil
}
