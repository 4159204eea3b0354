package main_test

import (
	"encoding/json"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"dockerinit/cmd/internal/cmdtest"
	"dockerinit/core/exit"
)

func TestExplainKnowsEveryCode(t *testing.T) {
	t.Parallel()
	for _, row := range exit.Table {
		r := cmdtest.Run(t, dockerzone("explain", "--json", strconv.Itoa(int(row.Code))))
		var e struct {
			Name           string
			Causes, Checks []string
		}
		if err := json.Unmarshal([]byte(r.Stdout), &e); err != nil || r.Status != 0 {
			t.Fatalf("%d: status %d, %v\n%s%s", row.Code, r.Status, err, r.Stdout, r.Stderr)
		}
		if e.Name != row.Name || len(e.Causes) == 0 || len(e.Checks) == 0 {
			t.Errorf("%d: %+v", row.Code, e)
		}
	}
}

const record = `{"time":"2026-11-23T09:14:02Z","step":"validate","code":29,"text":"docker:user \"nobdy\": no such user in /etc/passwd","hint":"h","version":"v1"}`

func TestExplain(t *testing.T) {
	t.Parallel()
	quoted, err := json.Marshal(record)
	if err != nil {
		t.Fatal(err)
	}
	const at = "2026-11-23T09:14:02."
	for _, tt := range []struct {
		name, source, stdin string
		status              int
		want                []string // in stdout where the status is 0, else in stderr
	}{
		{"a code", "17", "", 0, []string{"code         17, the command is in no directory of PATH\nstatus       127\ncauses       "}},
		{"a line as it is copied", `dockerinit: FATAL (code: 17): "nginx": not found`, "", 0, []string{"code         17, the command is in no directory of PATH\n"}},
		{"a number that is no code", "10", "", 2, []string{"10 is no code of a FATAL line; README has the table\n"}},
		{"the status of most codes", "125", "", 2, []string{"125 is no code of a FATAL line, but the status of a boot that failed", "__dockerinit_failure in what vmadm get prints"}},
		{"the status of what could not be executed", "126", "", 2, []string{"126 is no code of a FATAL line, but", "(codes 3, 26, 27)", "__dockerinit_failure"}},
		{"the status of what was not found", "127", "", 2, []string{"127 is no code of a FATAL line, but", "(codes 3, 17, 25)", "__dockerinit_failure"}},
		{"the status of what a signal ended", "137", "", 2, []string{"137 is no code of a FATAL line, but may be the command's status: signal 9 ended it\n"}},
		{"a record", "-", record, 0, []string{"failed       2026-11-23T09:14:02Z, in the step validate of dockerinit v1\nbecause      docker:user \"nobdy\"", "\ncode         29, "}},
		{"a zone that has a record", "-", `{"brand": "lx", "customer_metadata": {"__dockerinit_failure": ` + string(quoted) + `}}`, 0, []string{"in the step validate", "\ncode         29, "}},
		{"a zone that has none", "-", `{"customer_metadata": {}}`, 2, []string{"customer_metadata has no __dockerinit_failure"}},
		{"a zone whose owner wrote something else there", "-", `{"customer_metadata": {"__dockerinit_failure": "oops"}}`, 2, []string{"customer_metadata.__dockerinit_failure: invalid character"}},
		{"another object", "-", `{"a": 1}`, 2, []string{"neither a failure record nor a zone's"}},
		{"no JSON", "-", "{\n\"a\"", 2, []string{"-: payload: line 2, column 3: unexpected end of JSON input\n"}},
		{"a code on standard input", "-", "17\n", 0, []string{"code         17, the command is in no directory of PATH\n"}},
		{"a line without its time on standard input", "-", "dockerinit: FATAL (code: 17): x\n", 0, []string{"code         17, the command is in no directory of PATH\n"}},
		{"a number that is no code, on standard input", "-", "10\n", 2, []string{"10 is no code of a FATAL line"}},
		{"a code of another version", "-", `{"code": 99, "text": "x"}`, 0, []string{"code         99, which is not in the table of this version"}},
		{"an escape in a record", "-", `{"code": 1, "text": "\u001b[2J"}`, 0, []string{`because      \x1b[2J`}},
		{"a log of a boot that failed", "-", at + "100Z WARN validate: odd\n" + at + "110Z ERROR a: b\n" + at + "111Z FATAL (code: 33): nics: configure net0: taken\n", 0,
			[]string{"failed       after 11ms\nbecause      nics: configure net0: taken\nwarnings     validate: odd\nerrors       a: b\ncode         33, "}},
		{"a log of one that did not, and what took longest", "-", at + "100Z INFO log: a (1ms)\n" + at + "110Z INFO nics: b (2ms)\n" + at + "111Z EXEC c\n", 0,
			[]string{"ended        after 11ms: the command took over\nlongest      nics: b (2ms)\n             log: a (1ms)\n"}},
		{"a log that was cut off", "-", at + "100Z INFO nics: configure net0: under way for 4s\n", 0,
			[]string{"cut off      after 0s, with neither EXEC nor FATAL\nlast line    nics: configure net0: under way for 4s\n"}},
		{"another log", "-", "hello\n", 2, []string{"no line of it is one of a dockerinit or dockerexec log"}},
		{"nothing", "-", "", 2, []string{"no line of it"}},
		{"a file that is not there", "/no/such", "", 2, []string{"/no/such: neither a code nor a FATAL line, and there is no such file"}},
		{"a directory", ".", "", 2, []string{"is a directory"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			cmd := dockerzone("explain", tt.source)
			cmd.Stdin = strings.NewReader(tt.stdin)
			r := cmdtest.Run(t, cmd)
			shown := r.Stdout
			if tt.status != 0 {
				shown = r.Stderr
			}
			for _, want := range tt.want {
				if r.Status != tt.status || !strings.Contains(shown, want) || strings.Contains(shown, "\x1b") {
					t.Errorf("status %d, want %d and %q in\n%s%s", r.Status, tt.status, want, r.Stdout, r.Stderr)
				}
			}
		})
	}
}

// What a real boot writes can be explained: the log and the record.
func TestExplainARealBoot(t *testing.T) {
	t.Parallel()
	log := filepath.Join(cmdtest.Folder(t), "log")
	boot := cmdtest.Run(t, exec.Command(filepath.Join(bin, "dockerinit-fake"), "--payload", examples+"broken.json", "--log", log))
	if boot.Status != 125 {
		t.Fatalf("status %d\n%s", boot.Status, boot.Stderr)
	}
	r := cmdtest.Run(t, dockerzone("explain", "--json", log))
	var told struct {
		Boots []struct {
			Outcome     string
			Code        int
			Events      []struct{ Level, Step string }
			Explanation struct{ Causes []string }
		}
	}
	if err := json.Unmarshal([]byte(r.Stdout), &told); err != nil || len(told.Boots) != 1 {
		t.Fatalf("%v\n%s%s", err, r.Stdout, r.Stderr)
	}
	b := told.Boots[0]
	if b.Outcome != "failed" || b.Code != int(exit.InvalidValue) || len(b.Explanation.Causes) == 0 || b.Events[0].Step != "log" {
		t.Errorf("%+v", b)
	}
	for _, e := range b.Events {
		if e.Level == "" {
			t.Errorf("an event without a level: %+v", b)
		}
	}
}
