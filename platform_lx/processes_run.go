//go:build linux

package lx

import (
	"context"
	"time"

	"dockerinit/core/process"
	"dockerinit/core/shim"
)

// run runs a helper as shim.Run does, with another root directory where root is
// not "".
func (p processes) run(ctx context.Context, root string, cmd process.Command, limit time.Duration) (said string, end process.Exit, err error) {
	return shim.Run(ctx, rooted{p, root}, cmd, limit)
}

type rooted struct {
	processes
	root string
}

func (p rooted) Start(ctx context.Context, cmd process.Command) (pid int, err error) {
	var words []string
	if p.root != "" {
		words = []string{p.root}
	}
	return p.self.Start(ctx, cmd, words, func(string) {})
}
