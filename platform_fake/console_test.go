package fake

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"dockerinit/core/zone"
)

func TestRecordedConsole(t *testing.T) {
	c := &RecordedConsole{}
	want := zone.Console{OpenStdin: true}
	stdio, err := c.Open(t.Context(), want)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := c.Open(t.Context(), want); err != nil || again != stdio {
		t.Errorf("open again: %v, %v", again, err)
	}
	if _, err := c.Open(t.Context(), zone.Console{TTY: true}); !errors.Is(err, syscall.EBUSY) {
		t.Errorf("open in another way: %v", err)
	}
	write(t, c.Input(), "asked")
	if got := readN(t, stdio.In, 5); got != "asked" {
		t.Errorf("stdin: %q", got)
	}
	write(t, stdio.Out, "to out")
	write(t, stdio.Err, "to err")
	c.Say("a line")
	if err := c.Close(); err != nil {
		t.Error(err)
	}
	if out, err := c.Output(); out != "to out" || err != "to err" {
		t.Errorf("output: %q, %q", out, err)
	}
	if got, want := c.String(), "console three streams, stdin open\nsaid \"a line\"\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestStdinIsNotOpen(t *testing.T) {
	c := &RecordedConsole{}
	stdio, err := c.Open(t.Context(), zone.Console{})
	if err != nil || stdio.In != nil || c.Input() != nil {
		t.Errorf("stdin: %v, %v, %v", stdio.In, c.Input(), err)
	}
	if err := c.Close(); err != nil {
		t.Error(err)
	}
}

func TestATerminalIsOneStream(t *testing.T) {
	c := &RecordedConsole{}
	want := zone.Console{TTY: true}
	stdio, err := c.Open(t.Context(), want)
	if err != nil || stdio.In == nil {
		t.Fatalf("%v, stdin %v", err, stdio.In)
	}
	stdout, stderr, err := c.Tee(t.Context(), want)
	if err != nil {
		t.Fatal(err)
	}
	write(t, stdio.Out, "one ")
	write(t, stdio.Err, "two")
	if got := readN(t, stdout, 7); got != "one two" {
		t.Errorf("the copy: %q", got)
	}
	if got, err := io.ReadAll(stderr); len(got) > 0 || err != nil {
		t.Errorf("the copy of stderr: %q, %v", got, err)
	}
	if err := c.Close(); err != nil {
		t.Error(err)
	}
	if out, err := c.Output(); out != "one two" || err != "" {
		t.Errorf("output: %q, %q", out, err)
	}
	if got, want := c.String(), "console a terminal, teed\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestTeeCarriesCopies(t *testing.T) {
	c := &RecordedConsole{}
	want := zone.Console{}
	if _, _, err := c.Tee(t.Context(), want); !errors.Is(err, syscall.ENXIO) {
		t.Errorf("before Open: %v", err)
	}
	stdio, err := c.Open(t.Context(), want)
	if err != nil {
		t.Fatal(err)
	}
	stdout, stderr, err := c.Tee(t.Context(), want)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := c.Tee(t.Context(), want); !errors.Is(err, syscall.EINVAL) {
		t.Errorf("a second time: %v", err)
	}
	// More than any pipe holds: nothing is lost while the reader is slow.
	long := strings.Repeat("0123456789abcdef", 32<<10)
	go func() {
		_, _ = io.WriteString(stdio.Out, long)
		_, _ = io.WriteString(stdio.Err, "short")
	}()
	if got := readN(t, stdout, len(long)); got != long {
		t.Errorf("the copy of stdout has %d bytes of %d right", len(got), len(long))
	}
	if got := readN(t, stderr, 5); got != "short" {
		t.Errorf("the copy of stderr: %q", got)
	}
	if err := c.Close(); err != nil {
		t.Error(err)
	}
	if got, err := io.ReadAll(stdout); len(got) > 0 || err != nil {
		t.Errorf("after the end the copy has %q, %v", got, err)
	}
}

func TestCloseDoesNotWaitForWhoeverDoesNotRead(t *testing.T) {
	c := &RecordedConsole{}
	stdio, err := c.Open(t.Context(), zone.Console{})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := c.Tee(t.Context(), zone.Console{}); err != nil {
		t.Fatal(err)
	}
	go func() { _, _ = stdio.Out.Write(make([]byte, 1<<20)) }()
	if err := c.Close(); err != nil {
		t.Error(err)
	}
}

func TestOperatorConsole(t *testing.T) {
	dir := t.TempDir()
	file := func(name string) *os.File {
		f, err := os.Create(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { f.Close() })
		return f
	}
	in, out, errFile := file("in"), file("out"), file("err")
	for _, test := range []struct {
		name    string
		want    zone.Console
		hasIn   bool
		warning string
	}{
		{"three streams", zone.Console{}, false, ""},
		{"stdin open", zone.Console{OpenStdin: true}, true, ""},
		{"a terminal that is none", zone.Console{TTY: true, OpenStdin: true}, true, "dockerinit: docker:tty asks for a terminal and this is none: the command gets the streams as they are\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if err := errFile.Truncate(0); err != nil {
				t.Fatal(err)
			}
			c := &OperatorConsole{In: in, Out: out, Err: errFile}
			stdio, err := c.Open(t.Context(), test.want)
			if err != nil || stdio.Out != out || stdio.Err != errFile || (stdio.In == in) != test.hasIn {
				t.Errorf("got %v, %v", stdio, err)
			}
			if said := content(t, errFile); strings.TrimLeft(said, "\x00") != test.warning {
				t.Errorf("got %q, want %q", said, test.warning)
			}
			if _, _, err := c.Tee(t.Context(), test.want); !errors.Is(err, syscall.ENOTSUP) {
				t.Errorf("tee: %v", err)
			}
			c.Say("the end")
			if said := content(t, errFile); !strings.HasSuffix(said, "the end\n") {
				t.Errorf("said %q", said)
			}
			if err := c.Close(); err != nil {
				t.Error(err)
			}
			if _, err := out.WriteString("still open"); err != nil {
				t.Error(err)
			}
		})
	}
	if isTerminal(out) {
		t.Error("a file is no terminal")
	}
	null, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	if isTerminal(null) {
		t.Error("/dev/null is no terminal")
	}
}

func write(t *testing.T, f *os.File, text string) {
	t.Helper()
	if _, err := f.WriteString(text); err != nil {
		t.Error(err)
	}
}

func readN(t *testing.T, f *os.File, n int) string {
	t.Helper()
	buf := make([]byte, n)
	got, err := io.ReadFull(f, buf)
	if err != nil {
		t.Error(err)
	}
	return string(buf[:got])
}

func content(t *testing.T, f *os.File) string {
	t.Helper()
	text, err := os.ReadFile(f.Name())
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
