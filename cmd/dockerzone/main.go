// Command dockerzone is the tool for people who write payloads and images for
// docker zones: it shows what a zone would do and plays its host.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"sync/atomic"
	"syscall"

	"dockerinit/cmd/internal/terminal"
	"dockerinit/cmd/internal/version"
	"dockerinit/core/bootlog"
)

// The exit statuses, as --help tells them.
const (
	exitOK    = 0
	exitNo    = 1 // the answer is no: the zone would not boot, or is not well
	exitError = 2 // there is no answer: a file cannot be read, a socket not be made
	exitUsage = 3
)

// A subcommand is one line of the usage text and what it runs.
type subcommand struct {
	name, summary string
	run           func(args []string, std stdio) int
}

type stdio struct {
	in       io.Reader
	terminal bool // in is one
	out, err io.Writer
}

var subcommands = append([]subcommand{
	{"plan", "show what a zone would do, and all that is wrong with its payload", runPlan},
	{"explain", "explain a code, a log or a failure record", runExplain},
	{"timeline", "draw where a boot's time went", runTimeline},
	{"from-image", "print the payload of a zone for an image", runFromImage},
	{"metadata", "serve a payload's metadata on a socket, as the host does", runMetadata},
}, zoneCommands...)

func main() {
	enter() // first: in a process that is part of a zone it does not return
	out := &output{to: os.Stdout}
	std := stdio{os.Stdin, terminal.Is(os.Stdin), out, os.Stderr}
	status := run(os.Args[1:], std)
	if err := out.failed.Load(); err != nil && status != exitError && !errors.Is(*err, syscall.EPIPE) {
		fmt.Fprintf(os.Stderr, "dockerzone: some of the output is lost: %v\n", *err)
		if status == exitOK {
			status = exitError
		}
	}
	os.Exit(status)
}

// An output remembers how it failed: a zone goes on all the same, and what is lost
// is told at the end.
type output struct {
	to     io.Writer
	failed atomic.Pointer[error]
}

func (o *output) Write(p []byte) (int, error) {
	n, err := o.to.Write(p)
	if err != nil {
		o.failed.CompareAndSwap(nil, &err)
	}
	return n, err
}

func run(args []string, std stdio) int {
	if len(args) == 0 {
		usage(std.err)
		return exitUsage
	}
	switch args[0] {
	case "-h", "--help", "-help", "help":
		if len(args) == 2 && args[0] == "help" {
			return run([]string{args[1], "--help"}, std)
		}
		usage(std.out)
		return exitOK
	case "--version", "-version":
		fmt.Fprintln(std.out, "dockerzone", version.Version)
		return exitOK
	}
	for _, c := range subcommands {
		if c.name == args[0] {
			return c.run(args[1:], std)
		}
	}
	var names []string
	for _, c := range subcommands {
		names = append(names, c.name)
	}
	fmt.Fprintf(std.err, "dockerzone: there is no subcommand %q: it is one of %s\ndockerzone --help tells what they do\n", args[0], strings.Join(names, ", "))
	return exitUsage
}

func usage(w io.Writer) {
	fmt.Fprint(w, `Usage: dockerzone SUBCOMMAND [FLAG…]

Shows what a SmartOS docker zone does with a payload, and plays its host.
A payload is the JSON that vmadm create takes and vmadm get prints.

Subcommands:
`)
	for _, c := range subcommands {
		fmt.Fprintf(w, "  %-10s %s\n", c.name, c.summary)
	}
	fmt.Fprint(w, `
  dockerzone SUBCOMMAND --help tells its flags.

Exit status:
  0  done; for plan: the zone would boot; for doctor: nothing was found
  1  plan: the zone would not boot; doctor: something was found
  2  an error: a file cannot be read, a socket cannot be made
  3  wrong usage

Examples:
  dockerzone plan platform_fake/examples/broken.json
  ssh HOST vmadm get UUID | dockerzone plan --json
  dockerzone explain /zones/UUID/root/var/log/sdc-dockerinit.log
  dockerzone timeline --blame /zones/UUID/root/var/log/sdc-dockerinit.log
  dockerzone from-image nginx.tar >zone.json
  dockerzone metadata --socket /tmp/m.sock --watch zone.json
`)
}

// parsePayload reads the flags of a subcommand that takes a payload: name is the flag
// --payload, and then what was given, "-" where nothing was. ok is false where the
// subcommand is to end with status.
func parsePayload(flags *flag.FlagSet, name *string, args []string, help string, std stdio) (status int, ok bool) {
	if status, ok := parseFlags(flags, args, help, std); !ok {
		return status, false
	}
	switch given := flags.NArg(); {
	case given > 0 && *name != "":
		return unexpected(std, flags, 0), false
	case given > 1:
		return unexpected(std, flags, 1), false
	case given == 1:
		*name = flags.Arg(0)
	case *name == "" && std.terminal:
		return misused(std, flags.Name(), "a payload is missing"), false
	case *name == "":
		*name = "-"
	}
	return 0, true
}

// parseOne reads the flags of one that takes one argument, which is what.
func parseOne(flags *flag.FlagSet, args []string, help, what string, std stdio) (status int, ok bool) {
	if status, ok := parseFlags(flags, args, help, std); !ok {
		return status, false
	}
	switch flags.NArg() {
	case 0:
		return misused(std, flags.Name(), what+" is missing"), false
	case 1:
		return 0, true
	}
	return unexpected(std, flags, 1), false
}

func unexpected(std stdio, flags *flag.FlagSet, i int) int {
	text := fmt.Sprintf("unexpected argument %q", flags.Arg(i))
	if strings.HasPrefix(flags.Arg(i), "-") {
		text += ": flags come first"
	}
	return misused(std, flags.Name(), text)
}

func parseFlags(flags *flag.FlagSet, args []string, help string, std stdio) (status int, ok bool) {
	flags.SetOutput(io.Discard)
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprint(std.out, help)
		return exitOK, false
	case err != nil:
		return misused(std, flags.Name(), err.Error()), false
	}
	return 0, true
}

func misused(std stdio, subcommand, text string) int {
	tell(std, subcommand, text)
	fmt.Fprintf(std.err, "dockerzone %s --help tells how it is used\n", subcommand)
	return exitUsage
}

func failed(std stdio, subcommand string, err error) int {
	tell(std, subcommand, err.Error())
	return exitError
}

// tell writes a line to standard error, in which nothing is a terminal's escape.
func tell(std stdio, subcommand, text string) {
	fmt.Fprintf(std.err, "dockerzone %s: %s\n", subcommand, bootlog.Escape(text))
}
