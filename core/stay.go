package core

import (
	"context"
	"fmt"
	"log/slog"
	"path"
	"strconv"

	"dockerinit/core/bootlog"
	"dockerinit/core/metadata"
	"dockerinit/core/supervise"
)

// What the host is told of a command for which dockerinit stays.
const (
	RestartCountKey = "__dockerinit_restart_count"
	LastExitKey     = "__dockerinit_last_exit" // as Docker gives it: 128+N for signal N
	HealthKey       = "__dockerinit_health"    // starting, healthy or unhealthy
)

// stays tells whether dockerinit remains PID 1 and the command becomes its child.
func (b *Boot) stays() bool {
	if !b.Zone.Supervise.Stay || b.Staying == nil {
		return false
	}
	if insistsOnPID1(b.Command.Path) {
		b.warn("exec", fmt.Sprintf("docker:init: %q works as PID 1 alone: it takes dockerinit's place", b.Command.Path))
		return false
	}
	return true
}

// insistsOnPID1 knows the inits that refuse to be anybody's child: s6-overlay's
// /init, systemd, and what a distribution has as its own.
func insistsOnPID1(program string) bool {
	switch path.Clean(program) {
	case "/init", "/sbin/init", "/usr/sbin/init", "/bin/init", "/usr/bin/init",
		"/lib/systemd/systemd", "/usr/lib/systemd/systemd", "/bin/systemd", "/usr/bin/systemd":
		return true
	}
	return false
}

// stay runs the command as a child until the container is to end.
func (b *Boot) stay(ctx context.Context) error {
	say := func(level slog.Level, text string) {
		b.Log.LogAttrs(ctx, level, text, bootlog.Step("exec"))
		_ = b.Log.Flush()
	}
	end, err := supervise.Run(ctx, b.Staying, supervise.Options{
		Command: b.Command, Policy: b.Zone.Supervise, Fate: b.shared, Say: say,
		Report: func(was, is supervise.Report) {
			var changes []metadata.Change
			for _, c := range [...]struct{ key, was, is string }{
				{RestartCountKey, strconv.Itoa(was.Restarts), strconv.Itoa(is.Restarts)},
				{LastExitKey, was.LastExit, is.LastExit},
				{HealthKey, was.Health, is.Health},
			} {
				if c.was != c.is {
					changes = append(changes, metadata.Change{Key: c.key, Value: c.is})
				}
			}
			b.Metadata.Post(changes...)
		},
	})
	if err == nil && b.ended != nil {
		b.ended(end)
	}
	return err
}
