package scenario

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"dockerinit/core"
	"dockerinit/platform_fake/need"
)

// TestMain gives the tests the umask that a kernel gives to the first process:
// directories that a boot makes are cut by it.
func TestMain(m *testing.M) {
	syscall.Umask(0o022)
	m.Run()
}

func TestAll(t *testing.T) {
	names := map[string]bool{}
	for _, s := range All() {
		t.Run(s.Name, func(t *testing.T) {
			if names[s.Name] {
				t.Error("the name stands twice")
			}
			names[s.Name] = true
			s.Need(t)
			s.Check(t, Boot(t, s.New(t), core.Options{}))
		})
	}
}

// A check that cannot fail checks nothing.
func TestCheckFindsWhatDiffers(t *testing.T) {
	good := Find("a route with an unreachable gateway is a warning")
	for behaviour, s := range map[string]Scenario{
		"another outcome": {Payload: good.Payload, Warns: good.Warns, Want: good.Want + "x\n"},
		"a warning less":  {Payload: good.Payload, Want: good.Want},
		"another warning": {Payload: good.Payload, Warns: "routes: nothing", Want: good.Want},
		"a warning more":  {Payload: good.Payload, Warns: good.Warns + "\nroutes: ", Want: good.Want},
		"a secret that is told": {Payload: `{"hostname": "` + strings.ReplaceAll(Canary, "_", "-") + `"}`,
			Want: strings.Replace(usual, "web0", Canary, 1) + "\ncommand [\"/bin/app\"] as 0:0 in /\nprovisioned\n"},
	} {
		t.Run(behaviour, func(t *testing.T) {
			var verdict recorder
			s.Check(&verdict, Boot(t, s.New(t), core.Options{}))
			if !verdict.failed {
				t.Error("not found")
			}
		})
	}
}

// A recorder is a test that only notes whether it failed.
type recorder struct {
	testing.TB
	failed bool
}

func (r *recorder) Helper()               {}
func (r *recorder) Errorf(string, ...any) { r.failed = true }

// RFC 7396
func TestMerge(t *testing.T) {
	for _, c := range []struct{ behaviour, document, patch, want string }{
		{"a member is replaced", `{"a":"b"}`, `{"a":"c"}`, `{"a":"c"}`},
		{"a member is added", `{"a":"b"}`, `{"b":"c"}`, `{"a":"b","b":"c"}`},
		{"null deletes", `{"a":"b","b":"c"}`, `{"a":null}`, `{"b":"c"}`},
		{"an array is replaced as a whole", `{"a":["b"]}`, `{"a":["c"]}`, `{"a":["c"]}`},
		{"objects are merged", `{"a":{"b":"c"}}`, `{"a":{"b":"d","c":null}}`, `{"a":{"b":"d"}}`},
		{"what is no object is replaced", `{"a":"b"}`, `{"a":{"b":"c"}}`, `{"a":{"b":"c"}}`},
		{"JSON in internal_metadata stands for its text", `{"internal_metadata":{"x":"y"}}`, `{"internal_metadata":{"k":["a", "b"],"n":1}}`, `{"internal_metadata":{"k":"[\"a\",\"b\"]","n":1,"x":"y"}}`},
	} {
		if got := string(merge("", json.RawMessage(c.document), json.RawMessage(c.patch))); got != c.want {
			t.Errorf("%s: got %s, want %s", c.behaviour, got, c.want)
		}
	}
}

func TestTheProgramRuns(t *testing.T) {
	need.System(t, "linux")
	need.That(t, machines[runtime.GOARCH].exit != nil, "a processor that we know the exit of", "run it on amd64 or arm64")
	path := filepath.Join(t.TempDir(), "app")
	if err := os.WriteFile(path, []byte(Program()), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := exec.Command(path).Run(); err != nil {
		t.Error(err)
	}
}
