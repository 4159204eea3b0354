package bootlog_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"dockerinit/core/bootlog"
	"dockerinit/core/exit"
)

var stepNames = []string{"log", "nics", "routes", "exec"}

// shown is a boot as text, a line an event.
func shown(boots []bootlog.Record) string {
	var b strings.Builder
	for _, r := range boots {
		fmt.Fprintf(&b, "%s code %d %q after %v\n", r.Outcome, r.Code, r.Text, r.Took)
		for _, e := range r.Events {
			fmt.Fprintf(&b, "  %v %s [%s] %s (%v)\n", e.After, e.Level, e.Step, e.What, e.Took)
		}
	}
	return b.String()
}

func TestParse(t *testing.T) {
	const at = "2026-11-23T09:14:02."
	for _, tt := range []struct{ behaviour, text, want string }{
		{"a boot that became its command", `
` + at + `100Z INFO nics: configure net0 10.0.0.5/24 (1.9ms)
` + at + `103Z WARN routes: route 192.0.2.0/24 via 172.16.0.1: gateway is on no link (12µs)
` + at + `110Z EXEC "/bin/sh" with 1 argument as 0:0 in /
`, `
exec code 0 "" after 10ms
  0s INFO [nics] configure net0 10.0.0.5/24 (1.9ms)
  3ms WARN [routes] route 192.0.2.0/24 via 172.16.0.1: gateway is on no link (12µs)
  10ms EXEC [] "/bin/sh" with 1 argument as 0:0 in / (0s)
`}, {"a boot that failed", `
` + at + `100Z ERROR nics: configure net0: no such interface
` + at + `100Z FATAL (code: 32): nics: configure net0: no such interface (and 1 more)
`, `
failed code 32 "nics: configure net0: no such interface (and 1 more)" after 0s
  0s ERROR [nics] configure net0: no such interface (0s)
  0s FATAL [nics] configure net0: no such interface (and 1 more) (0s)
`}, {"what a command says after EXEC is passed over, and the next one is told apart", `
` + at + `100Z EXEC
hello (2s)
` + at + `200Z FATAL (code: 13): no command to run was given
`, `
exec code 0 "" after 0s
  0s EXEC []  (0s)
failed code 13 "no command to run was given" after 0s
  0s FATAL [] no command to run was given (0s)
`}, {"a boot that stayed for its command", at + `100Z EXEC "/bin/sh" with 1 argument as 0:0 in /
` + at + `300Z INFO exec: the command ended with status 3 after 200ms
`, `
exec code 0 "" after 0s
  0s EXEC [] "/bin/sh" with 1 argument as 0:0 in / (0s)
  200ms INFO [exec] the command ended with status 3 after 200ms (0s)
`}, {"a command that the kernel refused after all", at + `100Z EXEC "/bin/sh" with 1 argument as 0:0 in /
` + at + `101Z FATAL (code: 3): exec: argument list too long
`, `
failed code 3 "exec: argument list too long" after 1ms
  0s EXEC [] "/bin/sh" with 1 argument as 0:0 in / (0s)
  1ms FATAL [exec] argument list too long (0s)
`}, {"a log that was cut off", at + `100Z INFO log: open the image / (1µs)
` + at + `200Z INFO nics: conf`, `
open code 0 "" after 100ms
  0s INFO [log] open the image / (1µs)
  100ms INFO [nics] conf (0s)
`}, {"a word before a colon is a step only where one is called so", at + `100Z WARN lo: goes without ::1/128
`, `
open code 0 "" after 0s
  0s WARN [] lo: goes without ::1/128 (0s)
`}} {
		boots, err := bootlog.Parse(strings.NewReader(strings.TrimPrefix(tt.text, "\n")), stepNames)
		if got, want := shown(boots), strings.TrimPrefix(tt.want, "\n"); got != want || err != nil {
			t.Errorf("%s (%v)\n got\n%s\nwant\n%s", tt.behaviour, err, got, want)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for _, tt := range []struct{ behaviour, text, want string }{
		{"nothing", "", "no line of it"},
		{"another program's log", "Nov 23 09:14:02 host sshd: hello\n", "no line of it"},
		{"a FATAL line without a code", "2026-11-23T09:14:02.100Z FATAL (code: x): y\n", "no line of it"},
		{"an endless line", "2026-11-23T09:14:02.100Z INFO x\n" + strings.Repeat("x", 1<<17), "line 2: longer"},
	} {
		if boots, err := bootlog.Parse(strings.NewReader(tt.text), stepNames); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, %v; want %q", tt.behaviour, boots, err, tt.want)
		}
	}
	if _, err := bootlog.Parse(&endless{}, stepNames); err == nil || !strings.Contains(err.Error(), "16 MiB") {
		t.Errorf("an endless log: %v", err)
	}
}

// endless is a log that goes on for ever.
type endless struct{ at int }

func (e *endless) Read(p []byte) (int, error) {
	const text = "2026-11-23T09:14:02.100Z INFO and so on\n"
	for i := range p {
		p[i] = text[e.at%len(text)]
		e.at++
	}
	return len(p), nil
}

// What is read back is what was recorded, but for what the text does not have: an
// action's number, the nanoseconds, and where an error begins.
func TestParseReadsBackWhatWasRecorded(t *testing.T) {
	var text strings.Builder
	recorder := bootlog.NewRecorder("")
	log := bootlog.New(bootlog.NewText(&text), recorder)
	log.LogAttrs(bootlog.LevelInfo, "open \x1b / (x)", bootlog.Step("log"), bootlog.Number(1), bootlog.Took(1500*time.Microsecond))
	log.LogAttrs(bootlog.LevelWarn, "route a", bootlog.Step("routes"), bootlog.Error(errors.New("gateway: on no link")))
	log.LogAttrs(bootlog.LevelFatal, "line\nbreak", bootlog.Code(exit.NoSuchUser))
	boots, err := bootlog.Parse(strings.NewReader(text.String()), stepNames)
	if err != nil || len(boots) != 1 {
		t.Fatalf("%v, %v", boots, err)
	}
	want := recorder.Record()
	for i, e := range want.Events {
		if e.Error != "" {
			e.What += ": " + e.Error
		}
		if got := boots[0].Events[i]; got.What != e.What || got.Step != e.Step || got.Level != e.Level || got.Took != e.Took {
			t.Errorf("event %d\n got %+v\nwant %+v", i, got, e)
		}
	}
	if got := boots[0]; got.Outcome != want.Outcome || got.Code != want.Code || got.Text != want.Text {
		t.Errorf("\n got %s\nwant %s", shown(boots), shown([]bootlog.Record{want}))
	}
}

func FuzzParse(f *testing.F) {
	f.Add("2026-11-23T09:14:02.100Z INFO nics: configure net0 (1.9ms)\n2026-11-23T09:14:02.200Z EXEC\n")
	f.Add("2026-11-23T09:14:02.100Z FATAL (code: 29): x\n")
	f.Fuzz(func(t *testing.T, text string) {
		boots, err := bootlog.Parse(strings.NewReader(text), stepNames)
		if (err == nil) != (len(boots) > 0) {
			t.Fatalf("%d boots, %v", len(boots), err)
		}
		events := 0
		for _, r := range boots {
			events += len(r.Events)
		}
		if lines := strings.Count(text, "\n") + 1; events > lines {
			t.Errorf("%d events from %d lines", events, lines)
		}
	})
}
