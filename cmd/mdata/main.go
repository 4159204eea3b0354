// Command mdata reads and writes the zone's metadata. It also answers to the
// names mdata-get, mdata-put, mdata-delete and mdata-list.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"dockerinit/cmd/internal/backend/host"
	"dockerinit/cmd/internal/version"
	"dockerinit/core/bootlog"
	"dockerinit/core/exit"
	"dockerinit/core/metadata"
)

// The exit statuses, as --help tells them.
const (
	exitDone     = 0
	exitNotFound = 1
	exitError    = 2
	exitUsage    = 3
)

const usage = `Usage: mdata [FLAG…] get KEY
       mdata [FLAG…] put KEY [VALUE]
       mdata [FLAG…] delete KEY
       mdata [FLAG…] list

Reads and writes the metadata of the SmartOS zone or virtual machine in which it
runs. Under the names mdata-get, mdata-put, mdata-delete and mdata-list it is
that command alone: mdata-get KEY.

Commands:
  get KEY          print the key's value, with a line end if it has none
  put KEY [VALUE]  write the value, which may begin with a dash; without VALUE
                   it is read from standard input, as it is, to its end
  delete KEY       remove the key; one that is not there is no error
  list             print the keys, one a line

Flags, before or after the command:
  --socket PATH    ask at this unix socket, or this serial line, and not at the
                   zone's own; for a service of one's own, such as that of
                   "dockerzone metadata"
  --timeout TIME   how long to try to reach the service, 10s unless it is given
  --               what follows is no flag
  --help           show this text
  --version        show the version

A value may have up to 16 MiB and any bytes. The host refuses to write sdc: and
docker: keys, and empty values.

Exit status:
  0  found, or done
  1  get: there is no such key
  2  an error, which is told on standard error
  3  the command line is wrong

Examples:
  mdata get sdc:hostname
  mdata put motd < /etc/motd
  mdata list --socket /tmp/m.sock
`

type stdio struct {
	in       io.Reader
	out, err io.Writer
}

func main() {
	os.Exit(run(context.Background(), filepath.Base(os.Args[0]), os.Args[1:], stdio{os.Stdin, os.Stdout, os.Stderr}))
}

func run(ctx context.Context, name string, args []string, std stdio) int {
	var prefix []string
	if command, ok := strings.CutPrefix(name, "mdata-"); ok && commands[command].run != nil {
		prefix = []string{command}
	} else {
		name = "mdata"
	}
	o, words, err := parse(prefix, args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprint(std.out, usage)
		return exitDone
	case err == nil && o.version:
		fmt.Fprintln(std.out, "mdata", version.Version)
		return exitDone
	case err == nil:
		err = check(words)
	}
	if err != nil {
		fmt.Fprintf(std.err, "%s: %v\n%s --help tells how it is used\n", name, err, name)
		return exitUsage
	}

	dial := metadata.Dial(host.Dial)
	if o.socket != "" {
		dial = func(ctx context.Context) (metadata.Conn, error) { return host.DialAt(ctx, o.socket) }
	}
	client := metadata.New(dial, bootlog.NewLogger(bootlog.NewText(std.err)), o.timeout)
	defer client.Close()
	status, err := commands[words[0]].run(ctx, client, words[1:], std)
	for _, e := range exit.Each(err) {
		fmt.Fprintf(std.err, "%s: %s\n", name, oneLine(e.Error()))
	}
	return status
}

// oneLine keeps a terminal safe from what an error quotes.
func oneLine(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, text)
}

type options struct {
	socket  string
	timeout time.Duration
	version bool
}

// parse takes flags wherever they stand before a "--", and puts the other words
// after those that there are. What follows the key of a put is a value, however it
// begins (a key in PEM, say), unless it is one of our own flags.
func parse(words, args []string) (o options, _ []string, err error) {
	flags := flag.NewFlagSet("mdata", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.StringVar(&o.socket, "socket", "", "")
	flags.DurationVar(&o.timeout, "timeout", metadata.ExecContact, "")
	flags.BoolVar(&o.version, "version", false, "")
	for {
		if len(words) == 2 && words[0] == "put" && len(args) > 0 && !isFlag(flags, args[0]) {
			words, args = append(words, args[0]), args[1:]
		}
		before := args
		if err := flags.Parse(args); err != nil {
			return o, nil, err
		}
		args = flags.Args()
		if ended := len(before) - len(args); ended > 0 && before[ended-1] == "--" {
			words = append(words, args...)
			break
		}
		if len(args) == 0 {
			break
		}
		words, args = append(words, args[0]), args[1:]
	}
	if o.timeout <= 0 {
		return o, nil, fmt.Errorf("--timeout %v: it has to be more than nothing", o.timeout)
	}
	return o, words, nil
}

func isFlag(flags *flag.FlagSet, word string) bool {
	name, _, _ := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(word, "-"), "-"), "=")
	return word == "--" || name != word && (name == "help" || name == "h" || flags.Lookup(name) != nil)
}

// check tells what is wrong with a command and its arguments.
func check(words []string) error {
	if len(words) == 0 {
		return errors.New("a command is missing: get, put, delete or list")
	}
	c := commands[words[0]]
	switch n := len(words) - 1; {
	case c.run == nil:
		return fmt.Errorf("there is no command %q: it is get, put, delete or list", words[0])
	case n < c.least:
		return fmt.Errorf("%s: the key is missing", words[0])
	case n > c.most:
		return fmt.Errorf("%s: %q is one argument too many", words[0], words[1+c.most])
	}
	return nil
}
