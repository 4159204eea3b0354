package rules

import (
	"bytes"
	"cmp"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"slices"
	"testing"

	"dockerinit/platform_fake/need"
)

// A system is one that the programs are built for. Its name is that of its
// golden file.
type system struct {
	name string
	goos string
	tags string
}

var systems = []system{
	{"linux", "linux", ""},
	{"illumos", "illumos", ""},
	{"linux-fake", "linux", "fake"},
	{"darwin-fake", "darwin", "fake"},
}

// listed is what go list says of a package.
type listed struct {
	ImportPath   string
	Name         string
	Doc          string
	GoFiles      []string
	Imports      []string
	TestImports  []string
	XTestImports []string
	Deps         []string
}

var loaded = map[system][]*listed{}

// load lists the module's packages as they are on a system.
func load(t *testing.T, s system) []*listed {
	t.Helper()
	if packages, ok := loaded[s]; ok {
		return packages
	}
	cmd := exec.Command(need.Program(t, "go", "golang"), "list", "-buildvcs=false", "-tags="+s.tags,
		"-json=ImportPath,Name,Doc,GoFiles,Imports,TestImports,XTestImports,Deps", "dockerinit/...")
	cmd.Env = append(os.Environ(), "GOOS="+s.goos, "GOARCH=amd64", "CGO_ENABLED=0", "GOFLAGS=")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list for %s: %s\n%s", s.name, err, stderr.Bytes())
	}
	var packages []*listed
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		p := new(listed)
		err := d.Decode(p)
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatalf("go list for %s: %s", s.name, err)
		}
		packages = append(packages, p)
	}
	slices.SortFunc(packages, func(a, b *listed) int { return cmp.Compare(a.ImportPath, b.ImportPath) })
	loaded[s] = packages
	return packages
}
