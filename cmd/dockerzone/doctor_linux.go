//go:build linux

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"syscall"
	"time"

	"dockerinit/cmd/internal/backend/host"
	"dockerinit/cmd/internal/doctor"
	"dockerinit/core/bootlog"
	"dockerinit/core/metadata"
	"dockerinit/platform_fake/sim"
)

const doctorUsage = `Usage: dockerzone doctor [--json] [ZONE]
       dockerzone doctor [--json] [--host-time T]

Looks at a zone that runs, for what may be wrong with it, and says what to do. ZONE
is one that dockerzone run has booted: the payload's alias, uuid or hostname, or its
number. Without ZONE it is the one that this program runs in, an LX zone for instance
(as its root: zlogin UUID /path/to/dockerzone doctor). Nothing is changed.

It looks at
  process 1    can it be told to stop: does it catch TERM
  zombies      children that have ended and that their parents do not wait for
  descriptors  how close processes are to their limit of open files
  limits       memory, swap, processes and threads
  mounts       full, out of inodes, read-only, or not answering (NFS)
  routes       NICs that are down, no default route, several
  resolvers    none, or none that answers
  metadata     does the host answer, and how fast
  clock        against the host's, and the time the zone was created
  boot         the failure record, and warnings in the boot log

  --host-time T  what the host's clock says now, as 2026-11-23T09:14:02Z or seconds
                 since 1970; with ZONE it is this machine's clock
  --json         print one JSON object: healthy, and an array checks with check,
                 text (what was seen) and findings (what, hint, grave: true where
                 something does not work, false where it soon may not)

Exit status:
  0  nothing was found
  1  something was found
  2  the zone cannot be looked at
  3  wrong usage

Examples:
  dockerzone doctor web0
  zlogin UUID /root/dockerzone doctor --host-time $(date +%s)
`

// A diagnosis is what doctor found.
type diagnosis struct {
	Healthy bool           `json:"healthy"`
	Checks  []doctor.Check `json:"checks"`
}

func runDoctor(args []string, std stdio) int {
	flags := flag.NewFlagSet("doctor", flag.ContinueOnError)
	asJSON := flags.Bool("json", false, "")
	hostTime := flags.String("host-time", "", "")
	if status, ok := parseFlags(flags, args, doctorUsage, std); !ok {
		return status
	}
	now, err := parseTime(*hostTime)
	switch {
	case flags.NArg() > 1:
		return misused(std, "doctor", fmt.Sprintf("unexpected argument %q", flags.Arg(1)))
	case err != nil:
		return misused(std, "doctor", err.Error())
	case flags.NArg() == 1 && *hostTime != "":
		return misused(std, "doctor", "--host-time is for the zone that this runs in; with ZONE it is this machine's clock")
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	var d diagnosis
	if flags.NArg() == 1 {
		d, err = doctorIn(ctx, flags.Arg(0))
	} else {
		d, err = doctorHere(ctx, now)
	}
	if err != nil {
		return failed(std, "doctor", err)
	}
	text := d.text()
	if *asJSON {
		text = indented(d)
	}
	if _, err := io.WriteString(std.out, text); err != nil {
		return failed(std, "doctor", err)
	}
	if !d.Healthy {
		return exitNo
	}
	return exitOK
}

// parseTime reads a time as date prints it; empty is none.
func parseTime(text string) (t time.Time, err error) {
	var seconds int64
	if text == "" {
		return t, nil
	}
	if n, err := fmt.Sscanf(text+"\n", "%d\n", &seconds); n == 1 && err == nil {
		return time.Unix(seconds, 0), nil
	}
	if t, err = time.Parse(time.RFC3339, text); err != nil {
		return t, fmt.Errorf("--host-time %q: a time as 2026-11-23T09:14:02Z, or seconds since 1970, is expected", text)
	}
	return t, nil
}

// doctorHere looks at the zone that this process is in.
func doctorHere(ctx context.Context, hostTime time.Time) (d diagnosis, err error) {
	if _, err := os.Stat("/native/.zonecontrol"); err != nil {
		if _, err := os.Stat("/.zonecontrol"); err != nil {
			return d, errors.New("this is no zone: there is no .zonecontrol; which zone of dockerzone run is meant? " + running())
		}
	}
	client := metadata.New(host.Dial, bootlog.NewLogger(), 3*time.Second)
	defer client.Close()
	d.Checks, err = doctor.Look(ctx, doctor.Place{Root: "/", Metadata: client.Get, HostTime: hostTime})
	d.Healthy = !slices.ContainsFunc(d.Checks, func(c doctor.Check) bool { return len(c.Findings) > 0 })
	return d, err
}

func running() string {
	zones, err := sim.Zones()
	if err != nil || len(zones) == 0 {
		return "none runs"
	}
	text := "there are"
	for _, z := range zones {
		text += " " + z.Name()
	}
	return text
}

// doctorTime bounds a look at a zone, which may hold up whoever looks.
const doctorTime = 30 * time.Second

// doctorIn has this program look from inside of the zone. What comes from there may
// be anybody's.
func doctorIn(ctx context.Context, name string) (d diagnosis, err error) {
	z, err := sim.Find(name)
	if err != nil {
		return d, err
	}
	client, err := z.Dial(sim.Request{Op: "self", Exec: sim.Exec{Args: []string{"dockerzone", "doctor", "--json", "--host-time", time.Now().UTC().Format(time.RFC3339Nano)}}})
	if err != nil {
		return d, err
	}
	defer client.Close()
	ctx, cancel := context.WithTimeoutCause(ctx, doctorTime, fmt.Errorf("the zone does not let itself be looked at within %v", doctorTime))
	defer cancel()
	defer context.AfterFunc(ctx, client.Hangup)()
	var out, complaints bytes.Buffer
	end, err := client.Watch(bounded(&out), bounded(&complaints))
	switch {
	case err != nil && errors.Is(context.Cause(ctx), context.Canceled):
		return d, errors.New("interrupted")
	case err != nil && ctx.Err() != nil:
		return d, context.Cause(ctx)
	case err != nil:
		return d, err
	case end.Code() > exitNo:
		return d, fmt.Errorf("in the zone: status %d: %s", end.Code(), bytes.TrimSpace(complaints.Bytes()))
	}
	if err := json.Unmarshal(out.Bytes(), &d); err != nil {
		return d, fmt.Errorf("in the zone: %w", err)
	}
	return d, nil
}

// bounded keeps the first megabyte.
func bounded(b *bytes.Buffer) func([]byte) {
	return func(p []byte) { b.Write(p[:min(len(p), max(0, 1<<20-b.Len()))]) }
}

func (d diagnosis) text() string {
	var t table
	found := 0
	for _, c := range d.Checks {
		if c.Text != "" {
			mark := "✓"
			if len(c.Findings) > 0 {
				mark = " "
			}
			t.line(fmt.Sprintf("%s %-11s %s", mark, c.Name, c.Text))
		}
		for i, f := range c.Findings {
			name, mark := c.Name, "!"
			if i > 0 || c.Text != "" {
				name = ""
			}
			if f.Grave {
				mark = "✗"
			}
			t.line(fmt.Sprintf("%s %-11s %s", mark, name, f.What))
			if f.Hint != "" {
				t.line(fmt.Sprintf("  %-11s → %s", "", f.Hint))
			}
			found++
		}
	}
	t.gap()
	if found == 0 {
		t.line("Nothing was found.")
	} else {
		t.line(count(found, "finding") + ".")
	}
	return t.String()
}
