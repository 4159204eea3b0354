package rules

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite testdata/links")

// notable are the packages of Go's library that are worth a look in review: for
// their size, or for what a program can do with them.
var notable = []string{
	"compress/...", "crypto/...", "database/...", "debug/...", "embed", "encoding/...", "expvar", "flag", "go/...",
	"hash/...", "html/...", "image/...", "log/...", "math/big", "mime/...", "net/...", "os/exec", "os/signal", "os/user",
	"plugin", "regexp", "runtime/pprof", "runtime/trace", "syscall", "testing/...", "text/...",
}

func TestWhatEachProgramLinks(t *testing.T) {
	for _, s := range systems {
		t.Run(s.name, func(t *testing.T) {
			got := links(load(t, s))
			file := filepath.Join("testdata", "links", s.name+".txt")
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
				t.Errorf("the programs link other packages than %s says (- want, + got; -update if it is meant):\n%s",
					file, difference(string(want), got))
			}
		})
	}
}

func TestLinks(t *testing.T) {
	got := links([]*listed{
		{ImportPath: "m.org/x", Name: "x", Deps: []string{"m.org/y"}},
		{ImportPath: "dockerinit/cmd/mdata", Name: "main", Deps: []string{
			"m.org/y", "dockerinit/core", "fmt", "encoding/json", "internal/cpu", "vendor/golang.org/x/net", "net", "netx",
		}},
	})
	want := `
mdata
	dockerinit/core
	m.org/y
	encoding/json
	net
`[1:]
	if got != want {
		t.Errorf("\n got %s\nwant %s", got, want)
	}
}

// links is a block of text for each program: our packages, then other people's,
// then the notable ones of Go's library.
func links(packages []*listed) string {
	var b strings.Builder
	for _, p := range packages {
		if p.Name != "main" || strings.Contains(p.ImportPath, "/internal/") { // what is installed nowhere
			continue
		}
		var ours, theirs, std []string
		for _, dep := range p.Deps {
			first, _, _ := strings.Cut(dep, "/")
			switch {
			case first == "dockerinit":
				ours = append(ours, dep)
			case strings.Contains(first, "."):
				theirs = append(theirs, dep)
			case slices.ContainsFunc(notable, func(n string) bool { return covers(n, dep) }) &&
				!strings.Contains(dep+"/", "/internal/"):
				std = append(std, dep)
			}
		}
		fmt.Fprintln(&b, strings.TrimPrefix(p.ImportPath, "dockerinit/cmd/"))
		for _, group := range [][]string{ours, theirs, std} {
			slices.Sort(group)
			for _, dep := range group {
				fmt.Fprintf(&b, "\t%s\n", dep)
			}
		}
	}
	return b.String()
}

// difference is the lines that only one of two such texts has, each with its
// program before it.
func difference(want, got string) string {
	lines := func(text string) (all []string) {
		program := ""
		for line := range strings.Lines(text) {
			line = strings.TrimSuffix(line, "\n")
			if !strings.HasPrefix(line, "\t") {
				program = line
				all = append(all, program)
				continue
			}
			all = append(all, program+": "+strings.TrimSpace(line))
		}
		return all
	}
	var out []string
	before, after := lines(want), lines(got)
	for _, line := range before {
		if !slices.Contains(after, line) {
			out = append(out, "- "+line)
		}
	}
	for _, line := range after {
		if !slices.Contains(before, line) {
			out = append(out, "+ "+line)
		}
	}
	return strings.Join(out, "\n")
}
