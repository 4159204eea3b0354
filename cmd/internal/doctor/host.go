//go:build linux

package doctor

import (
	"bytes"
	"context"
	"encoding/json"
	"time"

	"dockerinit/core"
	"dockerinit/core/bootlog"
	"dockerinit/core/exit"
)

// answers are what the host said, and how it did.
type answers struct {
	values map[string]string
	err    error
	took   time.Duration // of a question over a connection that stood
}

// How long a question to the host may take.
const (
	slowAnswer = 100 * time.Millisecond
	lateAnswer = time.Second
)

func (p *Place) ask(ctx context.Context) (a answers) {
	ctx, cancel := context.WithTimeout(ctx, 2*patience)
	defer cancel()
	if a.values, a.err = p.Metadata(ctx, "sdc:uuid", core.FailureKey, "sdc:create_timestamp"); a.err != nil {
		return a
	}
	begun := time.Now()
	_, a.err = p.Metadata(ctx, "sdc:uuid")
	a.took = time.Since(begun)
	return a
}

// metadata finds a host that does not answer, or late.
func (p *Place) metadata(_ context.Context, c *Check) {
	const hint = "the metadata agent in the global zone: svcs metadata, and its log; dockerexec and the next boot need it"
	took := bootlog.Duration(p.asked.took)
	switch {
	case p.asked.err != nil:
		c.grave(hint, "%v", p.asked.err)
	case p.asked.took >= slowAnswer:
		c.find(p.asked.took >= lateAnswer, hint, "a question to the host takes %s", took)
	default:
		c.saw("the host answers after %s", took)
	}
}

// How far a clock may be from the host's.
const (
	oddClock   = 2 * time.Second
	graveClock = time.Minute
)

// clock compares with what the host has said of the time.
func (p *Place) clock(_ context.Context, c *Check) {
	const hint = "the host's own clock: ntpq -p in the global zone; certificates and logs go by it"
	c.saw("%s", p.begun.UTC().Format("2006-01-02T15:04:05.000Z"))
	switch skew := p.begun.Sub(p.HostTime); {
	case p.HostTime.IsZero(): // nobody has told it
	case skew.Abs() < oddClock:
		c.Text += ", as the host's"
	default:
		way := "ahead of"
		if skew < 0 {
			way = "behind"
		}
		c.find(skew.Abs() >= graveClock, hint, "the clock is %s %s the host's", skew.Abs().Round(time.Second), way)
	}
	created, err := time.Parse(time.RFC3339, p.asked.values["sdc:create_timestamp"])
	if err == nil && p.begun.Before(created) {
		c.grave(hint, "the clock is at %s, and the zone was created at %s", p.begun.UTC().Format(time.RFC3339), created.UTC().Format(time.RFC3339))
	}
}

// boot finds what the last boot said of itself.
func (p *Place) boot(_ context.Context, c *Check) {
	if record := p.asked.values[core.FailureKey]; record != "" {
		var f core.Failure
		if err := json.Unmarshal([]byte(record), &f); err != nil {
			c.odd("mdata delete "+core.FailureKey+" takes it away", "%s in the metadata is no failure record: %v", core.FailureKey, err)
		} else {
			row, _ := exit.Code(f.Code).Row()
			c.grave(row.Hint, "a boot failed at %s with code %d: %s", f.Time, f.Code, f.Text)
		}
	}
	const name = "/var/log/sdc-dockerinit.log"
	text, err := p.image.ReadFile(name, 1<<20)
	if err != nil {
		c.odd("/var/log in the image must be a directory that root can write to", "there is no log of the boot: %v", err)
		return
	}
	boots, err := bootlog.Parse(bytes.NewReader(text), core.StepNames())
	if err != nil {
		c.odd("", "%s: %v", name, err)
		return
	}
	last := boots[len(boots)-1]
	switch last.Outcome {
	case bootlog.OutcomeExec:
		c.saw("the command took over after %s", bootlog.Duration(last.Took))
	case bootlog.OutcomeFailed:
		c.grave("dockerzone explain "+name, "it failed with code %d: %s", last.Code, last.Text)
	default:
		c.grave("dockerzone timeline "+name, "it is not over after %s; the last line: %s", bootlog.Duration(time.Since(last.Time)), line(last.Events[len(last.Events)-1]))
	}
	for _, e := range last.Events {
		if e.Level == "WARN" {
			c.odd("", "it warned: %s", line(e))
		}
	}
}

// line is the event as the log has it.
func line(e bootlog.Event) string {
	if e.Step == "" {
		return e.What
	}
	return e.Step + ": " + e.What
}
