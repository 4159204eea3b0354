// Package payload is what the programs that take --payload FILE have in common:
// reading it, what the zone would hear of it, and all that is wrong with it in
// the words of whoever wrote it.
package payload

import (
	"fmt"
	"io"
	"os"

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

// Values are what the host would answer, for every key of the table. A key that
// it refuses counts as absent: the refusal is told when the zone asks for it.
func Values(p *host.Payload) map[string]string {
	store := host.NewStore(p)
	all := map[string]string{}
	for _, k := range zone.Keys {
		if text, ok, err := store.Get(k.Name); err == nil && ok {
			all[k.Name] = text
		}
	}
	return all
}
