package timeline_test

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"flag"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dockerinit/core/bootlog"
	"dockerinit/core/timeline"
)

var update = flag.Bool("update", false, "rewrite the golden files")

var steps = []string{"log", "metadata", "validate", "network", "nics", "routes", "daemons", "console", "provisioned"}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s is another (-update if it is meant):\ngot\n%s\nwant\n%s", file, got, want)
	}
}

func read(t *testing.T, name string) timeline.Timeline {
	t.Helper()
	log, err := os.ReadFile(filepath.Join("testdata/logs", name))
	if err != nil {
		t.Fatal(err)
	}
	boot, err := timeline.Read(log, steps)
	if err != nil {
		t.Fatal(err)
	}
	return timeline.Of(boot)
}

func TestDrawings(t *testing.T) {
	for _, log := range []string{"whole.log", "failed.log", "open.log", "hostile.log", "record.json"} {
		t.Run(log, func(t *testing.T) {
			line := read(t, log)
			name := strings.TrimSuffix(log, filepath.Ext(log))
			golden(t, name+".golden", line.Waterfall()+"\n"+line.Blame())
			picture := line.SVG()
			if log == "whole.log" || log == "hostile.log" {
				golden(t, name+".svg", picture)
			}
			wellFormed(t, picture)
			for _, text := range []string{line.Waterfall(), line.Blame(), picture} {
				if strings.ContainsAny(text, "\x1b\x00\r") {
					t.Errorf("an escape in %q", text)
				}
			}
		})
	}
}

func wellFormed(t *testing.T, picture string) {
	t.Helper()
	for d := xml.NewDecoder(strings.NewReader(picture)); ; {
		_, err := d.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatalf("%v in\n%s", err, picture)
		}
	}
}

func TestDifference(t *testing.T) {
	golden(t, "difference.golden", timeline.Difference(read(t, "whole.log"), read(t, "faster.log")))
	if same := timeline.Diff(read(t, "whole.log"), read(t, "whole.log")); len(same) != 0 {
		t.Errorf("a boot differs from itself: %+v", same)
	}
}

// The same action may be there more often.
func TestDiffTellsRepeatedActionsApart(t *testing.T) {
	boot := func(took ...time.Duration) timeline.Timeline {
		var line timeline.Timeline
		for _, d := range took {
			line.Bars = append(line.Bars, timeline.Bar{Step: "nics", What: "x", Took: d})
		}
		return line
	}
	got, err := json.Marshal(timeline.Diff(boot(1, 2), boot(1, 5, 9)))
	if err != nil {
		t.Fatal(err)
	}
	const want = `[{"step":"nics","what":"x","before_ns":null,"after_ns":9},{"step":"nics","what":"x","before_ns":2,"after_ns":5}]`
	if string(got) != want {
		t.Errorf("\n got %s\nwant %s", got, want)
	}
}

func TestRead(t *testing.T) {
	const at = "2026-11-23T09:14:02."
	for _, tt := range []struct{ name, log, want string }{
		{"the last of several boots", at + "1Z no\n" + at + "100Z INFO log: a\n" + at + "100Z FATAL (code: 3): one\n" + at + "200Z FATAL (code: 4): two\n", "two"},
		{"an array of boots", `{"boots": [{"text": "one", "events": [{}]}, {"text": "two", "events": [{}]}]}`, "two"},
		{"a record", ` {"text": "two", "events": [{"what": "x"}]}`, "two"},
		{"another object", `{"a": 1}`, "error: no events in it"},
		{"no boots", `{"boots": []}`, "error: no events in it"},
		{"no JSON", `{"events": `, "error: not the JSON of a boot"},
		{"another kind of JSON", `{"events": 3}`, "error: not the JSON of a boot"},
		{"no log", "hello\n", "error: no line of it is one of a dockerinit or dockerexec log"},
		{"nothing", "", "error: no line of it"},
	} {
		boot, err := timeline.Read([]byte(tt.log), steps)
		got := boot.Text
		if err != nil {
			got = "error: " + err.Error()
		}
		if want, isError := strings.CutPrefix(tt.want, "error: "); got != tt.want && !(isError && strings.Contains(got, want)) {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

// Whatever a log says, there is an end to it.
func FuzzOf(f *testing.F) {
	all, err := filepath.Glob("testdata/logs/*")
	if err != nil || len(all) == 0 {
		f.Fatal(err)
	}
	for _, name := range all {
		log, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(log)
	}
	f.Add([]byte(`{"events":[{"after_ns":9223372036854775807,"took_ns":9223372036854775807},{"after_ns":-9223372036854775808,"took_ns":-1}]}`))
	f.Fuzz(func(t *testing.T, log []byte) {
		boot, err := timeline.Read(log, steps)
		if err != nil {
			return
		}
		line := timeline.Of(boot)
		for _, b := range line.Bars {
			if b.From < 0 || b.Took < 0 || b.To() < 0 || b.To() > line.Took {
				t.Errorf("%+v in a boot of %d", b, line.Took)
			}
		}
		picture := line.SVG()
		wellFormed(t, picture)
		for _, text := range []string{line.Waterfall(), line.Blame(), picture, timeline.Difference(line, line)} {
			if strings.ContainsAny(text, "\x1b\x00\r") || strings.Count(text, "\n") > 3*len(line.Bars)+len(line.Notes)+20 {
				t.Errorf("%q", text)
			}
		}
	})
}

func TestAForgedLogEnds(t *testing.T) {
	var r bootlog.Record
	for n := range 5_000 {
		r.Events = append(r.Events,
			bootlog.Event{After: time.Duration(n) * 20 * time.Hour, What: "x", Took: math.MaxInt64},
			bootlog.Event{After: time.Duration(n)*20*time.Hour + time.Hour, What: "x: under way for 1s"},
			bootlog.Event{After: time.Duration(n)*20*time.Hour + 2*time.Hour, What: "y", Took: time.Second})
	}
	line := timeline.Of(r)
	if line.Took < 0 || len(line.SVG()) == 0 || len(line.Blame()) == 0 {
		t.Errorf("it took %d", line.Took)
	}
}
