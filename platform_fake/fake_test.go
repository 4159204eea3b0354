package fake

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"dockerinit/core"
	"dockerinit/core/bootlog"
	"dockerinit/platform_fake/host"
)

// Every example is booted, and comes out as it is meant to be.
func TestExamples(t *testing.T) {
	for name, want := range map[string]string{
		"hello": `
hostname hello
mount tmpfs on /dev/shm (mode=1777)
nic lo 127.0.0.1/8 ::1/128
nic eth0 10.88.0.14/24 mtu 1500
route default via 10.88.0.1 dev eth0
route 10.90.0.0/16 via 10.88.0.254 dev eth0
route 192.0.2.53/32 on-link from 10.88.0.14 dev eth0
daemons none
console three streams
command ["/bin/sh" "-c" "echo \"$GREETING, $NAME!\"\necho \"user id:   $(id -u)\"\necho \"directory: $(pwd)\"\necho \"host name: $HOSTNAME\"\necho \"home:      $HOME\""] as 33:33 groups 50 in /srv/hello
provisioned
`,
		"shell": `
hostname shell
mount tmpfs on /dev/shm (mode=1777)
nic lo 127.0.0.1/8 ::1/128
nic eth0 10.88.0.15/24 mtu 1500
route default via 10.88.0.1 dev eth0
daemons none
console a terminal, stdin open
command ["/bin/sh" "-i"] as 1000:1000 groups 4,50 in /home/alice on a terminal
provisioned
`,
		"two-nics": `
hostname router.example.com
mount tmpfs on /dev/shm (mode=1777)
nic lo 127.0.0.1/8 ::1/128
nic eth0 203.0.113.20/26 2001:db8:20::20/64 mtu 1500
nic eth1 192.168.128.7/22 192.168.128.8/22 fd00:c0a8::7/64 mtu 1400
route default via 203.0.113.1 dev eth0
route 10.20.0.0/16 via 192.168.128.1 dev eth1
route 10.21.0.0/16 via 192.168.131.254 dev eth1
route 192.0.2.53/32 via 203.0.113.2 dev eth0
route 198.51.100.7/32 on-link from 192.168.128.7 dev eth1
route 198.51.100.128/25 on-link from 203.0.113.20 dev eth0
daemons none
console three streams
command ["/bin/sh" "-c" "echo \"$HOSTNAME has two interfaces and six routes\""] as 0:0 in /
provisioned
`,
		"minimal": `
hostname proxy
mount fd on /dev/fd
nic lo0 127.0.0.1/8 ::1/128
nic net0 10.88.0.17/24 mtu 1500
nic net1 198.18.2.10/24 mtu 1500
route default via 10.88.0.1 dev net0
route default via 198.18.2.1
route 172.20.0.0/14 via 10.88.0.253 dev net0
daemons ipmgmtd dhcpagent
console three streams
command ["sh" "-c" "echo \"proxy for $UPSTREAM in $(pwd)\""] as 65534:65534 in /
provisioned
`,
		"zone": `
hostname zone
mount tmpfs on /dev/shm (mode=1777)
nic lo 127.0.0.1/8 ::1/128
nic eth0 10.88.0.20/24 fd00:88::20/64 mtu 1500
route default via 10.88.0.1 dev eth0
daemons ipmgmtd
console a terminal, stdin open
command ["/bin/sh" "-i"] as 0:0 in / on a terminal
provisioned
`,
		"restart": `
hostname worker
mount tmpfs on /dev/shm (mode=1777)
nic lo 127.0.0.1/8 ::1/128
nic eth0 10.88.0.16/24 mtu 1500
route default via 10.88.0.1 dev eth0
daemons none
console three streams
command ["/bin/sh" "-c" "echo \"job $JOB: nothing to work on\" >&2; exit 3"] as 0:0 in / as a child
provisioned
metadata __dockerinit_last_exit = "0"
`,
	} {
		t.Run(name, func(t *testing.T) {
			p := example(t, name)
			for _, problem := range p.Check() {
				t.Errorf("a problem in an example: %s", problem)
			}
			z := New(p, temporaryRoot(t))
			z.Programs = "/"
			boot(t, z)
			if got, want := z.State(), want[1:]; got != want {
				t.Errorf("\ngot\n%s\nwant\n%s", got, want)
			}
		})
	}
}

