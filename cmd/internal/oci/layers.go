package oci

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
)

// ErrNoFiles says that there is nothing to unpack.
var ErrNoFiles = errors.New("a configuration alone, without the image's files; docker save writes both")

// Layers gives one layer after another to put, uncompressed and the lowest first:
// a file of one may lie behind a link of the one below, as in /lib where that leads
// to /usr/lib. A layer that is not what the image's configuration says is an error,
// at the latest when all of it has been read.
func (i *Image) Layers(ctx context.Context, put func(number, of int, layer io.Reader) error) error {
	if i.files == nil {
		return fmt.Errorf("%s: %w", i.source, ErrNoFiles)
	}
	layers, err := i.files.Layers()
	if err != nil {
		return fmt.Errorf("%s: %w", i.source, err)
	}
	config, err := i.files.ConfigFile()
	if err != nil {
		return fmt.Errorf("%s: %w", i.source, err)
	}
	if ids := config.RootFS.DiffIDs; len(ids) != len(layers) {
		return fmt.Errorf("%s: %d layers, where the configuration names %d", i.source, len(layers), len(ids))
	}
	for n, layer := range layers {
		id := config.RootFS.DiffIDs[n]
		content, err := layer.Uncompressed()
		if err == nil {
			c := &checked{from: interruptible{ctx, content}, sum: sha256.New(), want: id.Hex}
			err = put(n+1, len(layers), c)
			if c.err != nil {
				err = c.err // of which the other is the consequence
			}
			content.Close()
		}
		if err != nil {
			return fmt.Errorf("%s: layer %d of %d (%.19s): %w", i.source, n+1, len(layers), id, readErr(err))
		}
	}
	return nil
}

// A checked reader ends with an error where what it has read is not what it should
// have been.
type checked struct {
	from io.Reader
	sum  hash.Hash
	want string
	err  error
}

func (c *checked) Read(p []byte) (int, error) {
	n, err := c.from.Read(p)
	c.sum.Write(p[:n])
	switch {
	case err == nil:
	case !errors.Is(err, io.EOF):
		c.err = err
	case hex.EncodeToString(c.sum.Sum(nil)) != c.want:
		err = errors.New("its content is not what the image's configuration says: a damaged image")
		c.err = err
	}
	return n, err
}
