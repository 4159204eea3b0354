//go:build fake || !(illumos || linux)

package main

import (
	"context"
	"os"
	"time"

	"dockerinit/cmd/internal/terminal"
	"dockerinit/core/bootlog"
	"dockerinit/core/process"
	"dockerinit/core/zone"
	"dockerinit/platform_fake"
)

// A resident stays when the zone becomes its command: someone has to play the
// host, clean up, and tell how it ended.
type resident struct {
	fake.Processes
	zone    *fake.Zone
	signals *signals
	show    bootlog.Handler
	begun   time.Time // the boot
	started time.Time // the command
	ended   process.Exit
}

// ready tells that the zone is, and that what comes is the command's.
func (r *resident) ready(cmd process.Command) {
	unapplied := r.Unapplied(cmd.Credentials)
	tellZone(r.zone, cmd, unapplied, time.Since(r.begun))
	// The log has ended with EXEC; what a stand-in for a zone cannot do is told to
	// the person alone.
	r.Log = bootlog.NewLogger(except{r.show, unapplied})
}

// Exec starts the command, waits for it, and returns nil when it has run.
func (r *resident) Exec(cmd process.Command) error {
	r.ready(cmd)
	if err := r.signals.hold(); err != nil {
		return err
	}
	ctx := context.Background() // from here on signals are the command's
	r.started = time.Now()
	pid, err := r.Start(ctx, cmd)
	if err != nil {
		return err
	}
	r.signals.forwardTo(pid)
	defer r.signals.forwardTo(held) // it has ended
	r.ended, err = r.Wait(ctx, pid)
	return err
}

func (r *resident) tellEnd() {
	took := bootlog.Duration(time.Since(r.started))
	if s := r.ended.Signal; s != 0 {
		say("\nSignal %d (%v) ended the command after %s.", s, number(s), took)
		return
	}
	say("\nThe command ended with status %d after %s.", r.ended.Status, took)
}

// except leaves out a message that has been told already.
type except struct {
	bootlog.Handler
	told string
}

func (h except) Handle(l bootlog.Line) error {
	if l.What == h.told {
		return nil
	}
	return h.Handler.Handle(l)
}

// console is the operator's own stdio.
type console struct {
	fake.OperatorConsole
	log *bootlog.Logger
}

// Open gives the streams as they are where a terminal is asked for and there is
// none, and says so in the steps' order.
func (c *console) Open(ctx context.Context, want zone.Console) (process.Stdio, error) {
	if want.TTY && !(terminal.Is(os.Stdin) && terminal.Is(os.Stdout)) {
		c.log.LogAttrs(bootlog.LevelWarn, "docker:tty asks for a terminal and this is none: the command gets the streams as they are",
			bootlog.Step("console"))
		want.TTY = false
	}
	return c.OperatorConsole.Open(ctx, want)
}

// Say leaves the FATAL line to the steps, which are on the same screen here.
func (*console) Say(string) {}
