package bootlog

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"
)

// A line has a bound, whatever the host put into a path; its beginning and the
// cause at its end are told.
func TestTextLinesAreBounded(t *testing.T) {
	var text strings.Builder
	recorder := NewRecorder("test")
	log := NewLogger(NewText(&text), recorder)
	log.Error("mkdir "+strings.Repeat("é", 1<<20), Error(errors.New(strings.Repeat("x", 1<<20)+": file name too long")))
	line := text.String()
	if len(line) > 5000 || strings.Count(line, "\n") != 1 || !strings.Contains(line, " ERROR mkdir éé") || !strings.HasSuffix(line, "x: file name too long\n") {
		t.Errorf("%d bytes: %.100q … %q", len(line), line, line[max(0, len(line)-40):])
	}
	if !utf8.ValidString(line) || strings.Contains(line, `\x`) {
		t.Error("a character was cut in two")
	}
	e := recorder.Record().Events[0]
	if len(e.What) > 5000 || len(e.Error) > 5000 {
		t.Errorf("recorded are %d and %d bytes", len(e.What), len(e.Error))
	}
}

func TestClip(t *testing.T) {
	for _, short := range []string{"", "a", strings.Repeat("a", clipHead+clipTail+clipMercy)} {
		if got := Clip(short); got != short {
			t.Errorf("of %d bytes are %d left", len(short), len(got))
		}
	}
	want := strings.Repeat("a", clipHead) + "… 100 bytes …" + strings.Repeat("b", clipTail)
	got := Clip(strings.Repeat("a", clipHead+40) + strings.Repeat("b", clipTail+60))
	if got != want {
		t.Errorf("got %q", got)
	}
	if again := Clip(got); again != got {
		t.Errorf("what was clipped is clipped again: %q", again)
	}
}
