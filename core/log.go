package core

import (
	"context"
	"errors"
	"fmt"

	"dockerinit/core/exit"
	"dockerinit/core/image"
)

// logFile is the one file that dockerinit leaves in an image. vmadm archives it
// when the zone is deleted, and docker commit leaves out just this one.
const logFile = "/var/log/sdc-dockerinit.log"

// logStep opens the log. An image that makes that impossible boots without.
var logStep = Step{"log", func(b *Boot) []Action {
	return []Action{{
		What: "open the image " + b.Root,
		Do:   func(context.Context) error { return b.openImage() },
	}, {
		What:     "write " + logFile,
		Optional: true,
		Do: func(context.Context) error {
			if b.image == nil {
				return errors.New("there is no image")
			}
			f, err := b.image.CreateLog(logFile)
			if err != nil {
				return fmt.Errorf("the log is kept in memory: %w", err)
			}
			b.logFile = f
			return b.Log.To(f)
		},
	}}
}}

func (b *Boot) openImage() (err error) {
	if b.image, err = image.Open(b.Root); err != nil {
		return exit.Open.Errorf("the image's root: %w", err)
	}
	if b.Programs != "" {
		if b.programs, err = image.Open(b.Programs); err != nil {
			return exit.Open.Errorf("the root of the programs: %w", err)
		}
	}
	return nil
}
