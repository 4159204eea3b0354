package core_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"dockerinit/core"
	"dockerinit/core/exit"
	"dockerinit/platform_fake/scenario"
)

// Each code that can come is reached by a boot: of a scenario, of a zone whose
// platform refuses something, or in a test of its own. Those that cannot come have
// a reason. platform_lx has the same for its boots.
func TestEachCodeIsReached(t *testing.T) {
	reached := map[exit.Code]string{}
	for _, s := range scenario.All() {
		if m := regexp.MustCompile(`(?m)^fatal (\d+) `).FindStringSubmatch(s.Want); m != nil {
			n, err := strconv.Atoi(m[1])
			if err != nil {
				t.Fatal(err)
			}
			reached[exit.Code(n)] = s.Name
		}
	}
	for _, r := range refusals {
		reached[r.code] = "refused: " + r.call
	}
	for code, where := range itsOwnTest {
		reached[code] = where.folder + " " + where.test
		if !hasTest(t, where.folder, where.test) {
			t.Errorf("%d is said to be reached by %s in %s, which is not there", code, where.test, where.folder)
		}
	}
	for _, row := range exit.Table {
		why, never := neverComes[row.Code]
		switch {
		case never && reached[row.Code] != "":
			t.Errorf("%d (%s) is said never to come (%s), and does: %s", row.Code, row.Name, why, reached[row.Code])
		case !never && reached[row.Code] == "":
			t.Errorf("%d (%s) is reached by no boot, and has no reason why not", row.Code, row.Name)
		}
	}
	for code := range reached {
		if _, ok := code.Row(); !ok {
			t.Errorf("%d is no code: %s", code, reached[code])
		}
	}
}

var neverComes = map[exit.Code]string{
	exit.FdopenLog:     "of the C program: a log that cannot be written is no reason not to boot",
	exit.AttachGettime: "of the C program: Go's clock does not fail",
	exit.NoMemory:      "of the C program: Go ends by itself",
	exit.UnknownVolume: "of plain lx zones: dockerinit does not read sdc:volumes",
}

type place struct{ folder, test string }

var itsOwnTest = map[exit.Code]place{
	exit.Unexpected:     {".", "TestAPanicIsCodeOne"},
	exit.MetadataInit:   {".", "TestAHostThatIsNotThere"},
	exit.Open:           {".", "TestARootThatIsNone"},
	exit.AttachTimedOut: {".", "TestAttach"},
	exit.MetadataTooOld: {"../cmd/mdata", "TestMdataV1Host"}, // a boot warns of it
	exit.LoggerEnded:    {"../platform_lx", "TestALogDriverThatDies"},
}

func hasTest(t *testing.T, folder, name string) bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if text, err := os.ReadFile(file); err == nil && strings.Contains(string(text), "\nfunc "+name+"(") {
			return true
		}
	}
	return false
}

// A refusal is a call of the platform that fails, with the error that a backend
// gives there: with the code, where only the backend knows it.
type refusal struct {
	code     exit.Code
	internal string // of the zone that makes the call
	brand    string
	call     string
	n        int
	coded    bool
}

const driver = `"docker:logdriver": "syslog", "docker:logconfig": "{}"`

var refusals = []refusal{
	{code: exit.Chdir, call: "Processes.Exec", coded: true},
	{code: exit.Fork, internal: driver, call: "Processes.Start", coded: true},
	{code: exit.Initgroups, call: "Processes.Exec", coded: true},
	{code: exit.OpenConsole, call: "Console.Open"},
	{code: exit.Setgid, call: "Processes.Exec", coded: true},
	{code: exit.Setuid, call: "Processes.Exec", coded: true},
	{code: exit.IpadmDoor, call: "Network.Up"},
	{code: exit.PlumbInterface, call: "Network.Configure", coded: true},
	{code: exit.UpIPv6, call: "Network.Configure", coded: true},
	{code: exit.IpmgmtdExit, call: "Network.Up", coded: true},
	{code: exit.IpmgmtdDied, call: "Network.Up", coded: true},
	{code: exit.IpmgmtdCrashed, call: "Network.Up", coded: true},
	{code: exit.MountDevFd, brand: "joyent-minimal", call: "System.Mount"},
	{code: exit.Close, call: "Processes.Exec", coded: true},
	{code: exit.OpenZfd, internal: driver, call: "Console.Tee"},
	{code: exit.StatZfd, call: "Console.Open", coded: true},
	{code: exit.IoctlZfd, internal: driver, call: "Console.Tee", coded: true},
	{code: exit.Dup2, call: "Processes.Exec", coded: true},
	{code: exit.Contract, internal: driver, call: "Processes.Start", coded: true},
	{code: exit.MountDevShm, call: "System.Mount"},
	{code: exit.Limits, call: "Processes.Exec", coded: true},
	{code: exit.Credentials, call: "Processes.Exec", coded: true},
	{code: exit.MountTmpfs, internal: `"docker:tmpfs": "{\"/run\": \"\"}"`, call: "System.Mount", n: 2},
}

// Whatever refuses, the log, the console, the failure record and the status tell
// the same.
func TestARefusalIsToldEverywhere(t *testing.T) {
	for _, r := range refusals {
		row, _ := r.code.Row()
		t.Run(row.Name, func(t *testing.T) {
			payload := `{"internal_metadata": {` + r.internal + `}`
			if r.brand != "" {
				payload += `, "brand": "` + r.brand + `"`
			}
			z := scenario.Scenario{Payload: payload + "}"}.New(t)
			err := errors.New("refused")
			if r.coded {
				err = r.code.Wrap(err)
			}
			z.Faults.Fail(r.call, r.n, err)
			got := scenario.Boot(t, z, core.Options{})
			fatal := fmt.Sprintf("FATAL (code: %d): ", r.code)
			if got.Code() != r.code || exit.StatusOf(got.Err) != row.Status || !strings.Contains(got.Log, "Z "+fatal) || !strings.Contains(got.State, "dockerinit: "+fatal) {
				t.Errorf("%v, status %d, want %d\n%s%s", got.Err, exit.StatusOf(got.Err), row.Status, got.State, got.Log)
			}
			var record core.Failure
			text, _, _ := z.Store.Get(core.FailureKey)
			if err := json.Unmarshal([]byte(text), &record); err != nil || record.Code != int(r.code) || record.Hint != row.Hint {
				t.Errorf("the record is %q", text)
			}
		})
	}
}
