//go:build linux

// Package verify tests verify.sh, which needs a SmartOS machine: its logic runs
// here, against stand-ins for the programs of the host.
package verify

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"dockerinit/core/zone"
	"dockerinit/platform_fake/host"
	"dockerinit/platform_fake/need"
)

const image = "01234567-0123-0123-0123-0123456789ab"

// A machine has the host's programs, played, and what they know in a folder.
type machine struct {
	dir string
	env []string
}

func newMachine(t *testing.T, broken string) *machine {
	t.Helper()
	need.Program(t, "bash", "bash")
	m := &machine{dir: t.TempDir()}
	standIn, err := filepath.Abs("testdata/stand-in")
	must(t, err)
	for _, dir := range []string{"host", "programs", "tmp", "state/zones"} {
		must(t, os.MkdirAll(filepath.Join(m.dir, dir), 0o755))
	}
	for _, name := range strings.Fields("vmadm zlogin json uuid ctstat ps") {
		must(t, os.Symlink(standIn, filepath.Join(m.dir, "host", name)))
	}
	for _, name := range strings.Fields("dockerinit dockerexec mdata") {
		must(t, os.WriteFile(filepath.Join(m.dir, "programs", name), nil, 0o755))
	}
	m.env = []string{"PATH=" + m.dir + "/host:/usr/bin:/bin", "TMPDIR=" + m.dir + "/tmp", "STATE=" + m.dir + "/state", "BREAK=" + broken}
	return m
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (m *machine) verify(args ...string) *exec.Cmd {
	c := exec.Command("bash", append([]string{"verify.sh"}, args...)...)
	c.Env = m.env
	return c
}

func (m *machine) usual() []string { return []string{"--image", image, "--bin", m.dir + "/programs"} }

// left is what is left of the zone and of the programs that were copied for it.
func (m *machine) left() (all []string) {
	for _, dir := range []string{"tmp", "state/zones"} {
		entries, _ := os.ReadDir(filepath.Join(m.dir, dir))
		for _, e := range entries {
			all = append(all, e.Name())
		}
	}
	return all
}

func status(err error) int {
	if e, ok := errors.AsType[*exec.ExitError](err); ok {
		return e.ExitCode()
	}
	return 0
}

func TestVerify(t *testing.T) {
	for _, tt := range []struct {
		behaviour, broken string
		args              []string
		status            int
		says              string // "": nothing but that it agrees
	}{
		{"all agrees", "", nil, 0, ""},
		{"in an LX zone and with a gateway", "", []string{"--brand", "lx", "--gateway", "198.18.77.254"}, 0, ""},
		{"another user", "user", nil, 1, "differs  the user and the group: "},
		{"a zone cannot forge a line", "forged", nil, 1, `differs  the user and the group: `},
		{"a warning", "warning", nil, 1, "differs  and no warning is in it: "},
		{"a log that others can read", "mode", nil, 1, "differs  the log's mode: -rw-r--r--, where -rw------- is wanted\n"},
		{"an address that is not there", "address", nil, 1, "differs  the address is configured: 127.0.0.1/8, where 198.18.77.1/24 is wanted\n"},
		{"the status of dockerexec", "dockerexec", nil, 1, "differs  the status of dockerexec is the command's: 0, where 1 is wanted\n"},
		{"contracts that come together", "contracts", nil, 1, "differs  the contracts of what has ended are gone: 1, where 0 is wanted\n"},
		{"a zone that does not start", "start", nil, 1, `unknown  vmadm start: Zone\ is\ not\ bootable` + "\n"},
		{"a zone that cannot be made", "create", nil, 2, "verify.sh: vmadm create: Invalid value(s) for: image_uuid\n"},
	} {
		t.Run(tt.behaviour, func(t *testing.T) {
			t.Parallel()
			m := newMachine(t, tt.broken)
			out, err := m.verify(append(m.usual(), tt.args...)...).CombinedOutput()
			if status(err) != tt.status || !strings.Contains(string(out), tt.says) || bytes.ContainsAny(out, "\x1b") {
				t.Errorf("status %d, want %d and %q\n%s", status(err), tt.status, tt.says, out)
			}
			agreed := strings.Count("\n"+string(out), "\nagrees   ")
			if lines := strings.Count(string(out), "\n"); tt.status == 0 && (agreed != lines || agreed < 30) {
				t.Errorf("%d of %d lines agree\n%s", agreed, lines, out)
			}
			if tt.broken == "forged" && strings.Contains(string(out), "\nagrees   the user and the group") {
				t.Errorf("the zone has said that it agrees\n%s", out)
			}
			if left := m.left(); len(left) > 0 {
				t.Errorf("left: %q", left)
			}
		})
	}
}

// What is made is deleted also when it is interrupted, and what cannot be deleted is told.
func TestVerifyLeavesNothing(t *testing.T) {
	need.Defaults()
	for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP} {
		m := newMachine(t, "hang")
		c := m.verify(m.usual()...)
		c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
		must(t, c.Start())
		for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(10 * time.Millisecond) {
			if _, err := os.Stat(m.dir + "/state/hanging"); err == nil {
				break
			}
			if time.Now().After(deadline) {
				t.Fatal("it has not come to the start")
			}
		}
		must(t, syscall.Kill(-c.Process.Pid, signal))
		if err := c.Wait(); status(err) != 2 || len(m.left()) > 0 {
			t.Errorf("%v: %v, left %q", signal, err, m.left())
		}
	}
	m := newMachine(t, "delete")
	out, err := m.verify(m.usual()...).CombinedOutput()
	const uuid = "6d6a6c3e-0b1f-4c3e-9a0e-1f2e3d4c5b6a"
	if want := fmt.Sprintf("verify.sh: zone %s is still there: vmadm delete %s\n", uuid, uuid); status(err) != 2 || !strings.HasSuffix(string(out), want) {
		t.Errorf("%v\n%s", err, out)
	}
	m = newMachine(t, "")
	out, err = m.verify(append(m.usual(), "--keep")...).CombinedOutput()
	if left := m.left(); err != nil || len(left) != 2 || !strings.Contains(string(out), "verify.sh: left: zone "+uuid) {
		t.Errorf("%v, left %q\n%s", err, left, out)
	}
}

