package core

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"time"

	"dockerinit/core/bootlog"
	"dockerinit/core/metadata"
	"dockerinit/core/supervise"
	"dockerinit/core/zone"
)

// What the host is told of a command for which dockerinit stays.
const (
	RestartCountKey = "__dockerinit_restart_count"
	LastExitKey     = "__dockerinit_last_exit" // as Docker gives it: 128+N for signal N
	HealthKey       = "__dockerinit_health"    // starting, healthy or unhealthy
)

// stays tells whether dockerinit remains PID 1 and the command becomes its child.
func (b *Boot) stays() bool { return b.isToStay() && !insistsOnPID1(b.Command.Path) }

// isToStay is where docker:init asks for it, or where somebody has to see to it
// that the container ends with its log driver.
func (b *Boot) isToStay() bool {
	return b.Staying != nil && (b.Zone.Supervise.Stay || b.Zone.Logger.Driver != "" && !b.Contracts)
}

// warnOfOtherInit says what comes of a command that takes dockerinit's place
// where that was to stay.
func (b *Boot) warnOfOtherInit() {
	switch {
	case !b.isToStay() || b.stays():
	case b.Zone.Supervise.Stay:
		b.warn("exec", fmt.Sprintf("docker:init: %q works as PID 1 alone: it takes dockerinit's place", b.Command.Path))
	default:
		b.warn("exec", fmt.Sprintf("%q works as PID 1 alone: it takes dockerinit's place, and the container goes on when its log driver ends", b.Command.Path))
	}
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

// again is what a boot is where dockerinit has stayed and rested: nothing is left
// of it but to go on staying.
func (b *Boot) again(ctx context.Context, log *os.File) error {
	if log != nil { // else nothing is lost: what is kept in memory is for the boot's failure
		_ = b.Log.To(log)
	}
	b.logFile, b.step = log, execute.Name
	b.Zone, b.values = &zone.Zone{}, map[string]string{}
	return b.stay(ctx)
}

// stay runs the command as a child until the container is to end.
func (b *Boot) stay(ctx context.Context) error {
	say := func(level bootlog.Level, text string) {
		b.Log.LogAttrs(level, text, bootlog.Step("exec"))
		_ = b.Log.Flush()
	}
	policy := b.Zone.Supervise
	if !policy.Stay { // for the log driver alone: signals are the command's, as they come
		policy = zone.Supervise{StopSignal: zone.SIGTERM, StopTimeout: -1, Restart: zone.Restart{Policy: "no"}}
	}
	end, err := supervise.Run(ctx, b.Staying, supervise.Options{
		Command: b.Command, Policy: policy, Told: b.Zone.Told, Fate: b.shared, Tied: b.Contracts, Feeds: b.feeds, Chores: b.chores(), Resume: b.resumeChore, LogFile: b.logFile, Say: say,
		Report: b.report,
	})
	if err == nil && b.ended != nil {
		b.ended(end)
	}
	return err
}

// chores are those of the platform. What they log is written at once.
func (b *Boot) chores() (all []supervise.Chore) {
	if b.Chores != nil {
		for _, chore := range b.Chores() {
			all = append(all, logged{chore, b.Log})
		}
	}
	return all
}

func (b *Boot) resumeChore(state []byte, then time.Time) (supervise.Chore, error) {
	if b.ResumeChore == nil {
		return nil, errors.ErrUnsupported
	}
	chore, err := b.ResumeChore(state, then)
	return logged{chore, b.Log}, err
}

type logged struct {
	supervise.Chore
	log *bootlog.Log
}

func (l logged) Do(ctx context.Context) {
	l.Chore.Do(ctx)
	_ = l.log.Flush()
}

// report tells the host what has changed. What is nothing any more is deleted.
func (b *Boot) report(was, is zone.Report) {
	var changes []metadata.Change
	for _, c := range [...]struct{ key, was, is string }{
		{RestartCountKey, was.Restarts, is.Restarts},
		{LastExitKey, was.LastExit, is.LastExit},
		{HealthKey, was.Health, is.Health},
	} {
		if c.was != c.is {
			changes = append(changes, metadata.Change{Key: c.key, Value: c.is, Delete: c.is == ""})
		}
	}
	b.Metadata.Post(changes...)
}
