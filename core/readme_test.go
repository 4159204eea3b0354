package core_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"dockerinit/core"
	"dockerinit/core/exit"
	"dockerinit/core/zone"
)

var update = flag.Bool("update", false, "rewrite what is derived from the code's tables")

const readme = "../README.md"

// TestREADMETables compares README's tables with the code's. Each stands
// between <!-- NAME --> and <!-- end NAME -->.
func TestREADMETables(t *testing.T) {
	text, err := os.ReadFile(readme)
	if err != nil {
		t.Fatal(err)
	}
	got := string(text)
	want := got
	for name, table := range map[string]string{"keys": keys(), "codes": codes(), "steps": steps()} {
		want = between(t, want, name, table)
	}
	if got == want {
		return
	}
	if !*update {
		t.Fatalf("README.md's tables are not the code's; go test ./core -update rewrites them")
	}
	if err := os.WriteFile(readme, []byte(want), 0o644); err != nil {
		t.Fatal(err)
	}
}

func between(t *testing.T, text, name, table string) string {
	begin, end := "<!-- "+name+" -->\n", "<!-- end "+name+" -->"
	before, rest, ok := strings.Cut(text, begin)
	_, after, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatalf("README.md has no %s … %s", strings.TrimSpace(begin), end)
	}
	return before + begin + table + end + after
}

func keys() string {
	var b strings.Builder
	b.WriteString("| key | read by | value | absent or empty | meaning |\n| --- | --- | --- | --- | --- |\n")
	for _, k := range zone.Keys() {
		if k.Readers == 0 {
			continue
		}
		var readers []string
		for bit, name := range map[zone.Reader]string{zone.Init: "init", zone.Exec: "exec", zone.Host: "host"} {
			if k.Readers&bit != 0 {
				readers = append(readers, name)
			}
		}
		if len(readers) == 2 {
			readers = []string{"init, exec"}
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s |\n", k.Name, strings.Join(readers, ", "), k.Format, k.Default, k.Meaning)
	}
	return strings.ReplaceAll(b.String(), "|  |", "| |")
}

func codes() string {
	var b strings.Builder
	b.WriteString("| code | status | what happened | what to look at |\n| --- | --- | --- | --- |\n")
	for _, row := range exit.Table {
		fmt.Fprintf(&b, "| %d | %d | %s | %s |\n", row.Code, row.Status, row.Meaning, row.Hint)
	}
	return b.String()
}

func steps() string { return "`" + strings.Join(core.StepNames(), "` → `") + "`\n" }
