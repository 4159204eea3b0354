package main

import (
	"flag"
	"fmt"
	"io"
	"strings"

	"dockerinit/core"
	"dockerinit/core/timeline"
)

const timelineUsage = `Usage: dockerzone timeline [--blame|--svg] [--diff BEFORE] [--json] LOG

Draws where a boot's time went. LOG is a log of dockerinit (sdc-dockerinit.log) or
of dockerexec, or a boot as JSON, as dockerinit-fake --record and dockerzone explain
--json write it; - is standard input. Of several boots it is the last one.

By default it is a waterfall: a line for each line of the log, with when it was at
work. ░ is time of which nothing is logged, · a moment.

  --blame        what took longest, and its part of the whole
  --svg          the waterfall as a picture
  --diff BEFORE  what changed since another boot's log, what counts most first
  --json         print one JSON object: time, outcome (exec, failed, open), code,
                 text, took_ns, notes (what cannot be as the log says), and bars
                 (step, what, level, from_ns, took_ns, gap where nothing is
                 logged); with --diff before, after and changes (step, what,
                 before_ns and after_ns, null where that boot had no such action)

A clock that was set during the boot is noticed: the lines then follow each other
by what they say they took.

Exit status:
  0  done
  2  a log cannot be read, or is none
  3  wrong usage

Examples:
  dockerzone timeline /zones/UUID/root/var/log/sdc-dockerinit.log
  dockerzone exec web0 cat /var/log/sdc-dockerinit.log | dockerzone timeline --blame -
  dockerzone timeline --svg boot.log >boot.svg
  dockerzone timeline --diff old.log new.log
`

func runTimeline(args []string, std stdio) int {
	flags := flag.NewFlagSet("timeline", flag.ContinueOnError)
	blame := flags.Bool("blame", false, "")
	svg := flags.Bool("svg", false, "")
	before := flags.String("diff", "", "")
	asJSON := flags.Bool("json", false, "")
	if status, ok := parseOne(flags, args, timelineUsage, "a log", std); !ok {
		return status
	}
	var ways []string
	flags.Visit(func(f *flag.Flag) { ways = append(ways, "--"+f.Name) })
	switch {
	case len(ways) > 1 && !(len(ways) == 2 && *asJSON && *before != ""):
		return misused(std, "timeline", strings.Join(ways, " and ")+": one of them at a time, but for --diff with --json")
	case *before == "-" && flags.Arg(0) == "-":
		return misused(std, "timeline", "standard input is one of the two logs")
	}
	t, err := readTimeline(flags.Arg(0), std.in)
	if err != nil {
		return failed(std, "timeline", err)
	}
	var data any = t
	text := ""
	switch {
	case *before != "":
		old, err := readTimeline(*before, std.in)
		if err != nil {
			return failed(std, "timeline", err)
		}
		data = map[string]any{"before": old, "after": t, "changes": timeline.Diff(old, t)}
		text = timeline.Difference(old, t)
	case *blame:
		text = t.Blame()
	case *svg:
		text = t.SVG()
	default:
		text = t.Waterfall()
	}
	if *asJSON {
		text = indented(data)
	}
	if _, err := io.WriteString(std.out, text); err != nil {
		return failed(std, "timeline", err)
	}
	return exitOK
}

func readTimeline(name string, stdin io.Reader) (timeline.Timeline, error) {
	log, err := content(name, stdin)
	if err != nil {
		return timeline.Timeline{}, err
	}
	boot, err := timeline.Read(log, core.StepNames())
	if err != nil {
		err = fmt.Errorf("%s: %w", name, err)
	}
	return timeline.Of(boot), err
}
