package metadata

import (
	"bytes"
	"strings"
	"testing"
)

func TestV1Reply(t *testing.T) {
	for _, test := range []struct{ name, value, want string }{
		{"a word", "lx", "SUCCESS\nlx\n.\n"},
		{"empty is one empty line", "", "SUCCESS\n\n.\n"},
		{"two lines", "a\nb", "SUCCESS\na\nb\n.\n"},
		{"a line end at the end", "a\n", "SUCCESS\na\n\n.\n"},
		{"only a line end", "\n", "SUCCESS\n\n\n.\n"},
		{"a lone dot", ".", "SUCCESS\n..\n.\n"},
		{"dots at the beginning of lines", "..a\n.b\nc.", "SUCCESS\n...a\n..b\nc.\n.\n"},
		{"the words of the protocol", "FAILURE\n.\nSUCCESS", "SUCCESS\nFAILURE\n..\nSUCCESS\n.\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := string(AppendV1Reply(nil, test.value)); got != test.want {
				t.Errorf("built\n got %q\nwant %q", got, test.want)
			}
			if word, value := readV1(t, test.want); word != wordSuccess || value != test.value {
				t.Errorf("read\n got %s %q\nwant SUCCESS %q", word, value, test.value)
			}
		})
	}
}

func TestV1ReplyWithoutValue(t *testing.T) {
	for line, want := range map[string]string{"NOTFOUND": wordNotFound, "FAILURE": wordFailure} {
		if word, value := readV1(t, line+"\n"); word != want || value != "" {
			t.Errorf("%s: got %s %q", line, word, value)
		}
	}
	var r v1Reply
	for _, line := range []string{"success", "", "SUCCESS ", "invalid command", "V2_OK"} {
		if _, err := r.add([]byte(line)); err == nil {
			t.Errorf("%q passed for an answer", line)
		}
	}
}

func TestV1ReplyTooLarge(t *testing.T) {
	var r v1Reply
	line := []byte(strings.Repeat("x", 1<<20))
	if done, err := r.add([]byte("SUCCESS")); done || err != nil {
		t.Fatal(done, err)
	}
	for range 20 {
		if done, err := r.add(line); done || err != nil {
			t.Fatal(done, err)
		}
		if len(r.value) > MaxValue {
			t.Fatalf("%d bytes are kept", len(r.value))
		}
	}
	if done, _ := r.add([]byte(".")); !done || !r.tooLong {
		t.Errorf("done %v, too long %v", done, r.tooLong)
	}
}

func readV1(t *testing.T, text string) (word, value string) {
	t.Helper()
	var r v1Reply
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	for i, line := range lines {
		done, err := r.add([]byte(line))
		if err != nil {
			t.Fatalf("line %d: %v", i+1, err)
		}
		if done != (i == len(lines)-1) {
			t.Fatalf("line %d of %d: done is %v", i+1, len(lines), done)
		}
	}
	return r.word, string(r.value)
}

func FuzzV1Reply(f *testing.F) {
	for _, value := range []string{"", "lx", ".", "a\n.b\n", "SUCCESS\n..\n.\n", "\x00\xff\r\n"} {
		f.Add([]byte(value))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		// As a value it survives the way there and back.
		if word, value := readV1(t, string(AppendV1Reply(nil, string(text)))); word != wordSuccess || value != string(text) {
			t.Fatalf("%q became %s %q", text, word, value)
		}
		// As what a host might send it is an answer, an error, or not over yet.
		var r v1Reply
		for line := range bytes.Lines(text) {
			if done, err := r.add(bytes.TrimSuffix(line, []byte("\n"))); done || err != nil {
				break
			}
		}
		if len(r.value) > len(text) {
			t.Fatalf("%d bytes of value from %d", len(r.value), len(text))
		}
	})
}
