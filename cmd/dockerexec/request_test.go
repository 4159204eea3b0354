package main

import (
	"fmt"
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	var own string
	more := map[string]func(string){"own": func(v string) { own = v }}
	for _, tt := range []struct{ name, args, want string }{
		{"a command", "id -u --x", `["id" "-u" "--x"] user "" dir "" env [] own ""`},
		{"one dash and two, with = and without", "-user=u --workdir /d --env A=b=c -env B id", `["id"] user "u" dir "/d" env ["A=b=c" "B"] own ""`},
		{"the last counts", "--user a --user b id", `["id"] user "b" dir "" env [] own ""`},
		{"a value may look like a flag", "--user --own id", `["id"] user "--own" dir "" env [] own ""`},
		{"a backend's own", "--own x id", `["id"] user "" dir "" env [] own "x"`},
		{"-- ends the flags", "--user u -- --version", `["--version"] user "u" dir "" env [] own ""`},
		{"a dash is no flag", "- x", `["-" "x"] user "" dir "" env [] own ""`},
		{"a question", "--user u -h", "help"},
		{"another", "-version id", "version"},
		{"what is no flag is told without its value", "--envv=A=secret id", "arguments: flag provided but not defined: -envv; see dockerexec --help"},
		{"nothing but dashes", "--- id", "arguments: flag provided but not defined: --; see dockerexec --help"},
		{"no value", "--env", "arguments: flag needs an argument: -env; see dockerexec --help"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			own = ""
			r, got, err := parse(strings.Fields(tt.args), more)
			if err != nil {
				got = err.Error()
			} else if got == "" {
				got = fmt.Sprintf("%q user %q dir %q env %q own %q", r.Args, r.User, r.Workdir, r.Env, own)
			}
			if got != tt.want {
				t.Errorf("\n got %s\nwant %s", got, tt.want)
			}
		})
	}
}
