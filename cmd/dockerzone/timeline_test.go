package main_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"dockerinit/cmd/internal/cmdtest"
)

// The log of a real boot, in both forms, and whatever is asked of it.
func TestTimeline(t *testing.T) {
	t.Parallel()
	dir := cmdtest.Folder(t)
	log, record := filepath.Join(dir, "log"), filepath.Join(dir, "record")
	boot := exec.Command(filepath.Join(bin, "dockerinit-fake"), "--payload", examples+"hello.json", "--log", log, "--record", record)
	if r := cmdtest.Run(t, boot); r.Status != 0 {
		t.Fatalf("status %d\n%s%s", r.Status, r.Stdout, r.Stderr)
	}
	const logs = "../../core/timeline/testdata/logs/"
	slow, faster := logs+"whole.log", logs+"faster.log"
	text, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	const nic = "configure eth0 10.88.0.14/24"
	for _, tt := range []struct {
		name   string
		args   []string
		status int
		want   []string // in stdout where the status is 0, else in stderr
	}{
		{"a waterfall", []string{log}, 0, []string{"the command took over\n", "  nics ", "│ " + nic + "\n", "▶ exec "}},
		{"of standard input", []string{"-"}, 0, []string{"│ " + nic}},
		{"of a record", []string{record}, 0, []string{"│ " + nic}},
		{"who is to blame", []string{"--blame", slow}, 0, []string{"\n\n   4.5s  66%  nics: configure net0 dhcp\n"}},
		{"a picture", []string{"--svg", log}, 0, []string{"<svg ", nic, "</svg>\n"}},
		{"what changed", []string{"--diff", slow, faster}, 0, []string{"change       -6.8s", "gone               nics: configure net0 dhcp"}},
		{"what changed, as data", []string{"--json", "--diff", slow, faster}, 0, []string{`"before": {`, `"changes": [`, `"before_ns": `}},
		{"no log", []string{}, 3, []string{"a log is missing"}},
		{"two ways at once", []string{"--svg", "--blame", log}, 3, []string{"--blame and --svg: one of them at a time"}},
		{"two logs on standard input", []string{"--diff", "-", "-"}, 3, []string{"standard input is one of the two logs"}},
		{"another file", []string{bin + "/mdata"}, 2, []string{bin + "/mdata: "}},
		{"another file to compare with", []string{"--diff", "/no/such", log}, 2, []string{"/no/such: no such file"}},
	} {
		cmd := dockerzone(append([]string{"timeline"}, tt.args...)...)
		cmd.Stdin = strings.NewReader(string(text))
		r := cmdtest.Run(t, cmd)
		shown := r.Stdout
		if tt.status != 0 {
			shown = r.Stderr
		}
		for _, want := range tt.want {
			if r.Status != tt.status || !strings.Contains(shown, want) {
				t.Errorf("%s: status %d, want %d and %q in\n%s%s", tt.name, r.Status, tt.status, want, r.Stdout, r.Stderr)
			}
		}
	}
	r := cmdtest.Run(t, dockerzone("timeline", "--json", record))
	var line struct {
		Outcome string
		Took    int64 `json:"took_ns"`
		Bars    []struct{ Step, What string }
	}
	if err := json.Unmarshal([]byte(r.Stdout), &line); err != nil || line.Outcome != "exec" || line.Took <= 0 || len(line.Bars) < 10 || line.Bars[0].Step != "log" {
		t.Errorf("%v, %+v\n%s", err, line, r.Stderr)
	}
}
