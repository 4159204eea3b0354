package cmdtest

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
)

// An Agent is the other end of dockerexec's log as the host's agent reads it:
// lines up to EXEC or FATAL are the helper's, all that follows is the command's.
// It is written to in whatever pieces the stream comes.
// sdc-cn-agent: lib/backends/smartos/lib/docker-stdio.js
type Agent struct {
	Log   string // the messages, a line each
	Odd   string // the lines that the agent cannot make out, and drops
	Exec  bool   // the command has begun
	Code  string // of the FATAL line
	Fatal string // its text; the agent shows the whole line to the user
	User  string // what follows
	rest  []byte // of a line that is not whole
}

// In the agent's language a dot is none of these ends of a line either.
var (
	agentLine  = regexp.MustCompile(`^(\d+-\d+-\d+T\d+:\d+:\d+\.\d+Z) ([^\r\x{2028}\x{2029}]*)$`)
	agentFatal = regexp.MustCompile(`^FATAL \(code: (\d+)\):(.*)$`)
)

// Write takes a piece of the stream. It never fails.
func (a *Agent) Write(p []byte) (int, error) {
	a.rest = append(a.rest, p...)
	for !a.over() {
		line, rest, whole := bytes.Cut(a.rest, []byte("\n"))
		if !whole {
			return len(p), nil
		}
		a.rest = rest
		a.line(strings.TrimRight(string(line), " \t\r"))
	}
	a.User += string(a.rest)
	a.rest = nil
	return len(p), nil
}

func (a *Agent) over() bool { return a.Exec || a.Code != "" }

func (a *Agent) line(text string) {
	m := agentLine.FindStringSubmatch(text)
	if m == nil {
		a.Odd += text + "\n"
		return
	}
	a.Log += m[2] + "\n"
	if f := agentFatal.FindStringSubmatch(m[2]); f != nil {
		a.Code, a.Fatal = f[1], strings.TrimPrefix(f[2], " ")
	}
	a.Exec = strings.HasPrefix(m[2], "EXEC")
}

// String is all that the agent has made out.
func (a *Agent) String() string {
	return fmt.Sprintf("EXEC %v, FATAL %q, dropped %q, for the user %q, the log\n%s", a.Exec, a.Code, a.Odd+string(a.rest), a.User, a.Log)
}

// Hear is what an agent makes of a whole stream, in whatever pieces that comes:
// in one, in two of all lengths, and byte by byte. A stream in which it finds no
// end of the log, or a line that is none of dockerexec's, is a failure of t.
func Hear(t T, stream string) *Agent {
	t.Helper()
	a := hear(stream)
	if a.Odd != "" || !a.over() {
		t.Errorf("the host does not understand dockerexec: %s\nof %q", a, stream)
	}
	bytewise := make([]string, len(stream))
	for i := range len(stream) {
		bytewise[i] = stream[i : i+1]
		if b := hear(stream[:i], stream[i:]); b.String() != a.String() {
			t.Errorf("cut at byte %d the stream says something else: %s\nnot %s", i, b, a)
		}
	}
	if b := hear(bytewise...); b.String() != a.String() {
		t.Errorf("byte by byte the stream says something else: %s\nnot %s", b, a)
	}
	return a
}

func hear(pieces ...string) *Agent {
	a := &Agent{}
	for _, p := range pieces {
		_, _ = a.Write([]byte(p)) // never fails
	}
	return a
}

// Forgeries are texts that try to look like lines of dockerexec's log, or to take
// its terminal over, wherever they come to be logged (S-15). Each has a word that
// is logged nowhere, in whatever form, where it is a secret (S-16).
func Forgeries(secret string) map[string]string {
	const exec, fatal = "2024-01-01T00:00:00.000Z EXEC", "2024-01-01T00:00:00.000Z FATAL (code: 11): forged"
	return map[string]string{
		"a line EXEC":               secret + "\n" + exec + "\n",
		"a line FATAL":              secret + "\n" + fatal + "\n",
		"ends of a terminal's line": secret + "\r\n" + exec + "\r\n",
		"a carriage return":         secret + "\r" + exec + "\r",
		"line separators":           secret + "\u2028" + exec + "\u2029" + fatal + "\u0085" + exec + "\v" + exec + "\f",
		"a cleared screen":          secret + "\x1b[2J\x1b[H" + exec + "\n\x9b2J",
		"bytes of no character":     secret + "\xff\n" + exec + "\xc0\x8a" + fatal + "\n\xe2\x80",
		"the beginning of the text": exec + "\n" + secret,
		"a text without an end":     secret + strings.Repeat("\n"+exec, 300),
	}
}
