package core_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"

	"dockerinit/core"
	"dockerinit/core/exit"
	"dockerinit/platform_fake/scenario"
)

// TestMain gives the tests the umask that a kernel gives to the first process:
// directories that a boot makes are cut by it.
func TestMain(m *testing.M) {
	syscall.Umask(0o022)
	// A thousand images are made here, and none of their programs is run.
	const memory = "/dev/shm"
	if dir, err := os.MkdirTemp(memory, "dockerinit-"); err == nil && os.Getenv("TMPDIR") == "" {
		_ = os.Remove(dir) // it has shown that it can be made
		os.Setenv("TMPDIR", memory)
	}
	m.Run()
}

// A watch is told of a boot's actions before they are done, and may change what
// they do.
type watch struct {
	planned  []string // "step: what", in order
	optional []bool
	done     []string // those that were begun
	broken   int      // the number of the one that fails, from 0
	err      error    // with this; nil: none fails
}

func (w *watch) amend(step string, actions []core.Action) []core.Action {
	actions = slices.Clone(actions)
	for i, a := range actions {
		n := len(w.planned)
		line := step + ": " + a.What
		w.planned = append(w.planned, line)
		w.optional = append(w.optional, a.Optional)
		actions[i].Do = func(ctx context.Context) error {
			w.done = append(w.done, line)
			if w.err != nil && n == w.broken {
				return w.err
			}
			return a.Do(ctx)
		}
	}
	return actions
}

func (w *watch) options() core.Options { return core.Options{Version: "test", Amend: w.amend} }

func each(t *testing.T, f func(*testing.T, scenario.Scenario)) {
	for _, s := range scenario.All() {
		t.Run(s.Name, func(t *testing.T) {
			s.Need(t)
			f(t, s)
		})
	}
}

var (
	timed    = regexp.MustCompile(` \([0-9.]+(ns|µs|ms|s)\)$`)
	controls = regexp.MustCompile(`[\x00-\x1f\x7f]`)
)

// The log of every scenario: lines that the host's agent can read, one for each
// action that was done, and the end last.
func TestTheLogOfABoot(t *testing.T) {
	each(t, func(t *testing.T, s scenario.Scenario) {
		var w watch
		r := scenario.Boot(t, s.New(t), w.options())
		s.Check(t, r)

		var actions []string
		for line := range strings.Lines(r.Log) {
			line = strings.TrimSuffix(line, "\n")
			m := scenario.Line.FindStringSubmatch(line)
			if m == nil || controls.MatchString(line) {
				t.Errorf("the host's agent cannot read the line %q", line)
				continue
			}
			level, text, _ := strings.Cut(m[2], " ")
			switch {
			case level == "EXEC":
				actions = append(actions, "exec: "+text)
			case level != "FATAL" && level != "ERROR" && timed.MatchString(text):
				actions = append(actions, text)
			}
		}
		// One that failed and was not optional has an ERROR or FATAL line instead.
		for _, done := range w.done {
			if len(actions) > 0 && strings.HasPrefix(actions[0], done) {
				actions = actions[1:]
			} else if r.Err == nil {
				t.Errorf("no line for %q; the next is %q", done, slices.Concat(actions, []string{"none"})[0])
			}
		}
		if len(actions) > 0 {
			t.Errorf("lines for actions that were not done: %q", actions)
		}
		lines := r.Lines()
		if r.Err != nil { // whoever cannot be told of it says so
			lines = slices.DeleteFunc(lines, func(l string) bool { return strings.HasPrefix(l, "WARN metadata: PUT was posted") })
		}
		if strings.Contains(s.Want, " as a child\n") { // what comes after EXEC is of another table
			lines = lines[:1+slices.IndexFunc(lines, func(l string) bool { return strings.HasPrefix(l, "EXEC ") })]
		}
		end := map[bool]string{true: "EXEC ", false: "FATAL (code: "}[r.Err == nil]
		if !strings.HasPrefix(lines[len(lines)-1], end) {
			t.Errorf("the last line is %q", lines[len(lines)-1])
		}
		if n := strings.Count("\n"+strings.Join(lines, "\n"), "\nFATAL ") + strings.Count("\n"+strings.Join(lines, "\n"), "\nEXEC "); n != 1 {
			t.Errorf("%d lines that end a boot", n)
		}
		checkLogFile(t, r)
	})
}

