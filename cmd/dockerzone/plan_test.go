package main_test

import (
	"encoding/json"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"dockerinit/cmd/internal/cmdtest"
	"dockerinit/platform_fake/need"
)

var update = flag.Bool("update", false, "rewrite testdata")

// bin is where the programs are.
var bin string

func TestMain(m *testing.M) {
	probe() // where the test's own program runs in a zone, it does not return
	cmdtest.Main(&bin, m.Run, "dockerzone", "mdata:fake", "dockerinit:fake", "dockerinit", "dockerexec", "mdata", "platform_fake/sim/logger")
}

func dockerzone(args ...string) *exec.Cmd {
	return exec.Command(filepath.Join(bin, "dockerzone"), args...)
}

const examples = "../../platform_fake/examples/"

func TestPlan(t *testing.T) {
	for _, tt := range []struct {
		payload string
		status  int
	}{
		{examples + "hello.json", 0},
		{examples + "shell.json", 0},
		{examples + "two-nics.json", 0},
		{examples + "restart.json", 0},
		{examples + "minimal.json", 0},
		{examples + "broken.json", 1},
		{"testdata/payloads/near-misses.json", 1},
		{"testdata/payloads/everything.json", 0},
		{"testdata/payloads/bare.json", 1},
	} {
		name := strings.TrimSuffix(filepath.Base(tt.payload), ".json")
		t.Run(name, func(t *testing.T) {
			for suffix, args := range map[string][]string{
				".golden":      {"plan", "--payload", tt.payload},
				".json.golden": {"plan", "--payload", tt.payload, "--json"},
			} {
				r := cmdtest.Run(t, dockerzone(args...))
				if r.Status != tt.status || r.Stderr != "" {
					t.Errorf("status %d, want %d\n%s", r.Status, tt.status, r.Stderr)
				}
				if strings.Contains(r.Stdout, "canary") || strings.Contains(r.Stdout, "\x1b") {
					t.Errorf("a secret or an escape is shown:\n%s", r.Stdout)
				}
				cmdtest.Golden(t, *update, name+suffix, r.Stdout)
			}
		})
	}
}

// The zone of everything.json is complete only with its image.
func TestPlanWithAnImage(t *testing.T) {
	root := t.TempDir()
	for name, file := range map[string]struct {
		content string
		mode    os.FileMode
	}{
		"etc/passwd":    {"root:x:0:0::/root:/bin/sh\nweb:x:33:33::/srv/web:/bin/sh\n", 0o644},
		"etc/group":     {"web:x:33:\nvideo:x:27:\n", 0o644},
		"opt/bin/serve": {"#!/bin/sh\n", 0o755},
		"bin/sh":        {"#!/opt/bin/serve\n", 0o755},
		"bin/notes":     {"", 0o644},
	} {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(file.content), file.mode); err != nil {
			t.Fatal(err)
		}
	}
	everything := "testdata/payloads/everything.json"
	for _, tt := range []struct {
		name    string
		payload string
		status  int
		want    []string
	}{
		{"users and the command are looked up", everything, 0,
			[]string{"user         web:4711 (33:4711 groups 27,44), home /srv/web\n", "directory    /srv/web/dir\n", "program      /opt/bin/serve\n", "It would boot"}},
		{"an unknown user is an error at its key", cmdtest.Payload(t, nil, map[string]any{"docker:user": "nobdy"}), 1,
			[]string{`error        internal_metadata["docker:user"]` + "\n" + `             "nobdy": no such user in /etc/passwd` + "\n", "It would not boot"}},
		{"an unknown group is one at its element", cmdtest.Payload(t, nil, map[string]any{"docker:group_add": `["video", "nosuch"]`, "docker:cmd": `["serve"]`, "docker:env": `["PATH=/opt/bin"]`}), 1,
			[]string{`error        internal_metadata["docker:group_add"][1]` + "\n" + `             element 2 "nosuch": no such group`, "root (not found in the image)"}},
		{"an unknown command is one at its word", cmdtest.Payload(t, nil, map[string]any{"docker:cmd": `["nosuch"]`}), 1,
			[]string{`error        internal_metadata["docker:cmd"][0]` + "\n" + `             "nosuch": not found`}},
		{"of the entrypoint where there is one", cmdtest.Payload(t, nil, map[string]any{"docker:entrypoint": `["/bin/notes"]`}), 1,
			[]string{`error        internal_metadata["docker:entrypoint"][0]` + "\n" + `             "/bin/notes": `}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := cmdtest.Run(t, dockerzone("plan", "--payload", tt.payload, "--rootfs", root))
			if r.Status != tt.status {
				t.Errorf("status %d, want %d", r.Status, tt.status)
			}
			for _, want := range tt.want {
				if !strings.Contains(r.Stdout, want) {
					t.Errorf("no %q in\n%s%s", want, r.Stdout, r.Stderr)
				}
			}
		})
	}
}

