package main

import (
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	exitcode "dockerinit/core/exit"
	"dockerinit/core/zone"
	"dockerinit/platform_fake/need"
)

// Nothing that --help says is lost on the way, and no formatter complains.
func TestPages(t *testing.T) {
	mandoc := need.Program(t, "mandoc", "mandoc")
	binaries, out := t.TempDir(), t.TempDir()
	build := exec.Command("go", "build", "-o", binaries+"/", "dockerinit/cmd/dockerinit", "dockerinit/cmd/dockerexec", "dockerinit/cmd/mdata", "dockerinit/cmd/dockerzone")
	if text, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	if err := write(binaries, out, "2026-01-02"); err != nil {
		t.Fatal(err)
	}
	all, err := pages(binaries)
	if err != nil {
		t.Fatal(err)
	}
	words := regexp.MustCompile(`[\pL\pN_:/.-]+`)
	rendered := make(map[string]string)
	for _, p := range all {
		file := filepath.Join(out, "man"+strconv.Itoa(p.section), p.name+"."+strconv.Itoa(p.section))
		if said, err := exec.Command(mandoc, "-T", "lint", "-W", "warning", file).CombinedOutput(); err != nil || len(said) > 0 {
			t.Errorf("%s: %v\n%s", p.name, err, said)
		}
		// Wide, so that no line is broken, and without its bold, which is typed twice.
		shown, err := exec.Command(mandoc, "-T", "utf8", "-O", "width=500", file).Output()
		if err != nil {
			t.Errorf("%s: %v", p.name, err)
		}
		rendered[p.name] = regexp.MustCompile(`.\x08`).ReplaceAllString(string(shown), "")
		has := make(map[string]bool)
		for _, w := range words.FindAllString(strings.ToLower(rendered[p.name]), -1) {
			has[strings.Trim(w, ".:-")] = true
		}
		for _, w := range words.FindAllString(strings.ToLower(p.help), -1) {
			if w = strings.Trim(w, ".:-"); w != "usage" && !has[w] {
				t.Errorf("%s: the page lacks %q of --help", p.name, w)
			}
		}
	}
	for _, want := range []string{"dockerzone-plan", "dockerzone-run", "dockerzone-explain"} {
		if rendered[want] == "" {
			t.Errorf("there is no page %s", want)
		}
	}
	for _, k := range zone.Keys() {
		if k.Readers&zone.Init != 0 && k.Meaning != "the same" && !strings.Contains(rendered["dockerinit"], k.Name) {
			t.Errorf("dockerinit(8) lacks %s", k.Name)
		}
	}
	for _, row := range exitcode.Table {
		if !strings.Contains(rendered["dockerinit"], row.Meaning+". See: "+row.Hint) {
			t.Errorf("dockerinit(8) lacks code %d", row.Code)
		}
	}
}
