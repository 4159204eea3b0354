//go:build linux

package sim

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// An Image is a directory for the files of an image that one zone is booted with.
// The zone's keeper removes it. What is left of keepers that were killed is told by
// the lock, as with their other directories, and removed when the next one is made.
type Image struct {
	Dir  string
	lock *os.File
}

const imagePrefix = "dockerzone-image-"

// NewImage makes an empty one, which nobody else can look into: programs of an
// image may be set-user-id root.
func NewImage(ctx context.Context) (*Image, error) {
	runtime, err := runtimeDir()
	if err != nil {
		return nil, err
	}
	making, err := locked(runtime, unix.LOCK_EX) // no other looks at it before it is locked
	if err != nil {
		return nil, err
	}
	defer making.Close()
	sweepImages(ctx)
	dir, err := os.MkdirTemp("", imagePrefix)
	if err != nil {
		return nil, err
	}
	lock, err := locked(dir, unix.LOCK_EX)
	if err == nil {
		if err = os.Mkdir(filepath.Join(dir, "root"), 0o755); err != nil {
			lock.Close()
		}
	}
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	return &Image{dir, lock}, nil
}

// Root is the root directory of the image.
func (i *Image) Root() string { return filepath.Join(i.Dir, "root") }

// Remove removes what is still there.
func (i *Image) Remove() error {
	defer i.lock.Close()
	if _, err := os.Lstat(i.Dir); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return sweep(context.Background(), i.Dir)
}

// sweepImages removes the directories that no zone has any more.
func sweepImages(ctx context.Context) {
	all, _ := filepath.Glob(filepath.Join(os.TempDir(), imagePrefix+"*")) // the pattern is well-formed
	for _, old := range all {
		if !isOwn(old) {
			continue
		}
		if l, err := locked(old, unix.LOCK_EX|unix.LOCK_NB); err == nil {
			_ = sweep(ctx, old) // else the next one does it
			l.Close()
		}
	}
}

// sweep removes files that belong to whoever the image says: only the root of a
// zone can.
func sweep(ctx context.Context, dir string) error {
	return AsRoot(ctx, []string{sweepName, dir}, nil, nil)
}
