package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	"dockerinit/cmd/internal/terminal"
	"dockerinit/cmd/internal/version"
	"dockerinit/core"
	"dockerinit/core/bootlog"
	"dockerinit/core/exit"
)

// usageFlags is the end of each backend's usage text.
const usageFlags = `  --user USER       another user: user[:group], names or numbers
  --env NAME=VALUE  one more variable, or another value; may be given again.
                    NAME alone removes the variable
  --workdir DIR     another working directory, absolute or relative to /
  --version         print the version and end
  --help            print this and end

What it does is logged on standard error, a line each. A line EXEC is the last
before the command takes over; a FATAL line with a code tells why it does not.
The exit status is the command's; 127 where the command does not exist, 126
where it cannot be executed, 125 where anything else failed.
`

// parse turns the arguments into a request. help and version are questions that
// end the program; more declares the flags that a backend has of its own.
func parse(args []string, more func(*flag.FlagSet)) (r core.ExecRequest, question string, err error) {
	flags := flag.NewFlagSet("dockerexec", flag.ContinueOnError)
	flags.SetOutput(io.Discard) // what is wrong is told as a FATAL line, as the host expects
	flags.StringVar(&r.User, "user", "", "")
	flags.StringVar(&r.Workdir, "workdir", "", "")
	flags.Func("env", "", func(v string) error {
		r.Env = append(r.Env, v)
		return nil
	})
	askVersion := flags.Bool("version", false, "")
	if more != nil {
		more(flags)
	}
	err = flags.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return r, "help", nil
	case err != nil:
		return r, "", exit.InvalidValue.Errorf("arguments: %w; see dockerexec --help", err)
	case *askVersion:
		return r, "version", nil
	}
	r.Args = flags.Args()
	if terminal.Is(os.Stdin) {
		r.Term = os.Getenv("TERM") // without a terminal it says nothing
	}
	return r, "", nil
}

// run does what the arguments ask, on a platform that connect makes once it is
// needed, and returns the exit status.
func run(args []string, help string, more func(*flag.FlagSet), backend string, connect func(*bootlog.Logger) (core.Platform, error)) int {
	r, question, err := parse(args, more)
	switch question {
	case "version":
		fmt.Println("dockerexec", version.Version, backend)
		return 0
	case "help":
		fmt.Print(help)
		return 0
	}
	log := bootlog.New()
	_ = log.To(os.Stderr) // nobody is there to hear that nobody hears
	var platform core.Platform
	if err == nil {
		platform, err = connect(log.Logger)
	}
	if err != nil {
		core.Fatal(log, err)
	} else {
		err = core.Exec(context.Background(), platform, log, r)
	}
	return exit.StatusOf(err)
}