// What a plan tells and what it does must agree for programs too.
func TestPlanAsJSON(t *testing.T) {
	r := cmdtest.Run(t, dockerzone("plan", "--json", "--payload", cmdtest.Payload(t, nil, map[string]any{"docker:cmd": `["a<b", "&"]`, "docker:stoptimeout": "soon"})))
	var told struct {
		Boots    *bool
		Argv     []string
		Problems []struct {
			Path, Text string
			Code       int
			Warning    *bool
		}
	}
	if err := json.Unmarshal([]byte(r.Stdout), &told); err != nil {
		t.Fatal(err)
	}
	if r.Status != 1 || told.Boots == nil || *told.Boots || len(told.Problems) != 1 || told.Problems[0].Code != 64 ||
		told.Problems[0].Path != `internal_metadata["docker:stoptimeout"]` || strings.Join(told.Argv, " ") != "a<b &" {
		t.Errorf("status %d\n%s", r.Status, r.Stdout)
	}
}

func TestPlanTellsEachFieldInItsHelp(t *testing.T) {
	help := cmdtest.Run(t, dockerzone("plan", "--help")).Stdout
	var fields map[string]any
	r := cmdtest.Run(t, dockerzone("plan", "--json", "--payload", "testdata/payloads/everything.json"))
	if err := json.Unmarshal([]byte(r.Stdout), &fields); err != nil {
		t.Fatal(err)
	}
	for name := range fields {
		if !strings.Contains(help, "\n  "+name) && !strings.Contains(help, ", "+name+"\n") {
			t.Errorf("plan --help does not tell the field %s", name)
		}
	}
}

