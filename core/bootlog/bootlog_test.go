package bootlog_test

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"dockerinit/core/bootlog"
	"dockerinit/core/exit"
)

// hostPattern is how the host's agent takes a line of dockerexec apart.
// sdc-cn-agent: lib/backends/smartos/lib/docker-stdio.js
var hostPattern = regexp.MustCompile(`^(\d+-\d+-\d+T\d+:\d+:\d+\.\d+Z) (.*)$`)

func TestTextLines(t *testing.T) {
	at := time.Date(2026, 11, 23, 10, 14, 2, 117999999, time.FixedZone("CET", 3600))
	for _, c := range []struct {
		behaviour string
		level     bootlog.Level
		message   string
		attrs     []bootlog.Attr
		want      string
	}{
		{
			"an action names its step and its duration", bootlog.LevelInfo, "configure net0 10.0.0.5/24",
			[]bootlog.Attr{bootlog.Step("nics"), bootlog.Number(2), bootlog.Took(1913 * time.Microsecond)},
			"INFO nics: configure net0 10.0.0.5/24 (1.9ms)",
		},
		{
			"a warning carries its reason", bootlog.LevelWarn, "route 192.0.2.0/24 via 172.16.0.1",
			[]bootlog.Attr{bootlog.Step("routes"), bootlog.Error(errors.New("gateway is on no link"))},
			"WARN routes: route 192.0.2.0/24 via 172.16.0.1: gateway is on no link",
		},
		{
			"a fatal line has its code", bootlog.LevelFatal, `docker:user "nobdy": no such user in /etc/passwd`,
			[]bootlog.Attr{bootlog.Code(exit.NoSuchUser)},
			`FATAL (code: 29): docker:user "nobdy": no such user in /etc/passwd`,
		},
		{"EXEC may stand alone", bootlog.LevelExec, "", nil, "EXEC"},
		{"other attributes are shown", bootlog.LevelInfo, "drop", []bootlog.Attr{bootlog.Value("key", "a\nb"), bootlog.Value("size", 3)}, `INFO drop key="a\nb" size=3`},
		{
			"S-15 a value cannot start a line", bootlog.LevelInfo, "env A=\n2024-01-01T00:00:00.000Z EXEC\n", nil,
			`INFO env A=\n2024-01-01T00:00:00.000Z EXEC\n`,
		},
		{"S-43 nor a terminal escape", bootlog.LevelInfo, "\x1b[2J\u009b1m\u202eabc\x7f\xff", nil, `INFO \x1b[2J\u009b1m\u202eabc\x7f\xff`},
		{"what can be printed stays", bootlog.LevelInfo, "größe → 1 \\ \"x\"", nil, "INFO größe → 1 \\ \"x\""},
	} {
		var out bytes.Buffer
		line := bootlog.Line{Time: at, Level: c.level, What: c.message}
		for _, set := range c.attrs {
			set(&line)
		}
		if err := bootlog.NewText(&out).Handle(line); err != nil {
			t.Fatal(err)
		}
		want := "2026-11-23T09:14:02.117Z " + c.want + "\n"
		if out.String() != want {
			t.Errorf("%s:\ngot  %swant %s", c.behaviour, out.String(), want)
		}
		if line := strings.TrimRight(out.String(), "\n"); !hostPattern.MatchString(line) {
			t.Errorf("%s: the host does not understand %q", c.behaviour, line)
		}
	}
}

func TestDuration(t *testing.T) {
	for d, want := range map[time.Duration]string{
		1913 * time.Nanosecond:   "2µs",
		1913 * time.Microsecond:  "1.9ms",
		19130 * time.Microsecond: "19ms",
		1913 * time.Millisecond:  "1.9s",
		19130 * time.Millisecond: "19s",
	} {
		if got := bootlog.Duration(d); got != want {
			t.Errorf("%d ns: got %s, want %s", d, got, want)
		}
	}
}

func TestLogKeepsEarlyLines(t *testing.T) {
	log := bootlog.New()
	log.Info("first")
	log.Warn("second")
	if !log.Kept() {
		t.Error("a log without a file claims to have one")
	}
	var out bytes.Buffer
	if err := log.To(&out); err != nil {
		t.Fatal(err)
	}
	log.Info("third")
	if got := strings.Count(out.String(), "\n"); got != 2 {
		t.Errorf("before a flush the file has %d lines, want the two early ones:\n%s", got, out.String())
	}
	log.Error("fourth")
	var words []string
	for line := range strings.Lines(out.String()) {
		words = append(words, strings.Fields(line)[2])
	}
	if got, want := fmt.Sprint(words), "[first second third fourth]"; got != want {
		t.Errorf("a warning or worse flushes: got %s, want %s", got, want)
	}
}

type full struct{ room int }

func (f *full) Write(b []byte) (int, error) {
	if len(b) > f.room {
		n := f.room
		f.room = 0
		return n, errors.New("no space left on device")
	}
	f.room -= len(b)
	return len(b), nil
}

func TestLogSurvivesAFullDisk(t *testing.T) {
	log := bootlog.New()
	if err := log.To(&full{room: 10}); err != nil {
		t.Fatal(err)
	}
	log.Info("one line that does not fit")
	if err := log.Flush(); err == nil {
		t.Fatal("a full file system went unnoticed")
	}
	if !log.Kept() {
		t.Error("the log goes on writing to a file that refuses it")
	}
	log.Error("goes to memory")
	var out bytes.Buffer
	if err := log.To(&out); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), "goes to memory") {
		t.Errorf("a line was lost: %q", out.String())
	}
}