func TestVerifyArguments(t *testing.T) {
	m := newMachine(t, "")
	good := m.usual()
	for _, tt := range []struct {
		args   []string
		status int
		says   string
	}{
		{[]string{"--help"}, 0, "Usage: verify.sh --image UUID --bin DIR"},
		{nil, 2, "verify.sh: --image : the uuid of an image is expected"},
		{[]string{"--image"}, 2, "verify.sh: --image needs a value"},
		{[]string{"--image", `x"`}, 2, "the uuid of an image is expected"},
		{append(good, "--brand", "kvm"), 2, "verify.sh: --brand kvm: joyent-minimal or lx is expected"},
		{append(good, "--nic-tag", `a","b`), 2, "a name is expected"},
		{append(good, "--ip", "10.0.0.1"), 2, "an address with its length is expected"},
		{append(good, "--gateway", "x"), 2, "an address is expected"},
		{[]string{"--image", image, "--bin", m.dir}, 2, "there is no dockerinit; make illumos builds it"},
		{append(good, "zone"), 2, "verify.sh: zone: unknown"},
	} {
		out, err := m.verify(tt.args...).CombinedOutput()
		if status(err) != tt.status || !strings.Contains(string(out), tt.says) || len(m.left()) > 0 {
			t.Errorf("%q: %v, want %d and %q\n%s", tt.args, err, tt.status, tt.says, out)
		}
	}
	m.env[0] = "PATH=/usr/bin:/bin"
	out, err := m.verify(good...).CombinedOutput()
	if want := "verify.sh: vmadm is not there: this is not the global zone of a SmartOS machine\n"; status(err) != 2 || string(out) != want {
		t.Errorf("%v\n%s", err, out)
	}
}

// What vmadm is given is what the host takes: JSON, with JSON for the command in it.
func TestVerifyPayload(t *testing.T) {
	m := newMachine(t, "")
	out, err := m.verify(append(m.usual(), "--gateway", "198.18.77.254")...).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	f, err := os.Open(m.dir + "/state/created")
	must(t, err)
	defer f.Close()
	p, err := host.Read(f)
	must(t, err)
	for _, problem := range p.Check() {
		t.Errorf("%+v", problem)
	}
	values := map[string]string{}
	store := host.NewStore(p)
	for _, key := range zone.Names(zone.Init) {
		if value, ok, _ := store.Get(key); ok {
			values[key] = value
		}
	}
	z, wrong := zone.Decode(zone.Init, values)
	if wrong != nil {
		t.Fatal(wrong)
	}
	words := z.Cmd
	if len(words) != 3 || !strings.Contains(words[2], ` "env=$VERIFY"; `) {
		t.Errorf("%q", words)
	} else if out, err := exec.Command("sh", "-n", "-c", words[2]).CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestShellCheck(t *testing.T) {
	program := need.Program(t, "shellcheck", "shellcheck")
	// SC2317: traps are called by nobody that it sees.
	if out, err := exec.Command(program, "-e", "SC2317,SC2329", "verify.sh", "testdata/stand-in").CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