// The broken one has mistakes of many kinds: in the payload itself, in what the
// zone makes of it, and in what the image lacks.
func TestTheBrokenExample(t *testing.T) {
	p := example(t, "broken")
	paths := map[string]bool{}
	for _, problem := range p.Check() {
		paths[problem.Path] = true
	}
	for _, path := range []string{
		"nics[0].ips[0]", "nics[1].ips[0]", "nics[1].mtu", `routes["10.91.0.0/33"]`, `routes["10.92.0.0/16"]`, `routes["10.93.0.0/16"]`,
		`internal_metadata["docker:volumesfrom"]`, `internal_metadata["docker:tty"]`, `internal_metadata["docker:Logdriver"]`,
	} {
		if !paths[path] {
			t.Errorf("nothing is said of %s", path)
		}
	}
	z := New(p, temporaryRoot(t))
	z.Programs = "/"
	log := bootlog.New()
	err := core.Init(t.Context(), z.Platform(), log, core.Options{})
	if closed := z.Close(); closed != nil {
		t.Error(closed)
	}
	told := err.Error()
	for _, key := range []string{
		"sdc:nics", "docker:nfsvolumes", "docker:user", "docker:env", "docker:entrypoint", "docker:cmd", "docker:stopsignal",
	} {
		if !strings.Contains(told, key) {
			t.Errorf("the boot says nothing of %s:\n%s", key, told)
		}
	}
	if !strings.Contains(z.State(), "failure (code: ") || strings.Contains(z.State(), "nic ") {
		t.Errorf("the zone has become\n%s", z.State())
	}
}

func TestEachPlatformHasAClientOfItsOwn(t *testing.T) {
	z := New(example(t, "hello"), temporaryRoot(t))
	defer z.Close()
	first, second := z.Platform(), z.Platform()
	if err := first.Metadata.Close(); err != nil {
		t.Error(err)
	}
	values, err := second.Metadata.Ask(t.Context(), "sdc:alias", "sdc:nothing")()
	if err != nil || len(values) != 1 || values["sdc:alias"] != "hello" {
		t.Errorf("got %v, %v", values, err)
	}
	if err := second.Metadata.Put(t.Context(), "docker:cmd", "x"); err == nil {
		t.Error("docker:cmd could be written")
	}
	if err := second.Metadata.Put(t.Context(), "mine", "x"); err != nil {
		t.Error(err)
	}
	if err := second.Metadata.Close(); err != nil {
		t.Error(err)
	}
	if got, want := z.State(), "provisioning\nmetadata mine = \"x\"\n"; got != want {
		t.Errorf("\ngot  %q\nwant %q", got, want)
	}
}

func TestTemporaryRootIsAsTheHostLeavesIt(t *testing.T) {
	root := temporaryRoot(t)
	for name, want := range map[string]string{
		"":                     "drwxr-xr-x",
		"tmp":                  "dtrwxrwxrwx",
		"root":                 "drwx------",
		"dev/shm":              "drwxr-xr-x",
		"etc/passwd":           "-rw-r--r--",
		"var/svc/provisioning": "-rw-r--r--",
	} {
		info, err := os.Lstat(filepath.Join(root, name))
		if err != nil {
			t.Error(err)
		} else if got := info.Mode().String(); got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
	}
}

func example(t *testing.T, name string) *host.Payload {
	t.Helper()
	f, err := os.Open(filepath.Join("examples", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	p, err := host.Read(f)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func temporaryRoot(t *testing.T) string {
	t.Helper()
	root, err := TemporaryRoot()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(root) })
	return root
}

func boot(t *testing.T, z *Zone) {
	t.Helper()
	if err := core.Init(t.Context(), z.Platform(), bootlog.New(), core.Options{}); err != nil {
		t.Error(err)
	}
	if err := z.Close(); err != nil {
		t.Error(err)
	}
}

// No example is left out of the tests above.
func TestEveryExampleIsTested(t *testing.T) {
	files, err := filepath.Glob("examples/*")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range files {
		names = append(names, strings.TrimSuffix(filepath.Base(f), ".json"))
	}
	if want := []string{"broken", "hello", "minimal", "restart", "shell", "two-nics", "zone"}; !slices.Equal(names, want) {
		t.Errorf("got %q, want %q", names, want)
	}
}
