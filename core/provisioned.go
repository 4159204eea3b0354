package core

import (
	"context"
	"errors"
	"io/fs"

	"dockerinit/core/exit"
	"dockerinit/core/image"
)

// provisioned tells vmadm, which waits up to 300 s for it when a zone is
// created, that the boot has worked. Later boots have no marker.
// smartos-live: src/vm/node_modules/VM.js
var provisioned = Step{"provisioned", func(b *Boot) []Action {
	return []Action{{
		What: "mark the zone as provisioned",
		Code: exit.Rename,
		Do: func(context.Context) error {
			err := b.image.Rename("/var/svc", "provisioning", "provision_success")
			if errors.Is(err, image.ErrLink) {
				// Nothing is renamed through a link of the image, and nothing is wrong
				// where there is no marker behind it.
				if _, absent := b.image.Lstat("/var/svc/provisioning"); errors.Is(absent, fs.ErrNotExist) {
					return nil
				}
			}
			if errors.Is(err, fs.ErrNotExist) {
				return nil
			}
			return err
		},
	}}
}}
