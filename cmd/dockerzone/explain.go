package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"regexp"
	"strconv"
	"strings"

	"dockerinit/core"
	"dockerinit/core/bootlog"
	"dockerinit/core/exit"
	"dockerinit/platform_fake/host"
)

const explainUsage = `Usage: dockerzone explain [--json] CODE|FILE|-

Explains why a boot ended: what it means, the likely causes, what to check.
It is given one of

  CODE  the number in a line FATAL (code: N), or such a line
  FILE  a log of dockerinit (sdc-dockerinit.log) or of dockerexec; a failure
        record, as it stands in customer_metadata.__dockerinit_failure; or what
        vmadm get prints of a zone that has one
  -     any of these on standard input

Of a log it also tells what took longest and what was warned of.

  --json  print one JSON object: for a code its row, causes and checks; for a
          record also time, step, text, version; for a log an array boots, each
          with version, time, outcome (exec, failed, or open where the log was
          cut off), code, text, took_ns, events (after_ns, level, step, what,
          took_ns) and, of one that failed, explanation

Exit status:
  0  it was explained
  2  it cannot be read, or is none of these
  3  wrong usage

Examples:
  dockerzone explain 29
  ssh HOST vmadm get UUID | dockerzone explain -
  dockerzone explain /zones/UUID/root/var/log/sdc-dockerinit.log
`

// An explanation is what is known of a code.
type explanation struct {
	Code    int      `json:"code"`
	Name    string   `json:"name"`
	Meaning string   `json:"meaning"`
	Hint    string   `json:"hint"`
	Status  int      `json:"status"`
	Causes  []string `json:"causes"`
	Checks  []string `json:"checks"`
}

// A toldFailure is a failure record, explained.
type toldFailure struct {
	core.Failure
	Explanation *explanation `json:"explanation"`
}

// A toldBoot is a boot of a log, explained.
type toldBoot struct {
	bootlog.Record
	Explanation *explanation `json:"explanation,omitempty"`
}

func runExplain(args []string, std stdio) int {
	flags := flag.NewFlagSet("explain", flag.ContinueOnError)
	asJSON := flags.Bool("json", false, "")
	if status, ok := parseOne(flags, args, explainUsage, "a code, a file or -", std); !ok {
		return status
	}
	text, data, err := explain(flags.Arg(0), std.in)
	if err != nil {
		return failed(std, "explain", err)
	}
	if *asJSON {
		out, err := json.MarshalIndent(data, "", "  ")
		if err != nil {
			return failed(std, "explain", err)
		}
		text = string(out) + "\n"
	}
	if _, err := io.WriteString(std.out, text); err != nil {
		return failed(std, "explain", err)
	}
	return exitOK
}

// fatalLine is what people copy out of a log.
var fatalLine = regexp.MustCompile(`\(code: ([0-9]{1,4})\)`)

// codeIn is the code that a text is, or that a FATAL line has.
func codeIn(text string) (number int, ok bool) {
	if line := fatalLine.FindStringSubmatch(text); line != nil {
		text = line[1]
	}
	number, err := strconv.Atoi(text)
	return number, err == nil
}

func explainCode(number int) (text string, data any, err error) {
	e := explanationOf(number)
	if e == nil {
		return "", nil, fmt.Errorf("%d is no code of a FATAL line%s", number, statusOf(number))
	}
	return e.text(), e, nil
}

// explain tells what source is, for people and as data.
func explain(source string, stdin io.Reader) (text string, data any, err error) {
	if number, ok := codeIn(source); ok {
		return explainCode(number)
	}
	content, err := content(source, stdin)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", nil, fmt.Errorf("%s: neither a code nor a FATAL line, and there is no such file", source)
	case err != nil:
		return "", nil, err
	}
	if bytes.HasPrefix(bytes.TrimSpace(content), []byte("{")) {
		f, err := failureIn(content)
		if err != nil {
			return "", nil, fmt.Errorf("%s: %w", source, err)
		}
		return f.text(), f, nil
	}
	boots, err := bootlog.Parse(bytes.NewReader(content), core.StepNames())
	if err != nil {
		if number, ok := codeIn(string(bytes.TrimSpace(content))); ok {
			return explainCode(number) // without the time that makes it a log
		}
		return "", nil, fmt.Errorf("%s: %w", source, err)
	}
	told := make([]toldBoot, 0, len(boots))
	texts := make([]string, 0, len(boots))
	for _, b := range boots {
		t := toldBoot{Record: b}
		if b.Outcome == bootlog.OutcomeFailed {
			t.Explanation = explanationOf(b.Code)
		}
		told, texts = append(told, t), append(texts, t.text())
	}
	return strings.Join(texts, "\n"), map[string][]toldBoot{"boots": told}, nil
}

// statusOf says what a number is that stands in exit_status, where people find it
// first.
func statusOf(number int) string {
	const where = "; the zone's log and " + core.FailureKey + " in what vmadm get prints have the line, and it the code"
	switch {
	case number == exit.StatusFailed:
		return ", but the status of a boot that failed for another reason than its command, or the command's own" + where
	case number == exit.StatusNoExec:
		return ", but the status of a boot whose command could not be executed (codes 3, 26, 27), or the command's own" + where
	case number == exit.StatusNotFound:
		return ", but the status of a boot whose command, or its interpreter, was not found (codes 3, 17, 25), or the command's own" + where
	case number > exit.Signaled(0) && number <= exit.Signaled(64):
		return fmt.Sprintf(", but may be the command's status: signal %d ended it", number-exit.Signaled(0))
	}
	return "; README has the table"
}

// A log has kilobytes; what vmadm prints may have megabytes.
const explainLimit = 64 << 20

func content(source string, stdin io.Reader) ([]byte, error) {
	if source != "-" {
		f, err := os.Open(source)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		stdin = f
	}
	all, err := io.ReadAll(io.LimitReader(stdin, explainLimit+1))
	if err == nil && len(all) > explainLimit {
		err = fmt.Errorf("%s: larger than %d MiB", source, explainLimit>>20)
	}
	return all, err
}

// failureIn finds the record in it, or in a zone as vmadm prints it.
func failureIn(text []byte) (*toldFailure, error) {
	var zone struct {
		Customer map[string]any `json:"customer_metadata"`
	}
	if _, err := host.Read(bytes.NewReader(text)); err != nil { // with its line
		return nil, err
	}
	var f toldFailure
	if err := json.Unmarshal(text, &zone); err != nil {
		return nil, err
	}
	if err := json.Unmarshal(text, &f.Failure); err != nil {
		return nil, err
	}
	if zone.Customer != nil {
		record, ok := zone.Customer[core.FailureKey].(string)
		if !ok {
			return nil, fmt.Errorf("customer_metadata has no %s: the last boot failed before it could tell, or did not fail", core.FailureKey)
		}
		if err := json.Unmarshal([]byte(record), &f.Failure); err != nil {
			return nil, fmt.Errorf("customer_metadata.%s: %w", core.FailureKey, err)
		}
	}
	if f.Code == 0 {
		return nil, errors.New("a JSON object that is neither a failure record nor a zone's")
	}
	f.Explanation = explanationOf(f.Code)
	return &f, nil
}

// explanationOf is nil where the number is no code of ours.
func explanationOf(number int) *explanation {
	row, ok := exit.Code(number).Row()
	if !ok {
		return nil
	}
	a := advices[row.Code]
	return &explanation{number, row.Name, row.Meaning, row.Hint, row.Status, a.causes, a.checks}
}
