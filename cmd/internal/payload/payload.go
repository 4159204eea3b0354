// Package payload is what the programs that take --payload FILE have in common:
// reading it, what the zone would hear of it, and all that is wrong with it in
// the words of whoever wrote it.
package payload

import (
	"fmt"
	"io"
	"os"

	"github.com/hashicorp/go-multierror"

	"dockerinit/core/exit"
	"dockerinit/core/metadata"
	"dockerinit/core/zone"
	"dockerinit/platform_fake/host"
)

// Read reads the payload of that name; "-" is stdin.
func Read(name string, stdin io.Reader) (*host.Payload, error) {
	if name == "-" {
		return host.Read(stdin)
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.IsDir() {
		return nil, fmt.Errorf("%s: a directory, where a payload's file is expected", name)
	}
	p, err := host.Read(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return p, nil
}

// Values are what the host would answer, for every key of the table. Those that
// the zone asks for and does not get are in the error, as they would be at boot;
// others that the host refuses count as absent.
func Values(p *host.Payload) (map[string]string, error) {
	var refused *multierror.Error
	store := host.NewStore(p)
	all := map[string]string{}
	for _, k := range zone.Keys() {
		text, ok, err := store.Get(k.Name)
		if err == nil && len(text) > metadata.MaxValue {
			err = fmt.Errorf("the value is larger than %d MiB", metadata.MaxValue>>20)
		}
		switch {
		case err != nil && k.Readers&zone.Init != 0:
			refused = multierror.Append(refused, exit.MetadataFailed.Errorf("%s: %w", k.Name, err))
		case err == nil && ok:
			all[k.Name] = text
		}
	}
	return all, refused.ErrorOrNil()
}
