//go:build linux

package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"regexp"
	"strings"

	"golang.org/x/sys/unix"

	"dockerinit/cmd/internal/terminal"
	"dockerinit/platform_fake/sim"
)

const execUsage = `Usage: dockerzone exec [FLAG…] ZONE CMD [ARG…]

Runs one more command in a zone that dockerzone run has booted, as docker exec
does: dockerexec finds user, directory and environment, and becomes the command.
ZONE is the payload's alias, uuid or hostname, or the number by which zones of
one payload are told apart.

  --tty          give it a terminal; the default where stdin and stdout are one
  --no-tty       give it none
  --user U       user[:group] in place of the container's
  --env N=V      one more variable; may be given again
  --workdir D    the directory in place of the container's
  --log          show the log of dockerexec, too

Exit status:
  the command's; 128+N where signal N ended it
  125, 126, 127  dockerexec could not run it, as its FATAL line tells
  2  there is no such zone
  3  wrong usage
`

const attachUsage = `Usage: dockerzone attach ZONE

Shows the console of a zone that was left with Ctrl-P Ctrl-Q, and types into it.
Ctrl-P Ctrl-Q leaves it again. ZONE is the payload's alias, uuid or hostname.

Exit status: as that of dockerzone run
`

const netUsage = `Usage: dockerzone net ZONE [-- CMD [ARG…]]

Prints the addresses and routes of a zone that dockerzone run has booted. With
CMD, runs a program of this machine where the zone's gateways are, from where the
zone can be reached. ZONE is the payload's alias, uuid or hostname.

Exit status:
  0, or that of CMD
  2  there is no such zone
  3  wrong usage

Example:
  dockerzone net web0 -- curl -s http://10.88.0.14/
`

func runExec(args []string, std stdio) int {
	flags := flag.NewFlagSet("exec", flag.ContinueOnError)
	tty := flags.Bool("tty", std.terminal && terminal.Is(os.Stdout), "")
	noTTY := flags.Bool("no-tty", false, "")
	log := flags.Bool("log", false, "")
	var pass []string
	for _, name := range []string{"user", "env", "workdir"} {
		flags.Func(name, "", func(v string) error { pass = append(pass, "--"+name, v); return nil })
	}
	if status, ok := parseFlags(flags, args, execUsage, std); !ok {
		return status
	}
	if flags.NArg() < 2 {
		return misused(std, "exec", "a zone and a command are needed")
	}
	command := flags.Args()[1:]
	if command[0] == "--" {
		command = command[1:]
	}
	e := sim.Exec{Args: append(append(pass, "--"), command...), Terminal: *tty && !*noTTY}
	if e.Terminal {
		e.Term = os.Getenv("TERM")
		if size, err := unix.IoctlGetWinsize(int(os.Stdin.Fd()), unix.TIOCGWINSZ); err == nil {
			e.Rows, e.Columns = size.Row, size.Col
		}
	}
	c := console{raw: e.Terminal}
	words := &preamble{show: *log, log: func(line string) { fmt.Fprintln(std.err, line) }}
	if e.Terminal {
		words.to = func(p []byte) { _, _ = std.out.Write(p) }
		c.output = words.take
	} else {
		words.to = func(p []byte) { _, _ = std.err.Write(p) }
		c.errors = words.take
	}
	return ask(flags.Arg(0), sim.Request{Op: "exec", Exec: e}, c, "exec", std)
}

func runAttach(args []string, std stdio) int {
	flags := flag.NewFlagSet("attach", flag.ContinueOnError)
	if status, ok := parseOne(flags, args, attachUsage, "a zone", std); !ok {
		return status
	}
	return ask(flags.Arg(0), sim.Request{Op: "console"}, console{raw: true, detaches: true, stops: true}, "attach", std)
}

func runNet(args []string, std stdio) int {
	flags := flag.NewFlagSet("net", flag.ContinueOnError)
	args, command := cutCommand(args)
	if status, ok := parseOne(flags, args, netUsage, "a zone", std); !ok {
		return status
	}
	r := sim.Request{Op: "network"}
	if len(command) > 0 {
		r = sim.Request{Op: "switch", Exec: sim.Exec{Args: command}}
	}
	return ask(flags.Arg(0), r, console{}, "net", std)
}

// ask has the zone's keeper do what is requested, and shows it.
func ask(name string, r sim.Request, c console, subcommand string, std stdio) int {
	z, err := sim.Find(name)
	if err != nil {
		return failed(std, subcommand, err)
	}
	client, err := z.Dial(r)
	if err != nil {
		return failed(std, subcommand, err)
	}
	defer client.Close()
	end, detached, err := converse(client, std, c)
	switch {
	case err != nil:
		return failed(std, subcommand, err)
	case detached:
		return tellDetached(name, subcommand, std)
	case r.Op == "console":
		return tellZoneEnd(end, std)
	}
	return end.Code()
}

// A preamble is what dockerexec says before its command takes over, which the host
// keeps to itself but for the FATAL line.
type preamble struct {
	to   func([]byte)
	log  func(string)
	show bool
	over bool
	rest []byte // of a line that is not whole
}

// sdc-cn-agent: lib/backends/smartos/lib/docker-stdio.js
var logLine = regexp.MustCompile(`^\d+-\d+-\d+T\d+:\d+:\d+\.\d+Z (.*)$`)

func (p *preamble) take(chunk []byte) {
	if p.over {
		p.to(chunk)
		return
	}
	p.rest = append(p.rest, chunk...)
	for !p.over {
		line, rest, whole := bytes.Cut(p.rest, []byte("\n"))
		if !whole {
			return
		}
		p.rest = rest
		text := strings.TrimRight(string(line), "\r")
		m := logLine.FindStringSubmatch(text)
		if p.show {
			p.log(text)
		}
		switch {
		case m == nil:
		case strings.HasPrefix(m[1], "EXEC"):
			p.over = true
		case strings.HasPrefix(m[1], "FATAL (code: "):
			p.over = true
			if !p.show {
				p.to([]byte(text + "\r\n"))
			}
		}
	}
	if len(p.rest) > 0 {
		p.to(p.rest)
	}
}