func TestCommandLine(t *testing.T) {
	good := cmdtest.Payload(t, nil, nil)
	folder := cmdtest.Folder(t)
	for _, tt := range []struct {
		name   string
		args   []string
		stdin  string
		status int
		want   string // in stdout where the status is 0 or 1, else in stderr
	}{
		{"nothing", nil, "", 3, "Usage: dockerzone SUBCOMMAND"},
		{"help", []string{"--help"}, "", 0, "Usage: dockerzone SUBCOMMAND"},
		{"the word help", []string{"help"}, "", 0, "Usage: dockerzone SUBCOMMAND"},
		{"the word help before a subcommand", []string{"help", "plan"}, "", 0, "Usage: dockerzone plan"},
		{"the word help before another one", []string{"help", "pln"}, "", 3, `there is no subcommand "pln"`},
		{"version", []string{"--version"}, "", 0, "dockerzone "},
		{"an unknown subcommand", []string{"pln"}, "", 3, `there is no subcommand "pln": it is one of plan, explain, `},
		{"plan: help", []string{"plan", "--help"}, "", 0, "Usage: dockerzone plan"},
		{"plan: help after other flags", []string{"plan", "--json", "-h"}, "", 0, "Usage: dockerzone plan"},
		{"plan: an unknown flag", []string{"plan", "--paylod", good}, "", 3, "not defined: -paylod\ndockerzone plan --help tells"},
		{"plan: a payload without its flag", []string{"plan", good}, "", 0, "It would boot."},
		{"plan: a flag after it", []string{"plan", good, "--json"}, "", 3, `unexpected argument "--json": flags come first`},
		{"plan: two payloads", []string{"plan", "--payload", good, good}, "", 3, "unexpected argument"},
		{"plan: nothing that only follows, where docker is forgotten", []string{"plan"}, `{"brand":"lx","internal_metadata":{"docker:cmd":"[\"true\"]"}}`, 1, "It would not boot: 1 error."},
		{"plan: a pipe without being told", []string{"plan"}, `{"brand":"lx","docker":true,"internal_metadata":{"docker:cmd":"[\"true\"]"}}`, 0, "It would boot."},
		{"plan: a pipe", []string{"plan", "--payload", "-"}, "{}", 1, "It would not boot"},
		{"plan: an empty pipe", []string{"plan"}, "", 2, "payload: empty"},
		{"plan: an array, as vmadm lookup prints", []string{"plan"}, "[]", 2, "vmadm lookup prints arrays"},
		{"plan: a file that is not there", []string{"plan", "--payload", folder + "/none"}, "", 2, "no such file"},
		{"plan: a directory", []string{"plan", "--payload", folder}, "", 2, "a directory, where a payload's file is expected"},
		{"plan: no JSON", []string{"plan"}, "{\n  \"a\": tru}", 2, "line 2, column 11"},
		{"plan: an escape in an error", []string{"plan", "--payload", "\x1b[2J"}, "", 2, `\x1b[2J`},
		{"plan: a root that is not there", []string{"plan", "--payload", good, "--rootfs", folder + "/none"}, "", 2, "--rootfs: "},
		{"plan: a file as root", []string{"plan", "--payload", good, "--rootfs", good}, "", 2, "--rootfs: "},
		{"explain: help", []string{"explain", "--help"}, "", 0, "Usage: dockerzone explain"},
		{"explain: nothing", []string{"explain"}, "", 3, "a code, a file or - is missing"},
		{"explain: two things", []string{"explain", "1", "2"}, "", 3, `unexpected argument "2"`},
		{"explain: an unknown flag", []string{"explain", "--jsn", "1"}, "", 3, "not defined: -jsn"},
		{"from-image: help", []string{"from-image", "--help"}, "", 0, "Usage: dockerzone from-image"},
		{"from-image: nothing", []string{"from-image"}, "", 3, "an image is missing"},
		{"from-image: two things", []string{"from-image", "a", "b"}, "", 3, `unexpected argument "b"`},
		{"from-image: stdin twice", []string{"from-image", "--into", "-", "-"}, "", 3, "standard input is either"},
		{"from-image: a platform that is none", []string{"from-image", "--platform", "linux", "-"}, "{}", 2, "OS/ARCHITECTURE is expected"},
		{"from-image: a payload that is not there", []string{"from-image", "--into", folder + "/none", "-"}, `{"config": {}}`, 2, "no such file"},
		{"from-image: a payload that is no object", []string{"from-image", "--into", cmdtest.File(t, "list", "[]"), "-"}, `{"config": {}}`, 2, "vmadm lookup prints arrays"},
		{"from-image: a payload with something after it", []string{"from-image", "--into", cmdtest.File(t, "more", "{} {}"), "-"}, `{"config": {}}`, 2, "line 1, column 4"},
		{"from-image: nothing on stdin", []string{"from-image", "-"}, "", 2, "empty, where an image's configuration is expected"},
		{"from-image: a configuration that ends too early", []string{"from-image", "-"}, "{\n\"config\": {", 2, "standard input: line 2: unexpected end"},
		{"from-image: text where an array belongs", []string{"from-image", "-"}, `{"config": {"Cmd": "ls -l"}}`, 2, "Cmd: JSON string, where an array of strings is expected"},
		{"from-image: no configuration", []string{"from-image", "-"}, "{}", 2, "no config in it"},
		{"from-image: an archive that is not there", []string{"from-image", "none.tar"}, "", 2, "no such file"},
		{"from-image: an empty file", []string{"from-image", cmdtest.File(t, "empty.tar", "")}, "", 2, "empty or cut short"},
		{"from-image: no archive", []string{"from-image", cmdtest.File(t, "bad.tar", "hello")}, "", 2, "neither JSON nor a whole archive"},
		{"from-image: a directory without images", []string{"from-image", folder}, "", 2, "no OCI layout"},
		{"from-image: no reference", []string{"from-image", "UPPER CASE"}, "", 2, "neither a file nor a reference"},
		{"metadata: help", []string{"metadata", "--help"}, "", 0, "Usage: dockerzone metadata"},
		{"metadata: no socket", []string{"metadata", "--payload", good}, "", 3, "--socket PATH is missing"},
		{"metadata: no payload", []string{"metadata", "--socket", folder + "/s"}, "", 2, "payload: empty"},
		{"metadata: a folder that is not there", []string{"metadata", "--payload", good, "--socket", folder + "/none/s"}, "", 2, "no such file"},
		{"metadata: something else of that name", []string{"metadata", "--payload", good, "--socket", good}, "", 2, "no socket"},
		{"metadata: a path too long for a socket", []string{"metadata", "--payload", good, "--socket", folder + "/" + strings.Repeat("s", 120)}, "", 2, "that of a socket has at most 10"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			cmd := dockerzone(tt.args...)
			cmd.Stdin = strings.NewReader(tt.stdin)
			r := cmdtest.Run(t, cmd)
			shown, silent := r.Stdout, r.Stderr
			if tt.status > 1 {
				shown, silent = silent, shown
			}
			if r.Status != tt.status || !strings.Contains(shown, tt.want) || silent != "" || strings.Contains(shown, "\x1b") {
				t.Errorf("status %d, want %d and %q\nstdout %s\nstderr %s", r.Status, tt.status, tt.want, r.Stdout, r.Stderr)
			}
		})
	}
}

