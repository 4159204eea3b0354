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

// The platform's own tests of what no boot meets.
func TestOwnSuites(t *testing.T) {
	suite{own: true, packages: "dockerinit/platform_illumos dockerinit/platform_illumos/agent dockerinit/platform_illumos/contract " +
		"dockerinit/platform_illumos/ipadm dockerinit/platform_illumos/libc dockerinit/platform_illumos/lifreq dockerinit/platform_illumos/rtsock"}.run(t)
}

// Go's own tests hold the loader to illumos' behaviour, and so do those of x/sys
// and of this project. What fails is listed with its reason, and must fail: a list
// can only get shorter.
func TestSuitesOfOthers(t *testing.T) {
	const words = "its errors are in illumos' words, or its files are such as only Linux refuses"
	for _, suite := range []suite{
		{packages: "os"},
		{packages: "net"},
		{packages: "os/exec"},
		{packages: "syscall"},
		{packages: "os/signal", failing: map[string]string{
			"^TestDetectNohup$|^TestNohup$": "nohup, a Linux program, cannot execute an illumos one",
		}},
		// With this variable runtime's tests skip what builds further programs, which
		// is a hundred of five hundred and nearly all of the time: see doc.go.
		{packages: "runtime", env: []string{"GO_GCFLAGS=none"}},
		{packages: "golang.org/x/sys/unix", failing: map[string]string{
			"^TestBasicEventPort$|^TestEventPort(DissociateAlreadyGone|GetAfterClose|Errors)$|^TestPortEventSlices$": "no event ports for files",
			"^TestLifreqGetMTU$": "asks dladm for links",
			"^TestUcredGet$":     "no credentials of other processes",
		}},
		{packages: "dockerinit/core/image", failing: map[string]string{
			"^TestReadFile$/^a_loop$|^TestResolve$/^a_link_to_itself$|^TestResolve$/^S-9|^TestResolve$/^41_links$|^TestMkdirAll$/^S-9|^TestMkdirAll$/^halfway$": words,
		}},
		{packages: "dockerinit/core/process", failing: map[string]string{
			"^TestBecome$/^P2_another|^TestBecome$/^P7_a_terminal|^TestBecome$/^somebody_else_without|^TestBecome$/^the_saved_id|^TestDiagnose$/^other_bytes$|^TestExplain$|^TestLookup$/^a_loop|^TestLookupUserS4SpecialFiles$/^a_loop$": words,
		}},
		{packages: "dockerinit/core/metadata dockerinit/core/shim dockerinit/core/zfd dockerinit/cmd/mdata"},
	} {
		t.Run(suite.packages, suite.run)
	}
}

type suite struct {
	packages string
	own      bool // its coverage counts
	env      []string
	failing  map[string]string // regular expressions for -run, with reasons
}

func (s suite) run(t *testing.T) {
	loader, _ := build(t, "basics")
	test := func(flags ...string) ([]byte, error) {
		args := append([]string{"test", "-short", "-exec", loader}, flags...)
		if s.own {
			args = append(args, covered()...)
		}
		args = append(args, strings.Fields(s.packages)...)
		if s.own && coverage != "" {
			args = append(args, "-args", "-test.gocoverdir="+coverage)
		}
		c := exec.Command("go", args...)
		// What only Linux has is tested on Linux, beside this: it is not missed here.
		c.Env = append(append(illumos(), "DOCKERINIT_NO_SKIPS=", "DOCKERINIT_SKIPS="), s.env...)
		return c.CombinedOutput()
	}
	var flags []string
	if len(s.failing) > 0 {
		flags = []string{"-skip", strings.Join(slices.Sorted(maps.Keys(s.failing)), "|")}
	}
	if out, err := test(flags...); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	for pattern, reason := range s.failing {
		if _, err := test("-run", pattern); err == nil {
			t.Errorf("%s does not fail any more (%s): take it off the list", pattern, reason)
		}
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
