//go:build linux && amd64 && !race

// Not under the race detector: what runs here are other processes, and for long.

package abi

import (
	"bytes"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"dockerinit/platform_fake/need"
)

// Go's own tests hold the loader to illumos' behaviour, and so do those of x/sys.
// What fails is listed with its reason, and must fail: a list can only get shorter.
func TestStandardLibrary(t *testing.T) {
	loader, _ := build(t, "basics")
	for _, test := range []struct {
		pkg     string
		env     []string
		failing map[string]string // regular expressions for -run, with reasons
	}{
		{pkg: "os"},
		{pkg: "net"},
		{pkg: "os/exec"},
		{pkg: "syscall"},
		{pkg: "os/signal", failing: map[string]string{
			"^TestDetectNohup$|^TestNohup$": "nohup, a Linux program, cannot execute an illumos one",
		}},
		// With this variable runtime's tests skip what builds further programs, which
		// is a hundred of five hundred and nearly all of the time. They pass too.
		{pkg: "runtime", env: []string{"GO_GCFLAGS=none"}},
		{pkg: "golang.org/x/sys/unix", failing: map[string]string{
			"^TestBasicEventPort$|^TestEventPort(DissociateAlreadyGone|GetAfterClose|Errors)$|^TestPortEventSlices$": "no event ports for files",
			"^TestLifreqGetMTU$": "asks dladm for links",
			"^TestUcredGet$":     "no credentials of other processes",
		}},
	} {
		t.Run(test.pkg, func(t *testing.T) {
			run := func(flags ...string) ([]byte, error) {
				c := exec.Command("go", append(append([]string{"test", "-short", "-exec", loader}, flags...), test.pkg)...)
				c.Env = append(illumos(), test.env...)
				return c.CombinedOutput()
			}
			var flags []string
			if len(test.failing) > 0 {
				flags = []string{"-skip", strings.Join(slices.Sorted(maps.Keys(test.failing)), "|")}
			}
			for pattern, reason := range test.failing {
				if _, err := run("-run", pattern); err == nil {
					t.Errorf("%s does not fail any more (%s): take it off the list", pattern, reason)
				}
			}
			if out, err := run(flags...); err != nil {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}

// esbuild is an illumos program that nobody made for this.
func TestEsbuildBundlesAsOnLinux(t *testing.T) {
	npm := need.Program(t, "npm", "npm")
	loader, _ := build(t, "basics")
	dir := t.TempDir()
	for name, text := range map[string]string{
		"a.ts": `import {b} from "./b"; console.log(b + 1)`,
		"b.ts": `export const b: number = 41`,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	bundle := func(system string, before ...string) []byte {
		const version = "0.25.0"
		for _, args := range [][]string{
			{npm, "pack", "--silent", "@esbuild/" + system + "-x64@" + version},
			{"mkdir", system},
			{"tar", "xzf", "esbuild-" + system + "-x64-" + version + ".tgz", "-C", system},
		} {
			c := exec.Command(args[0], args[1:]...)
			c.Dir = dir
			if out, err := c.CombinedOutput(); err != nil {
				t.Fatalf("%q: %v\n%s", args, err, out)
			}
		}
		args := append(before, filepath.Join(dir, system, "package/bin/esbuild"), "--bundle", "--minify", "a.ts")
		c := exec.Command(args[0], args[1:]...)
		c.Dir = dir
		out, err := c.Output()
		if err != nil {
			t.Fatalf("%q: %v\n%s", args, err, out)
		}
		return out
	}
	got, want := bundle("sunos", loader), bundle("linux")
	if len(want) == 0 || !bytes.Equal(got, want) {
		t.Fatalf("illumos: %q\nLinux: %q", got, want)
	}
}

// As PID 1 of a namespace, as in a zone.
func TestIllumosProgramIsPID1(t *testing.T) {
	need.Root(t)
	unshare := need.Program(t, "unshare", "util-linux")
	loader, binary := build(t, "basics")
	for _, what := range []string{"signal", "exec", "preempt"} {
		c := exec.Command(unshare, "--fork", "--pid", "--mount-proc", "--kill-child", loader, binary, what)
		c.Dir = t.TempDir()
		if out, err := c.CombinedOutput(); err != nil || string(out) != what+" ok\n" {
			t.Errorf("%s: %v\n%s", what, err, out)
		}
	}
}
