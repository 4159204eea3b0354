//go:build linux

package doctor

import (
	"context"
	"fmt"
	"sync"
	"time"

	"dockerinit/core/image"
)

// A Check is one thing that was looked at: what was seen, and what is wrong with it.
type Check struct {
	Name     string    `json:"check"`
	Text     string    `json:"text"`
	Findings []Finding `json:"findings"`
}

// A Finding is one thing that is wrong.
type Finding struct {
	Grave bool   `json:"grave"` // something does not work; else it is odd, or soon will not
	What  string `json:"what"`
	Hint  string `json:"hint"`
}

// A Place is what is looked at. Its Metadata asks the host.
type Place struct {
	Root     string // of the zone's files: /
	Metadata func(ctx context.Context, keys ...string) (map[string]string, error)
	HostTime time.Time // the host's clock at the time of the call; zero: not known

	image *image.Root
	begun time.Time
	all   []process
	asked answers
}

// Look looks at everything. No check takes longer than a few seconds, whatever
// hangs.
func Look(ctx context.Context, p Place) ([]Check, error) {
	var err error
	if p.image, err = image.Open(p.Root); err != nil {
		return nil, err
	}
	defer p.image.Close()
	p.begun = time.Now()
	if p.all, err = p.processes(); err != nil {
		return nil, err
	}
	checks := []struct {
		name string
		look func(context.Context, *Check)
	}{
		{"process 1", p.first}, {"zombies", p.zombies}, {"descriptors", p.descriptors}, {"limits", p.limits},
		{"mounts", p.mounts}, {"routes", p.routes}, {"resolvers", p.resolvers},
		{"metadata", p.metadata}, {"clock", p.clock}, {"boot", p.boot},
	}
	p.asked = p.ask(ctx) // several want to know
	done := make([]Check, len(checks))
	var wg sync.WaitGroup
	for i, c := range checks {
		done[i] = Check{Name: c.name, Findings: []Finding{}}
		wg.Go(func() { c.look(ctx, &done[i]) })
	}
	wg.Wait()
	return done, nil
}

func (c *Check) grave(hint, format string, args ...any) { c.find(true, hint, format, args...) }

func (c *Check) odd(hint, format string, args ...any) { c.find(false, hint, format, args...) }

func (c *Check) find(grave bool, hint, format string, args ...any) {
	c.Findings = append(c.Findings, Finding{grave, fmt.Sprintf(format, args...), hint})
}

func (c *Check) saw(format string, args ...any) { c.Text = fmt.Sprintf(format, args...) }

// How full something may be before it is odd, and before it is grave.
const (
	oddShare   = 0.80
	graveShare = 0.95
)

// full finds that used is close to most.
func (c *Check) full(used, most float64, hint, format string, args ...any) {
	if most > 0 && used >= oddShare*most {
		c.find(used >= graveShare*most, hint, format, args...)
	}
}
