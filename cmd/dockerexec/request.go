package main

import (
	"context"
	"fmt"
	"maps"
	"os"
	"strings"

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
// end the program; more takes the values of flags that a backend has of its own.
// Package flag would be 50 KB of a program that is read at each docker exec; its
// ways of writing a flag are taken here too.
func parse(args []string, more map[string]func(string)) (r core.ExecRequest, question string, err error) {
	take := map[string]func(string){
		"user":    func(v string) { r.User = v },
		"workdir": func(v string) { r.Workdir = v },
		"env":     func(v string) { r.Env = append(r.Env, v) },
	}
	maps.Copy(take, more)
	for len(args) > 0 && len(args[0]) > 1 && args[0][0] == '-' {
		word := args[0]
		args = args[1:]
		if word == "--" {
			break
		}
		name, value, given := strings.Cut(strings.TrimPrefix(word[1:], "-"), "=")
		switch name {
		case "help", "h":
			return r, "help", nil
		case "version":
			return r, "version", nil
		}
		set, known := take[name]
		switch {
		case !known:
			return r, "", wrong("flag provided but not defined: -" + name) // its value may be a secret
		case given:
		case len(args) == 0:
			return r, "", wrong("flag needs an argument: -" + name)
		default:
			value, args = args[0], args[1:]
		}
		set(value)
	}
	r.Args = args
	if terminal.Is(os.Stdin) {
		r.Term = os.Getenv("TERM") // without a terminal it says nothing
	}
	return r, "", nil
}

func wrong(what string) error {
	return exit.InvalidValue.Errorf("arguments: %s; see dockerexec --help", what)
}

// run does what the arguments ask, on a platform that connect makes once it is
// needed, and returns the exit status.
func run(args []string, help string, more map[string]func(string), backend string, connect func(*bootlog.Logger) (core.Platform, error)) int {
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
