package core

import (
	"context"
	"errors"
	"io/fs"
	"syscall"

	"dockerinit/core/exit"
)

// workdir makes the working directory where the image lacks it, as root and
// with Docker's mode; what exists is left as it is.
var workdir = Step{"workdir", func(b *Boot) []Action {
	dir := b.Command.Dir
	if dir == "/" || dir == "" {
		return nil
	}
	return []Action{{
		What: "working directory " + dir,
		Code: exit.Mkdir,
		Do: func(context.Context) error {
			_, err := b.image.MkdirAll(dir, 0o755)
			switch {
			case errors.Is(err, fs.ErrPermission) && b.mayBe(dir):
				return nil
			case errors.Is(err, syscall.ENOTDIR) && b.isThere(dir):
				return exit.Chdir.Wrap(err) // nothing is missing, and nobody can enter it
			}
			return err
		},
	}}
}}

// mayBe tells of a directory that root may not open whether it may be there all
// the same: on an NFS server root can be nobody, and the user, who enters it in
// the end where root cannot, is not.
func (b *Boot) mayBe(dir string) bool {
	info, err := b.image.Stat(dir)
	return err == nil && info.IsDir() || errors.Is(err, fs.ErrPermission)
}

func (b *Boot) isThere(name string) bool {
	_, err := b.image.Stat(name)
	return err == nil
}
