//go:build linux && amd64

package abi

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
)

// zoneTools is where a zone has the loader, what that is linked with, and a shell:
// its image may have none of it.
const zoneTools = "/.illumos"

// coverage is where the programs write what was run of them, for make
// cover-illumos.
var coverage = os.Getenv("DOCKERINIT_COVERAGE")

// covered is what the go command builds such programs with. One that is in no zone
// finds the folder in its environment.
func covered() []string {
	if coverage == "" {
		return nil
	}
	_ = os.Setenv("GOCOVERDIR", coverage)
	return []string{"-cover", "-covermode=atomic", "-coverpkg=dockerinit/platform_illumos/...,dockerinit/cmd/dockerinit,dockerinit/cmd/dockerexec,dockerinit/cmd/mdata", "-tags=coverage"}
}

// A zone's programs, in two folders that every zone mounts.
type zonePrograms struct{ tools, illumos string }

var zoneOnce = sync.OnceValues(func() (p zonePrograms, err error) {
	p = zonePrograms{filepath.Join(made, "tools"), filepath.Join(made, "illumos")}
	if err := os.Mkdir(p.tools, 0o755); err != nil {
		return p, err
	}
	var compiled error
	var both sync.WaitGroup
	both.Go(func() {
		loader := filepath.Join(p.tools, "loader")
		if compiled = compile(loader, "-Wl,--dynamic-linker="+zoneTools+"/ld.so,-rpath,"+zoneTools); compiled == nil {
			compiled = libraries(p.tools)
		}
	})
	// As everybody makes them: an LX zone takes no others.
	c := exec.Command("make", "-C", "../..", "illumos", "ILLUMOS="+p.illumos, "PROGRAMS=./cmd/dockerinit ./cmd/dockerexec ./cmd/mdata",
		"GOBUILD=CGO_ENABLED=0 go build "+strings.Join(covered(), " "))
	if out, err := c.CombinedOutput(); err != nil {
		return p, fmt.Errorf("make illumos: %w\n%s", err, out)
	}
	both.Wait()
	if compiled != nil {
		return p, compiled
	}
	busybox, err := exec.LookPath("busybox")
	if err != nil {
		return p, err
	}
	return p, copyFile(busybox, filepath.Join(p.tools, "busybox"))
})

// libraries copies what a loader is linked with, and the linker.
func libraries(to string) error {
	loader, err := loaderOnce()
	if err != nil {
		return err
	}
	out, err := exec.Command("ldd", loader).Output()
	if err != nil {
		return fmt.Errorf("ldd: %w", err)
	}
	for path := range strings.FieldsSeq(string(out)) {
		if !strings.HasPrefix(path, "/") {
			continue
		}
		name := filepath.Base(path)
		if strings.HasPrefix(name, "ld-linux") {
			name = "ld.so"
		}
		if err := copyFile(path, filepath.Join(to, name)); err != nil {
			return err
		}
	}
	return nil
}

func copyFile(from, to string) error {
	text, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, text, 0o755)
}
