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

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"dockerinit/core/image"
)

// ErrNoFiles says that there is nothing to unpack.
var ErrNoFiles = errors.New("a configuration alone, without the image's files")

// Unpack puts the image's files into dir, which exists and is empty, with their
// owners where this process may give files away. Nothing is put outside of dir,
// wherever links of the image lead. Devices are left out, which a zone does not
// have of an image either, and so are extended attributes.
func (i *Image) Unpack(dir string) (err error) {
	if i.files == nil {
		return ErrNoFiles
	}
	u := unpacking{giveAway: os.Geteuid() == 0}
	if u.links, err = image.Open(dir); err != nil {
		return err
	}
	defer u.links.Close()
	if u.root, err = os.OpenRoot(dir); err != nil {
		return err
	}
	defer u.root.Close()
	layers, err := i.files.Layers()
	if err != nil {
		return err
	}
	// One upon the other, as Docker does it: a file of one layer may lie behind a
	// link of the one below, as in /lib where that leads to /usr/lib.
	for n, layer := range layers {
		if err := u.layer(layer); err != nil {
			return fmt.Errorf("unpack layer %d of the image: %w", n+1, err)
		}
	}
	return nil
}

type unpacking struct {
	root     *os.Root
	links    *image.Root // to follow links as the container would
	giveAway bool

	// Of the layer under way:
	dirs []*tar.Header   // their modes come last: one may not be writable
	made map[string]bool // what it has put where
}

func (u *unpacking) layer(layer v1.Layer) error {
	u.dirs, u.made = nil, map[string]bool{}
	files, err := layer.Uncompressed()
	if err != nil {
		return err
	}
	defer files.Close()
	if err := entries(files, u.put); err != nil {
		return err
	}
	// The innermost first.
	for _, h := range slices.Backward(u.dirs) {
		if err := u.own(h, h.Name); err != nil {
			return fmt.Errorf("%s: %w", h.Name, err)
		}
	}
	return nil
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
		return u.empty(path.Clean(dir))
	case isWhiteout && gone != "" && gone != "." && gone != "..":
		return u.root.RemoveAll(dir + gone)
	}
	if h.Typeflag != tar.TypeDir {
		if err := u.root.RemoveAll(name); err != nil {
			return err
		}
	}
	u.made[name] = true
	return u.make(h, name, content)
}

// empty takes away what the layers below have in the directory.
func (u *unpacking) empty(dir string) error {
	all, err := fs.ReadDir(u.root.FS(), dir)
	if err != nil {
		return err
	}
	for _, f := range all {
		if name := path.Join(dir, f.Name()); !u.made[name] {
			if err := u.root.RemoveAll(name); err != nil {
				return err
			}
		}
	}
	return nil
}

func (u *unpacking) make(h *tar.Header, name string, content io.Reader) error {
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
	case tar.TypeReg:
		f, err := u.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if err != nil {
			return err
		}
		_, err = io.Copy(f, content)
		if err := errors.Join(err, f.Close()); err != nil {
			return err
		}
		return u.own(h, name)
	case tar.TypeSymlink:
		if err := u.root.Symlink(h.Linkname, name); err != nil || !u.giveAway {
			return err
		}
		return u.root.Lchown(name, h.Uid, h.Gid)
	case tar.TypeLink:
		target, err := u.place(h.Linkname)
		if err != nil {
			return err
		}
		return u.root.Link(target, name)
	}
	return nil // a device or a FIFO
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

// own gives the file its owner and mode, in this order: a change of owner takes
// the set-user-id bit away.
func (u *unpacking) own(h *tar.Header, name string) error {
	if u.giveAway {
		if err := u.root.Chown(name, h.Uid, h.Gid); err != nil {
			return err
		}
	}
	mode := h.FileInfo().Mode()
	return u.root.Chmod(name, mode.Perm()|mode&(fs.ModeSetuid|fs.ModeSetgid|fs.ModeSticky))
}

// place is where a file of the image goes: its directory, which is made where an
// archive does not have it, through links as the container would follow them.
func (u *unpacking) place(name string) (string, error) {
	dir, base := path.Split(path.Clean("/" + name))
	if base == "" {
		return ".", nil
	}
	if _, err := u.links.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	dir, err := u.links.Resolve(dir)
	if err != nil {
		return "", err
	}
	return strings.TrimPrefix(path.Join(dir, base), "/"), nil
}
