package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"

	"dockerinit/cmd/internal/payload"
	"dockerinit/core/image"
)

const planUsage = `Usage: dockerzone plan [--rootfs DIR] [--json] [PAYLOAD]

Prints what a zone would do with the payload, and does none of it: the boot's
own list of actions, who the command would run as and where, its arguments and
the names of its environment. Everything that is wrong with the payload is
listed with its place in the JSON and what was probably meant.

PAYLOAD is the JSON that vmadm create takes and vmadm get prints; - is standard
input, also where it is left out and standard input is no terminal.

  --rootfs DIR    the image's root, in which users and the command are looked
                  up; without it they are taken to be found
  --json          print the plan as one JSON object
  --payload FILE  PAYLOAD, as a flag

The object's fields:
  boots        true where the zone would boot
  brand, hostname
  user         asked: docker:user; resolved: false where only the image can tell
               or there is no such user; uid, gid, groups; home, with --rootfs
  workdir      the working directory; ~ where only the image can tell it
  argv         the command's arguments, its name first
  program      the file that would be executed; with --rootfs
  environment  the names of the variables; values are never shown
  umask        as octal text
  stdio        tty, open_stdin
  log_driver   where there is one
  health_check test, interval, timeout, start_period, start_interval, retries;
               where there is one
  nics         interface, primary, mac, mtu, addresses, dhcp, addrconf, gateways
  routes       dst, gateway, on_link, interface; in the order they are added
  mounts       what is mounted, and where, as text
  steps        step, actions: the boot's own list, in its order
  problems     path in the payload, code of the FATAL line, text, hint, warning
               (true where the zone boots all the same); errors come first

Exit status:
  0  the zone would boot
  1  it would not
  2  the payload or the root cannot be read
  3  wrong usage
`

func runPlan(args []string, std stdio) int {
	flags := flag.NewFlagSet("plan", flag.ContinueOnError)
	name := flags.String("payload", "", "")
	rootfs := flags.String("rootfs", "", "")
	asJSON := flags.Bool("json", false, "")
	if status, ok := parsePayload(flags, name, args, planUsage, std); !ok {
		return status
	}

	p, err := payload.Read(*name, std.in)
	if err != nil {
		return failed(std, "plan", err)
	}
	var root *image.Root
	if *rootfs != "" {
		if root, err = image.Open(*rootfs); err != nil {
			return failed(std, "plan", fmt.Errorf("--rootfs: %w", err))
		}
		defer root.Close()
	}
	report := planOf(p.AsDocker(), root)
	if *asJSON {
		err = report.encode(std.out)
	} else {
		_, err = io.WriteString(std.out, report.text())
	}
	switch {
	case err != nil:
		return failed(std, "plan", err)
	case !report.Boots:
		return exitNo
	}
	return exitOK
}

func (r report) encode(w io.Writer) error {
	out := json.NewEncoder(w)
	out.SetIndent("", "  ")
	out.SetEscapeHTML(false)
	return out.Encode(r)
}