func TestHelpFitsATerminal(t *testing.T) {
	for _, args := range [][]string{{"--help"}, {"plan", "--help"}, {"explain", "--help"}, {"from-image", "--help"}, {"metadata", "--help"}} {
		for i, line := range strings.Split(cmdtest.Run(t, dockerzone(args...)).Stdout, "\n") {
			if len([]rune(line)) > 80 {
				t.Errorf("%v: line %d: %s", args, i+1, line)
			}
		}
	}
}

// A terminal is stdin too, also where nobody is to type: as in Docker, and as
// every backend opens it.
func TestPlanOfStdio(t *testing.T) {
	for _, tt := range []struct{ tty, open, want string }{
		{"", "", "three streams, stdin empty"},
		{"", "true", "three streams"},
		{"true", "", "a terminal"},
		{"true", "true", "a terminal"},
	} {
		payload := cmdtest.Payload(t, nil, map[string]any{"docker:tty": tt.tty, "docker:open_stdin": tt.open})
		r := cmdtest.Run(t, dockerzone("plan", "--payload", payload))
		if want := "\nstdio        " + tt.want + "\n"; !strings.Contains(r.Stdout, want) {
			t.Errorf("tty %q, open_stdin %q: no %q in\n%s%s", tt.tty, tt.open, want, r.Stdout, r.Stderr)
		}
	}
}

// What is written to a full disk is not lost in silence.
func TestOutputThatIsLost(t *testing.T) {
	need.System(t, "linux") // for its /dev/full
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer full.Close()
	for _, args := range [][]string{{"--help"}, {"plan", "--help"}, {"--version"}, {"plan", examples + "hello.json"}, {"explain", "17"}} {
		cmd := dockerzone(args...)
		cmd.Stdout = full
		if r := cmdtest.Run(t, cmd); r.Status != 2 || strings.Count(r.Stderr, "no space left on device\n") != 1 {
			t.Errorf("%v: status %d\n%s", args, r.Status, r.Stderr)
		}
	}
}