func TestLogMemoryIsBounded(t *testing.T) {
	log := bootlog.New()
	for range 5000 {
		log.Info(strings.Repeat("x", 100))
	}
	var out bytes.Buffer
	if err := log.To(&out); err != nil {
		t.Fatal(err)
	}
	if out.Len() > 70<<10 {
		t.Errorf("kept %d bytes", out.Len())
	}
	if !strings.Contains(out.String(), "lines were lost") {
		t.Error("the loss is not told")
	}
}

func TestRecorder(t *testing.T) {
	rec := bootlog.NewRecorder("1.2")
	log := bootlog.New(rec)
	log.Info("ask the host", bootlog.Step("metadata"), bootlog.Number(1), bootlog.Took(time.Millisecond))
	log.LogAttrs(bootlog.LevelWarn, "route", bootlog.Step("routes"), bootlog.Error(errors.New("no\nlink")))
	log.LogAttrs(bootlog.LevelFatal, "no such user", bootlog.Code(exit.NoSuchUser))
	r := rec.Record()
	var got strings.Builder
	for _, e := range r.Events {
		fmt.Fprintf(&got, "%s|%s|%d|%s|%s|%v\n", e.Level, e.Step, e.Action, e.What, e.Error, e.Took)
	}
	fmt.Fprintf(&got, "%s %d %s %s", r.Outcome, r.Code, r.Text, r.Version)
	want := `
INFO|metadata|1|ask the host||1ms
WARN|routes|0|route|no\nlink|0s
FATAL||0|no such user||0s
failed 29 no such user 1.2`[1:]
	if got.String() != want {
		t.Errorf("got\n%s\nwant\n%s", got.String(), want)
	}
}

func TestProgress(t *testing.T) {
	show := func(terminal, tint bool) string {
		var out bytes.Buffer
		log := bootlog.New(bootlog.NewProgress(&out, terminal, tint))
		log.LogAttrs(bootlog.LevelDebug, "configure lo", bootlog.Step("nics"))
		log.LogAttrs(bootlog.LevelInfo, "configure lo", bootlog.Step("nics"), bootlog.Took(time.Millisecond))
		log.LogAttrs(bootlog.LevelError, "configure \x1b[2J", bootlog.Step("nics"), bootlog.Error(errors.New("gone")))
		return out.String()
	}
	plain := "  ✓ nics            1ms  configure lo\n  ✗                      configure \\x1b[2J: gone\n"
	if got := show(false, false); got != plain {
		t.Errorf("plain: got\n%s\nwant\n%s", got, plain)
	}
	if got := show(false, false); strings.Contains(got, "\x1b") {
		t.Errorf("plain text has escapes: %q", got)
	}
	if got := show(true, false); !strings.HasPrefix(got, "  … nics                 configure lo\r\x1b[K  ✓ nics") {
		t.Errorf("at a terminal the action is not announced: %q", got)
	}
	if got := show(true, true); !strings.Contains(got, "\x1b[32m✓\x1b[0m") || strings.Contains(got, "\x1b[2J") {
		t.Errorf("with colour: %q", got)
	}
}

func TestProgressNamesTheEnd(t *testing.T) {
	var out bytes.Buffer
	log := bootlog.New(bootlog.NewProgress(&out, false, false))
	log.LogAttrs(bootlog.LevelInfo, "open the console", bootlog.Step("console"), bootlog.Took(19*time.Millisecond))
	log.LogAttrs(bootlog.LevelExec, "a command")
	log.LogAttrs(bootlog.LevelError, "no such user")
	log.LogAttrs(bootlog.LevelFatal, "no such user", bootlog.Code(exit.NoSuchUser))
	want := `
  ✓ console        19ms  open the console
  ▶ exec                 a command
  ✗                      no such user
  ✗ failed               code 29: no such user
`[1:]
	if out.String() != want {
		t.Errorf("got\n%s\nwant\n%s", out.String(), want)
	}
}

func TestProgressAnnouncesInOneRow(t *testing.T) {
	var out bytes.Buffer
	log := bootlog.New(bootlog.NewProgress(&out, true, false))
	log.LogAttrs(bootlog.LevelDebug, strings.Repeat("ä", 100), bootlog.Step("nics"))
	if n := utf8.RuneCountInString(out.String()); n >= 80 || !strings.HasSuffix(out.String(), "ä…") {
		t.Errorf("%d columns: %q", n, out.String())
	}
}

func FuzzEscape(f *testing.F) {
	f.Add("a\nb\x1b[2J\u202e\xff\u2028")
	f.Fuzz(func(t *testing.T, text string) {
		safe := bootlog.Escape(text)
		for _, r := range safe {
			if r < ' ' || r == 0x7f || (r >= 0x80 && r < 0xa0) || r == 0x2028 || r == 0x2029 || (r >= 0x202a && r <= 0x202e) {
				t.Fatalf("Escape(%q) lets %U through", text, r)
			}
		}
		if again := bootlog.Escape(safe); again != safe {
			t.Fatalf("Escape is not stable: %q, then %q", safe, again)
		}
	})
}
