package rules

import (
	"go/build/constraint"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// root is the repository, seen from here.
const root = "../../.."

// Every platform has the file of each interface under the same name, so that
// who knows one of them finds their way in all.
func TestPlatformFoldersAreAlike(t *testing.T) {
	for _, folder := range platforms(t) {
		name := strings.TrimPrefix(filepath.Base(folder), "platform_")
		for _, file := range []string{
			"doc.go", name + ".go", "metadata.go", "network.go", "console.go", "processes.go", "system.go",
		} {
			if _, err := os.Stat(filepath.Join(folder, file)); err != nil {
				t.Error(err)
			}
		}
		// Untagged, every system can name the package: go doc, go vet ./...
		if c := buildConstraint(t, filepath.Join(folder, "doc.go")); c != "" {
			t.Errorf("%s/doc.go is built for %q only", folder, c)
		}
	}
}

// A new platform is one folder, one file here, and one line that says what it is built for.
func TestBackendHasOneFileForEachPlatform(t *testing.T) {
	const folder = root + "/cmd/internal/backend"
	constraints := map[string]string{
		"illumos": "illumos && !fake",
		"lx":      "linux && !fake",
		"fake":    "fake || !(illumos || linux)",
	}
	for _, platform := range platforms(t) {
		name := strings.TrimPrefix(filepath.Base(platform), "platform_")
		want := constraints[name]
		if want == "" {
			t.Errorf("%s: say here what it is built for, and leave that out of the fake's line", platform)
			continue
		}
		files := []string{filepath.Join(folder, name+".go"), filepath.Join(folder, "host", name+".go")}
		if name != "fake" { // a fake zone is made by the fake programs
			files = append(files, filepath.Join(folder, "whole", name+".go"))
		}
		for _, file := range files {
			if _, err := os.Stat(file); err != nil {
				t.Error(err)
			} else if got := buildConstraint(t, file); got != want {
				t.Errorf("%s is built for %q, want %q", file, got, want)
			}
		}
	}
	// Whatever is built, exactly one of them is in it.
	for _, tags := range [][]string{
		{"illumos"}, {"illumos", "fake"}, {"linux"}, {"linux", "fake"}, {"darwin"}, {"darwin", "fake"}, {"freebsd"},
	} {
		var chosen []string
		for name, text := range constraints {
			expr, err := constraint.Parse("//go:build " + text)
			if err != nil {
				t.Fatal(err)
			}
			if expr.Eval(func(tag string) bool { return slices.Contains(tags, tag) }) {
				chosen = append(chosen, name)
			}
		}
		if len(chosen) != 1 {
			t.Errorf("with %v the backends are %v, want exactly one", tags, chosen)
		}
	}
}

// What a platform has to do is one table, which its own tests run; those of core run
// it for the fake.
func TestEveryPlatformRunsTheScenarios(t *testing.T) {
	for _, folder := range platforms(t) {
		if filepath.Base(folder) != "platform_fake" && !slices.ContainsFunc(goFiles(t, folder), func(file string) bool {
			text, err := os.ReadFile(file)
			return err == nil && strings.HasSuffix(file, "_test.go") && strings.Contains(string(text), "scenario.All()")
		}) {
			t.Errorf("no test below %s boots the zones of scenario.All()", folder)
		}
	}
}

// A file's name that ends in a system's name is a build tag that nobody wrote,
// and says nothing of the fake build. Where real backends are chosen and written
// it must be meant, which a constraint beside it shows.
func TestNoFileNameIsTheOnlyBuildTag(t *testing.T) {
	systems := []string{"linux", "illumos", "solaris", "darwin", "freebsd", "unix", "amd64", "arm64"}
	for _, folder := range []string{"cmd", "platform_illumos", "platform_lx"} {
		for _, file := range goFiles(t, filepath.Join(root, folder)) {
			words := strings.Split(strings.TrimSuffix(strings.TrimSuffix(filepath.Base(file), ".go"), "_test"), "_")
			last := words[len(words)-1]
			if len(words) > 1 && slices.Contains(systems, last) && buildConstraint(t, file) == "" {
				t.Errorf("%s: write the build tag out, or name the file by its duty", file)
			}
		}
	}
}

// platforms are the folders of all platforms.
func platforms(t *testing.T) []string {
	t.Helper()
	folders, err := filepath.Glob(root + "/platform_*")
	if err != nil || len(folders) < 3 {
		t.Fatalf("platform folders: %q, %v", folders, err)
	}
	return folders
}

// buildConstraint is the //go:build line of a file, "" where there is none.
func buildConstraint(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if c, ok := strings.CutPrefix(line, "//go:build "); ok {
			return strings.TrimSpace(c)
		}
	}
	return ""
}

// goFiles are all Go files below a folder.
func goFiles(t *testing.T, folder string) (files []string) {
	t.Helper()
	err := filepath.WalkDir(folder, func(name string, _ fs.DirEntry, err error) error {
		if strings.HasSuffix(name, ".go") {
			files = append(files, name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}
