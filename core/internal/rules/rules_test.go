package rules

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"testing"
)

// A rule says who never reaches what, by whatever way, and why. A path that
// ends in "..." stands for all that begins so.
type rule struct {
	who   string
	never string
	why   string
}

var rules = []rule{
	{"dockerinit/core/...", "dockerinit/platform_...", "core is the same on every platform: a backend fulfils core's interfaces, never the other way round"},
	{"dockerinit/core/...", "dockerinit/cmd/...", "core is put together by a program and knows none"},
	{"dockerinit/core/...", "golang.org/x/sys/...", "a system call belongs behind an interface of core.Platform"},
	{"dockerinit/core/...", "github.com/vishvananda/netlink...", "core speaks of NICs and routes; how a kernel is told is the backend's"},
	{"dockerinit/core/...", "os/user", "it reads this machine's users; a zone's are in its image"},

	{"dockerinit/core/zone", "dockerinit/core", "what the host says is known without the boot"},
	{"dockerinit/core/metadata", "dockerinit/core", "the protocol is known without the boot"},
	{"dockerinit/core/image", "dockerinit/core", "an image is read without the boot"},
	{"dockerinit/core/process", "dockerinit/core", "a command is worked out without the boot"},
	{"dockerinit/core/shim", "dockerinit/core", "a command is started without the boot"},
	{"dockerinit/core/supervise", "dockerinit/core", "a command is stayed for without the boot"},
	{"dockerinit/core/bootlog", "dockerinit/core", "the log is written without the boot"},
	{"dockerinit/core/timeline", "dockerinit/core", "a log is drawn without the boot"},
	{"dockerinit/core/exit", "dockerinit/core", "a code is known without the boot"},
	{"dockerinit/core/exit", "dockerinit/core/...", "every package gives its errors codes, so the codes need none"},

	{"dockerinit/platform_illumos...", "dockerinit/platform_lx...", "a backend is understood and built without the others"},
	{"dockerinit/platform_illumos...", "dockerinit/platform_fake...", "a backend is understood and built without the others"},
	{"dockerinit/platform_lx...", "dockerinit/platform_illumos...", "a backend is understood and built without the others"},
	{"dockerinit/platform_lx...", "dockerinit/platform_fake...", "a backend is understood and built without the others"},
	{"dockerinit/platform_fake...", "dockerinit/platform_illumos...", "the fake runs where neither of the real ones can be built"},
	{"dockerinit/platform_fake...", "dockerinit/platform_lx...", "the fake runs where neither of the real ones can be built"},
	{"dockerinit/platform_illumos/rtsock", "golang.org/x/sys/...", "layouts are tested on every system, and no call is among them"},
	{"dockerinit/platform_illumos/lifreq", "golang.org/x/sys/...", "layouts are tested on every system, and no call is among them"},
	{"dockerinit/platform_illumos/contract", "golang.org/x/sys/...", "layouts are tested on every system, and no call is among them"},
	{"dockerinit/core/zfd", "dockerinit/core", "the console is opened without the boot"},
	{"dockerinit/platform_...", "dockerinit/cmd/...", "a backend is put into a program and knows none"},

	{"dockerinit/cmd/...", "testing", "what a test needs has no place in a program"},
	{"dockerinit/cmd/...", "dockerinit/platform_lx/lxkernel", "the emulated kernel is for tests"},
	{"dockerinit/cmd/dockerexec", "github.com/vishvananda/netlink...", "the zone is configured when docker exec comes"},
	{"dockerinit/cmd/dockerexec", "dockerinit/platform_illumos/ipadm", "the zone is configured when docker exec comes"},
	{"dockerinit/cmd/mdata", "dockerinit/platform_illumos", "a metadata client needs the way to the host, which is platform_illumos/agent"},
	{"dockerinit/cmd/mdata", "dockerinit/platform_illumos/libc", "a metadata client calls no library by its own trampoline"},
	{"dockerinit/cmd/mdata", "dockerinit/platform_lx", "a metadata client needs the way to the host, which is platform_lx/agent"},
	{"dockerinit/cmd/mdata", "dockerinit/core", "a metadata client boots nothing"},
	{"dockerinit/cmd/dockerinit", "github.com/google/go-containerregistry/...", "a zone has no image, but a root that the host has made of it"},
	{"dockerinit/cmd/dockerexec", "github.com/google/go-containerregistry/...", "a zone has no image, but a root that the host has made of it"},
	{"dockerinit/cmd/mdata", "github.com/google/go-containerregistry/...", "a zone has no image, but a root that the host has made of it"},
	{"dockerinit/cmd/dockerinit", "dockerinit/platform_fake/sim/...", "what a zone is plugged into is not in the zone"},
	{"dockerinit/cmd/dockerexec", "dockerinit/platform_fake/sim/...", "what a zone is plugged into is not in the zone"},
	{"dockerinit/cmd/mdata", "dockerinit/platform_fake/sim/...", "what a zone is plugged into is not in the zone"},
	{"dockerinit/platform_fake/sim/...", "dockerinit/core", "the zone is booted by the real dockerinit, as a process"},
	{"dockerinit/platform_...", "github.com/google/go-containerregistry/...", "what a person needs is in dockerzone alone"},
	{"dockerinit/cmd/dockerinit", "dockerinit/core/timeline", "a log is drawn for people, by dockerzone"},
	{"dockerinit/platform_lx...", "github.com/vishvananda/...", "30 KB of dockerinit, for eight messages; it is what tests compare them with"},
	{"dockerinit/platform_lx...", "github.com/insomniacslk/...", "a thirtieth of dockerinit, for the few messages that a client has; it is what tests compare them with"},
	{"dockerinit/cmd/dockerinit", "net/http", "the first process talks to one socket; a server's code would double its size"},
	{"dockerinit/cmd/dockerexec", "net/http", "docker exec talks to one socket; a server's code would double its size"},
}

