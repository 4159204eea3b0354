package scenario

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"dockerinit/core/bootlog"
	"dockerinit/core/exit"
	"dockerinit/core/image"
	"dockerinit/core/process"
)

// A Result is what a boot has left behind, whatever it stood on.
type Result struct {
	Err     error
	State   string // the zone, as its platform describes it
	Log     string
	Root    string            // the image's
	Command process.Command   // what the zone became; zero where it did not
	Started []process.Command // what runs beside it
}

// Line is a line of the log as the host's agent takes it apart.
// sdc-cn-agent: lib/backends/smartos/lib/docker-stdio.js
var Line = regexp.MustCompile(`^(\d+-\d+-\d+T\d+:\d+:\d+\.\d+Z) (.*)$`)

var fatalLine = regexp.MustCompile(`^FATAL \(code: (\d+)\): (.*)$`)

// Outcome is the result as Want has it: the state, what is to be shown, and of a
// boot that failed
//
//	error docker:env: element 2: …       each mistake, where there are several
//	fatal 29 docker:user "nobdy": …      the FATAL line
//	status 125                           the process's
//
// The FATAL line stands for what the console and the failure record say as well:
// where these differ from it, they are left in the state.
func (s Scenario) Outcome(r Result) string {
	state, end := r.State, ""
	for _, line := range r.Lines() {
		if text, ok := strings.CutPrefix(line, "ERROR "); ok {
			end += "error " + text + "\n"
		}
		m := fatalLine.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		code, text := m[1], m[2]
		end += fmt.Sprintf("fatal %s %s\nstatus %d\n", code, text, exit.StatusOf(r.Err))
		said := fmt.Sprintf("said %q\n", fmt.Sprintf("dockerinit: FATAL (code: %s): %s", code, text))
		state = strings.Replace(state, said, "", 1)
		record := fmt.Sprintf("failure (code: %s) %s\n", code, text)
		if strings.Contains(state, record) {
			state = strings.Replace(state, record, "", 1)
		} else {
			end += "no failure record\n"
		}
	}
	var shown strings.Builder
	for _, what := range s.Show {
		shown.WriteString(r.show(what))
	}
	return state + shown.String() + r.owner(end)
}

// owner gives the image's files to root, whose they are in a zone; in a test
// they belong to whoever runs it.
func (r Result) owner(text string) string {
	info, err := os.Lstat(r.Root)
	if err != nil {
		return text
	}
	uid, gid, _, _ := image.Owner(info)
	return strings.ReplaceAll(text, fmt.Sprintf("owner %d:%d", uid, gid), "owner 0:0")
}

func (r Result) show(what string) string {
	switch what {
	case "path":
		return fmt.Sprintf("path %s\n", r.Command.Path)
	case "env":
		return lines("env", r.Command.Env)
	case "logger":
		var text string
		for _, c := range r.Started {
			text += fmt.Sprintf("path %s\n", c.Path) + lines("env", c.Env)
		}
		return text
	}
	info, err := os.Lstat(filepath.Join(r.Root, what))
	if err != nil {
		return "no " + what + "\n"
	}
	text := fmt.Sprintf("%s %s", info.Mode(), what)
	switch {
	case info.Mode()&fs.ModeSymlink != 0:
		target, _ := os.Readlink(filepath.Join(r.Root, what))
		text += " -> " + target
	case info.Mode().IsRegular() && info.Size() == 0:
		text += " empty"
	}
	return text + "\n"
}

func lines(word string, all []string) (text string) {
	for _, l := range all {
		text += word + " " + bootlog.Escape(l) + "\n"
	}
	return text
}

// Lines are the log's, without their times.
func (r Result) Lines() (all []string) {
	for line := range strings.Lines(r.Log) {
		if m := Line.FindStringSubmatch(strings.TrimSuffix(line, "\n")); m != nil {
			all = append(all, m[2])
		}
	}
	return all
}

// Warnings are the log's.
func (r Result) Warnings() (all []string) {
	for _, line := range r.Lines() {
		if text, ok := strings.CutPrefix(line, "WARN "); ok {
			all = append(all, text)
		}
	}
	return all
}

// Check compares the result with what must come of the scenario.
func (s Scenario) Check(t testing.TB, r Result) {
	t.Helper()
	if got, want := s.Outcome(r), strings.TrimPrefix(s.Want, "\n"); got != want {
		t.Errorf("\ngot\n%s\nwant\n%s", got, want)
	}
	got := r.Warnings()
	want := strings.Split(strings.TrimSpace(s.Warns), "\n")
	if s.Warns == "" {
		want = nil
	}
	same := len(got) == len(want)
	for i := range want {
		same = same && strings.HasPrefix(got[i], want[i])
	}
	if !same {
		t.Errorf("warnings\ngot\n%s\nwant, each beginning with\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	for where, text := range map[string]string{"the log": r.Log, "the state": r.State} {
		if strings.Contains(text, Canary) {
			t.Errorf("a secret stands in %s", where)
		}
	}
}