func checkLogFile(t *testing.T, r scenario.Result) {
	t.Helper()
	name := filepath.Join(r.Root, "var/log/sdc-dockerinit.log")
	if strings.Contains(r.Log, "WARN log: write /var/log/sdc-dockerinit.log: the log is kept in memory: ") {
		if info, err := os.Stat(name); err == nil && info.Mode().IsRegular() {
			t.Errorf("the log was written to %s all the same", name)
		}
		return
	}
	info, err := os.Lstat(name)
	if err != nil || info.Mode() != 0o600 {
		t.Fatalf("%v, %v: want a file of mode 0600", info.Mode(), err)
	}
	content, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if string(content) != r.Log {
		t.Errorf("the file has\n%s\nand was told\n%s", content, r.Log)
	}
}

const marker = "var/svc/provisioning"

func exists(root, name string) bool {
	_, err := os.Lstat(filepath.Join(root, name))
	return err == nil
}

// most is in how many scenarios the same thing is broken: in all that have it, or
// with -short in two.
func most() int {
	if testing.Short() {
		return 2
	}
	return math.MaxInt
}

var errBroken = errors.New("broken on purpose")

// Each action of each scenario fails once. An optional one is one warning; any
// other ends the boot when its step is through, with its name and before
// anything later.
func TestEachActionFailingOnce(t *testing.T) {
	seen := map[string]int{}
	each(t, func(t *testing.T, s scenario.Scenario) {
		good := watch{}
		before := scenario.Boot(t, s.New(t), good.options())
		if before.Err != nil {
			return
		}
		for n, line := range good.planned {
			step, what, _ := strings.Cut(line, ": ")
			if step == "routes" {
				what, _, _ = strings.Cut(what, ".") // there are hundreds
			}
			if seen[step+what]++; seen[step+what] > most() {
				continue
			}
			w := watch{broken: n, err: errBroken}
			z := s.New(t)
			marked := exists(z.Root, marker)
			r := scenario.Boot(t, z, w.options())
			if strings.Contains(r.Log+r.State, scenario.Canary) {
				t.Errorf("%s failed, and a secret was told", line)
			}
			if good.optional[n] {
				checkWarning(t, line, before, r)
				continue
			}
			checkEnd(t, s, w, r)
			if marked && !exists(z.Root, marker) && !strings.HasPrefix(line, "exec: ") {
				t.Errorf("%s failed, and the zone counts as provisioned", line)
			}
		}
	})
}

// checkWarning: an optional action that fails makes one warning more, and the
// boot goes on.
func checkWarning(t *testing.T, line string, before, r scenario.Result) {
	t.Helper()
	if r.Err != nil {
		t.Errorf("%s is optional, and ended the boot: %v", line, r.Err)
	}
	n := 0
	for _, w := range r.Warnings() {
		if strings.HasPrefix(w, line+": "+errBroken.Error()) {
			n++
		}
	}
	if n != 1 {
		t.Errorf("%d warnings name %q:\n%s", n, line, strings.Join(r.Warnings(), "\n"))
	}
	if len(r.Warnings()) < len(before.Warnings()) {
		t.Errorf("%s: fewer warnings than without the fault: %q", line, r.Warnings())
	}
	if !strings.Contains(r.State, "command ") {
		t.Errorf("%s is optional, and the command did not start", line)
	}
}