func TestNoPackageReachesWhatItMustNot(t *testing.T) {
	for _, s := range systems {
		t.Run(s.name, func(t *testing.T) {
			packages := load(t, s)
			for _, r := range rules {
				if !slices.ContainsFunc(packages, func(p *listed) bool { return covers(r.who, p.ImportPath) }) {
					t.Errorf("the rule on %s is about no package", r.who)
				}
			}
			for _, v := range violations(rules, packages) {
				t.Error(v)
			}
		})
	}
}

// Without this a backend could be used beside the one that the build selected.
// Tests may use the fake, which is not real.
func TestOnlyBackendImportsARealPlatform(t *testing.T) {
	for _, s := range systems {
		t.Run(s.name, func(t *testing.T) {
			for _, p := range load(t, s) {
				if covers("dockerinit/cmd/internal/backend/...", p.ImportPath) {
					continue
				}
				for _, name := range slices.Concat(p.Imports, p.TestImports, p.XTestImports) {
					real := covers("dockerinit/platform_...", name) && !covers("dockerinit/platform_fake/...", name)
					if real && !covers(topFolder(name)+"/...", p.ImportPath) {
						t.Errorf("%s imports %s, which only cmd/internal/backend may", p.ImportPath, name)
					}
				}
			}
		})
	}
}

func TestEveryPackageSaysWhatItIs(t *testing.T) {
	for _, s := range systems {
		for _, p := range load(t, s) {
			if covers("dockerinit/...", p.ImportPath) && len(p.GoFiles) > 0 && p.Doc == "" {
				t.Errorf("%s: %s has no package comment", s.name, p.ImportPath)
			}
		}
	}
}

// The check itself: a rule that finds nothing must not be a rule that cannot.
func TestViolationsAreFound(t *testing.T) {
	packages := []*listed{
		{ImportPath: "m/core", Deps: []string{"m/core/zone", "x/sys/unix"}},
		{ImportPath: "m/core/zone", Deps: []string{"fmt"}},
		{ImportPath: "m/corelike", Deps: []string{"x/sys/unix"}},
	}
	for _, tt := range []struct {
		name       string
		who, never string
		want       string
	}{
		{"what is reached is named with who reaches it and why", "m/core", "x/sys/unix", "m/core reaches x/sys/unix: why"},
		{"a prefix stands for all below it", "m/core/...", "x/sys/...", "m/core reaches x/sys/unix: why"},
		{"a prefix is whole path elements", "m/co/...", "x/sys/...", ""},
		{"a prefix without a slash is any beginning", "m/corel...", "x/sys/unix", "m/corelike reaches x/sys/unix: why"},
		{"what is not reached is no violation", "m/core/zone", "x/sys/unix", ""},
		{"a package may be below what it must not reach", "m/core/zone", "m/core/...", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := strings.Join(violations([]rule{{tt.who, tt.never, "why"}}, packages), "\n")
			if got != tt.want {
				t.Errorf("\n got %q\nwant %q", got, tt.want)
			}
		})
	}
}

// violations are the places where packages break rules, in the rules' order.
func violations(rules []rule, packages []*listed) (found []string) {
	for _, r := range rules {
		for _, p := range packages {
			if !covers(r.who, p.ImportPath) {
				continue
			}
			for _, dep := range p.Deps {
				if covers(r.never, dep) && dep != p.ImportPath {
					found = append(found, fmt.Sprintf("%s reaches %s: %s", p.ImportPath, dep, r.why))
				}
			}
		}
	}
	return found
}

// covers tells whether pattern stands for the package: itself, or with "/..."
// at the end itself and all below, or with "..." all that begins so.
func covers(pattern, pkg string) bool {
	if below, ok := strings.CutSuffix(pattern, "/..."); ok {
		return pkg == below || strings.HasPrefix(pkg, below+"/")
	}
	if prefix, ok := strings.CutSuffix(pattern, "..."); ok {
		return strings.HasPrefix(pkg, prefix)
	}
	return pkg == pattern
}

// topFolder is the folder of the module that a package of it lies in.
func topFolder(pkg string) string {
	elements := strings.SplitN(pkg, "/", 3)
	return path.Join(elements[:min(2, len(elements))]...)
}
