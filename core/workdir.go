package core

import (
	"context"

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
			return err
		},
	}}
}}