// checkEnd: any other action that fails ends the boot.
func checkEnd(t *testing.T, s scenario.Scenario, w watch, r scenario.Result) {
	t.Helper()
	line := w.planned[w.broken]
	step, _, _ := strings.Cut(line, ":")
	if !errors.Is(r.Err, errBroken) {
		t.Errorf("%s failed, and the boot ended with %v", line, r.Err)
		return
	}
	want := fmt.Sprintf("%s: %s", line, errBroken)
	switch step {
	case "log", "metadata", "validate": // what is wrong with a key or the image names it
		want = errBroken.Error()
	case "command": // what it finds out has a code
	default:
		if r.Code() == exit.Unexpected {
			t.Errorf("%s failed, and no code says what that means", line)
		}
	}
	fatal := slices.IndexFunc(r.Lines(), func(l string) bool { return strings.HasPrefix(l, "FATAL ") })
	if fatal < 0 || !strings.Contains(r.Lines()[fatal], want) {
		t.Errorf("%s failed, and no FATAL line says so:\n%s", line, r.Log)
	}
	// The step's other actions were tried, and no later step's.
	last := 0
	for i, p := range w.planned {
		if strings.HasPrefix(p, step+": ") {
			last = i
		}
	}
	if want := w.planned[:last+1]; !slices.Equal(w.done, want) {
		t.Errorf("%s failed; done was\n%q\nwant\n%q", line, w.done, want)
	}
	if strings.Contains(r.State, "command ") {
		t.Errorf("%s failed, and the command started", line)
	}
	told := step != "log" && step != "metadata" && !s.V1Only // before that the host has not been heard of
	if strings.Contains(r.State, "failure (code: ") != told {
		t.Errorf("%s failed, and the host was told: %v\n%s", line, !told, r.State)
	}
	if !strings.Contains(r.State, "said \"dockerinit: FATAL (code: ") {
		t.Errorf("%s failed, and the console says nothing:\n%s", line, r.State)
	}
}

// Every call of every interface fails once. Whatever that does, the boot ends
// with the command or with a code that says more than "unexpected", which the host
// is told, and then the zone does not count as provisioned.
func TestEachCallFailingOnce(t *testing.T) {
	seen := map[string]int{}
	each(t, func(t *testing.T, s scenario.Scenario) {
		good := s.New(t)
		if before := scenario.Boot(t, good, core.Options{}); before.Err != nil {
			return
		}
		calls := good.Faults.Calls()
		for call, count := range calls {
			if call == "Metadata.Post" && calls["Metadata.Ask"] > 2 {
				continue // a host that does not hear of the waiting zone does not end it
			}
			for n := 1; n <= min(count, 12); n++ {
				if which := fmt.Sprint(call, n); seen[which] >= most() {
					continue
				} else {
					seen[which]++
				}
				z := s.New(t)
				marked := strings.Contains(z.State(), "provisioned\n") // by an earlier boot
				z.Faults.Fail(call, n, errBroken)
				r := scenario.Boot(t, z, core.Options{})
				switch {
				case r.Err == nil && !strings.Contains(r.State, "command "):
					t.Errorf("%s/%d failed, and nothing came of it:\n%s", call, n, r.State)
				case r.Err != nil && !errors.Is(r.Err, errBroken):
					t.Errorf("%s/%d failed, and the boot ended with %v", call, n, r.Err)
				case r.Err != nil && r.Code() == exit.Unexpected:
					t.Errorf("%s/%d failed, and no code says what that means: %v", call, n, r.Err)
				}
				failed := r.Err != nil
				if status := exit.StatusOf(r.Err); failed && (status < exit.StatusFailed || status > 127) {
					t.Errorf("%s/%d failed, and the status is %d", call, n, status)
				}
				if failed && call != "Processes.Exec" && strings.Contains(r.State, "provisioned\n") && !marked {
					t.Errorf("%s/%d failed, and the zone counts as provisioned:\n%s", call, n, r.State)
				}
				told, deaf := strings.Contains(r.State, "failure (code: "), s.V1Only || strings.HasPrefix(call, "Metadata.")
				if told != failed && !(failed && deaf) {
					t.Errorf("%s/%d failed, and the host was told: %v\n%s", call, n, told, r.State)
				}
				if r.Err == nil != fatalCalls[call] {
					continue
				}
				t.Errorf("%s/%d failed, and the boot ended with %v", call, n, r.Err)
			}
		}
	})
}

// fatalCalls are those without which there is no zone.
var fatalCalls = map[string]bool{
	"Metadata.Ask": true, "Network.Up": true, "Network.Configure": true, "System.Mount": true,
	"Console.Open": true, "Console.Tee": true, "Processes.Start": true, "Processes.Exec": true,
}
