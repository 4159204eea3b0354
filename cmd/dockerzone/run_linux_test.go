//go:build linux

package main_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"dockerinit/cmd/internal/cmdtest"
	"dockerinit/platform_fake/need"
)

// as is who a zone is booted by.
type as func(*exec.Cmd) *exec.Cmd

func root(cmd *exec.Cmd) *exec.Cmd { return cmd }

// booting is dockerzone run, in a place where it leaves nothing: what it has for
// temporary files and sockets is empty when the test ends.
func booting(t *testing.T, who as, args ...string) *exec.Cmd {
	t.Helper()
	need.Root(t) // to be both
	temporary := cmdtest.Folder(t)
	must(t, os.Mkdir(filepath.Join(temporary, "run"), 0o777))
	must(t, os.Chmod(filepath.Join(temporary, "run"), 0o777))
	cmd := dockerzone(append([]string{"run"}, args...)...)
	cmd.Env = append(os.Environ(), "TMPDIR="+temporary, "XDG_RUNTIME_DIR="+filepath.Join(temporary, "run"))
	t.Cleanup(func() {
		if !cmdtest.Until(func() bool { return len(keepers(temporary)) == 0 }) {
			t.Errorf("still there: processes %v", keepers(temporary))
			for _, pid := range keepers(temporary) {
				if n, err := strconv.Atoi(pid); err == nil {
					_ = syscall.Kill(n, syscall.SIGKILL) // with it all that is the zone's
				}
			}
		}
		var left []string
		must(t, filepath.WalkDir(temporary, func(path string, d fs.DirEntry, err error) error {
			if err == nil && !(d.IsDir() && (d.Name() == "run" || d.Name() == "dockerzone")) && path != temporary {
				left = append(left, path)
			}
			return err
		}))
		if len(left) > 0 {
			t.Errorf("left behind: %v", left)
		}
	})
	return who(cmd)
}

// keepers are the keepers of the zones that have this for temporary files.
func keepers(temporary string) (pids []string) {
	all, _ := filepath.Glob("/proc/[0-9]*/environ") // the pattern is well-formed
	for _, name := range all {
		text, err := os.ReadFile(name)
		if err == nil && strings.Contains("\x00"+string(text), "\x00TMPDIR="+temporary+"\x00") {
			pids = append(pids, filepath.Base(filepath.Dir(name)))
		}
	}
	return pids
}

// inZone is another dockerzone for the zones of cmd.
func inZone(t *testing.T, cmd *exec.Cmd, args ...string) cmdtest.Result {
	t.Helper()
	other := dockerzone(args...)
	other.Env = cmd.Env
	if cmd.SysProcAttr != nil {
		other.SysProcAttr = &syscall.SysProcAttr{Credential: cmd.SysProcAttr.Credential}
	}
	return cmdtest.Run(t, other)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func zonePayload(t *testing.T, internal map[string]any, properties ...map[string]any) string {
	t.Helper()
	all := map[string]any{"alias": "z0", "uuid": "9c214964-5ea3-5861-9992-12919b0d4ba8", "internal_metadata_namespaces": []string{"docker"}}
	for _, more := range properties {
		for k, v := range more {
			all[k] = v
		}
	}
	return cmdtest.Payload(t, all, internal)
}

// stop ends a zone that does not react: by two signals, which are not the same
// because the kernel makes one of two that are.
func stop(p *cmdtest.Process) {
	p.Signal(syscall.SIGINT)
	p.Signal(syscall.SIGTERM)
}

func shell(script string) map[string]any { return cmdtest.Shell(script) }

func with(internal map[string]any, more map[string]any) map[string]any {
	for k, v := range more {
		internal[k] = v
	}
	return internal
}

var everybody = map[string]as{"root": root, "an ordinary user": cmdtest.Ordinary}

func TestRun(t *testing.T) {
	need.Program(t, "sh", "dash")
	const facts = `
echo "$(id -u):$(id -g) pid $$ ppid $PPID on $(hostname) in $PWD umask $(umask)"
ls /proc/self/fd | tr '\n' ' '; echo
echo "$TERM $HOME $HOSTNAME $(ls -A /root /home | grep -v : | grep -c .) in the homes"
[ -t 1 ] && echo a terminal; cat; echo complaint >&2; [ -e /var/svc/provision_success ] && echo provisioned
cat /etc/hostname /etc/resolv.conf; touch /etc/written /usr/written; exit 7`
	for who, as := range everybody {
		for brand, control := range map[string]string{"lx": "/native/.zonecontrol", "joyent-minimal": "/.zonecontrol"} {
			t.Run(who+" "+brand, func(t *testing.T) {
				t.Parallel()
				payload := zonePayload(t, with(shell(facts+"\n[ -S "+control+"/metadata.sock ]"), map[string]any{"docker:open_stdin": true}),
					map[string]any{"brand": brand, "resolvers": []string{"192.0.2.1"}, "dns_domain": "example.com"})
				cmd := booting(t, as, payload)
				cmd.Stdin = strings.NewReader("from stdin\n")
				r := cmdtest.Run(t, cmd)
				want := `
0:0 pid 1 ppid 0 on zone in / umask 0022
0 1 2 3 
xterm /root zone 0 in the homes
from stdin
provisioned
zone
nameserver 192.0.2.1
search example.com
`[1:]
				if r.Stdout != want || r.Stderr != "complaint\ndockerzone run: exit_status 7\n" || r.Status != 7 {
					t.Errorf("status %d, stderr %s\n got\n%s\nwant\n%s", r.Status, r.Stderr, r.Stdout, want)
				}
				for _, name := range []string{"/etc/written", "/usr/written"} {
					if _, err := os.Lstat(name); !errors.Is(err, fs.ErrNotExist) {
						t.Errorf("%s is on the machine: %v", name, err)
					}
				}
			})
		}
	}
}

// S-22: what whoever boots the zone has left open comes neither to its PID 1 nor to
// the keeper, which starts what else enters it.
func TestRunLeaksNothing(t *testing.T) {
	need.Program(t, "sh", "dash")
	dir := t.TempDir()
	must(t, os.WriteFile(filepath.Join(dir, "leaked"), nil, 0o644))
	for who, as := range everybody {
		t.Run(who, func(t *testing.T) {
			t.Parallel()
			left, err := os.Open(dir)
			must(t, err)
			defer left.Close()
			cmd := booting(t, as, zonePayload(t, with(shell("echo up; while :; do sleep 1; done"), map[string]any{"docker:init": true})))
			cmd.ExtraFiles = append(make([]*os.File, 30), left) // beyond what dockerzone hands on itself
			p := cmdtest.Start(t, cmd)
			p.Await("up\n")
			keeper := onlyChild(t, p.Process.Pid)
			for _, pid := range []int{keeper, onlyChild(t, keeper)} {
				all, err := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*/leaked", pid))
				if err != nil || len(all) > 0 {
					t.Errorf("process %d of %d has %v, %v", pid, keeper, all, err)
				}
			}
			stop(p)
			p.Wait()
		})
	}
}

// The files that the host mounts hold what vmadm writes, and each user of the zone
// can read them, whatever is kept from others by who boots it.
func TestTheHostsFiles(t *testing.T) {
	t.Parallel()
	payload := zonePayload(t, map[string]any{"docker:user": "4711", "docker:dnssearch": `["a.example","b"]`,
		"docker:extraHosts": `["db:10.1.1.1","db6:fd00::1"]`, "docker:linkHosts": "10.2.2.2\tlink link.example\n"},
		map[string]any{"hostname": "web0", "dns_domain": "example.com", "resolvers": []string{"192.0.2.1", "192.0.2.2"}, "nics": []any{
			map[string]any{"interface": "eth0", "mac": "90:b8:d0:00:00:05", "ips": []string{"10.0.0.5/24"}},
			map[string]any{"interface": "eth1", "mac": "90:b8:d0:00:00:06", "ips": []string{"10.1.0.5/24", "fd00:1::5/64"}, "primary": true},
		}})
	cmd := booting(t, root, append([]string{"--rootfs", tools(t, "root"), payload}, busybox("cat", "/etc/hosts", "/etc/hostname", "/etc/resolv.conf")...)...)
	cmd.Path, cmd.Args = "/bin/sh", append([]string{"sh", "-c", `umask 077; exec "$0" "$@"`, cmd.Path}, cmd.Args[1:]...)
	const want = "fd00:1::5\tweb0\n10.1.0.5\tweb0\n" +
		"127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\nfe00::0\tip6-localnet\nff00::0\tip6-mcastprefix\nff02::1\tip6-allnodes\nff02::2\tip6-allrouters\n" +
		"10.1.1.1\tdb\nfd00::1\tdb6\n10.2.2.2\tlink link.example\n" +
		"web0\n" +
		"nameserver 192.0.2.1\nnameserver 192.0.2.2\nsearch a.example b example.com\n"
	if r := cmdtest.Run(t, cmd); r.Stdout != want || r.Status != 0 {
		t.Errorf("status %d\n got %q\nwant %q\n%s", r.Status, r.Stdout, want, r.Stderr)
	}
}

// A host that has no zlog-mode gives the zone no zfd: its console is /dev/console,
// which is told, and where a boot that fails tells why.
func TestRunWithoutZFD(t *testing.T) {
	const script = `readlink /proc/self/fd/1 /proc/self/fd/2; tty; hostname; [ -e /var/svc/provision_success ] && echo provisioned; exit 3`
	const own = "/dev/console\r\n/dev/console\r\n"
	for _, tt := range []struct {
		name     string
		internal map[string]any
		status   int
		stdout   string
	}{
		{"no input", shell(script), 3, own + "not a tty\r\nzone\r\nprovisioned\r\n"},
		{"input", with(shell(script), map[string]any{"docker:open_stdin": true}), 3, own + "/dev/console\r\nzone\r\nprovisioned\r\n"},
		{"a terminal", with(shell(script), map[string]any{"docker:tty": true}), 3, own + "/dev/console\r\nzone\r\nprovisioned\r\n"},
		{"a boot that fails", map[string]any{"docker:cmd": `["/no-such"]`}, 127, "dockerinit: FATAL (code: 25): \"/no-such\": no such file or directory\r\n"},
	} {
		for who, as := range everybody {
			t.Run(tt.name+" "+who, func(t *testing.T) {
				t.Parallel()
				r := cmdtest.Run(t, booting(t, as, "--no-zfd", "--log", zonePayload(t, tt.internal)))
				if r.Status != tt.status || r.Stdout != tt.stdout || tt.status == 3 && !strings.Contains(r.Stderr, "WARN console: /dev/zfd: no devices after 2s, the zone has no zlog-mode: its console is /dev/console") {
					t.Errorf("status %d, want %d\n got %q\nwant %q\n%s", r.Status, tt.status, r.Stdout, tt.stdout, r.Stderr)
				}
			})
		}
	}
}

func TestRunEnds(t *testing.T) {
	for _, tt := range []struct {
		name     string
		internal map[string]any
		args     []string
		status   int
		stderr   string
	}{
		{"well", shell("exit 0"), nil, 0, "exit_status 0\n"},
		{"as its command", shell("exit 255"), nil, 255, "exit_status 255\n"},
		{"by a signal", shell("kill -KILL $(sh -c 'echo $PPID') & wait"), nil, 0, "exit_status 0\n"},
		{"because the command is nowhere", map[string]any{"docker:cmd": `["no-such-program"]`}, nil, 127, `FATAL (code: 17): "no-such-program"`},
		{"because the user is unknown", map[string]any{"docker:user": "nobdy"}, nil, 125, "dockerzone explain 29 tells more"},
		{"by --timeout", shell("sleep 60"), []string{"--timeout", "300ms"}, 2, "--timeout ended the zone"},
		{"another command", nil, []string{"CMD", "sh", "-c", "exit 3"}, 3, "exit_status 3\n"},
		{"with its log", shell("exit 0"), []string{"--log"}, 0, ` EXEC "/`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			args := append(tt.args[:len(tt.args):len(tt.args)], zonePayload(t, tt.internal))
			if len(tt.args) > 0 && tt.args[0] == "CMD" {
				args = append([]string{args[len(args)-1], "--"}, tt.args[1:]...)
			}
			r := cmdtest.Run(t, booting(t, root, args...))
			if r.Status != tt.status || !strings.Contains(r.Stderr, tt.stderr) {
				t.Errorf("status %d, want %d and %q in\n%s%s", r.Status, tt.status, tt.stderr, r.Stdout, r.Stderr)
			}
		})
	}
}

// A zone that does not react is ended by the second interrupt, and one that is
// killed from outside tells the signal.
func TestRunIsInterrupted(t *testing.T) {
	p := cmdtest.Start(t, booting(t, root, zonePayload(t, shell("echo up; sleep 60"))))
	p.Await("up")
	stop(p)
	if r := p.Wait(); r.Status != 137 || !strings.Contains(r.Stderr, "exit_status -9\n") {
		t.Errorf("status %d\n%s", r.Status, r.Stderr)
	}
	p = cmdtest.Start(t, booting(t, root, zonePayload(t, shell("trap 'exit 4' TERM; echo up; while :; do sleep 0.01; done"))))
	p.Await("up")
	p.Signal(syscall.SIGTERM)
	if r := p.Wait(); r.Status != 4 {
		t.Errorf("status %d\n%s", r.Status, r.Stderr)
	}
}

// Whatever ends dockerzone, no process, socket or directory of the zone is left.
func TestRunIsKilled(t *testing.T) {
	for who, as := range everybody {
		t.Run(who, func(t *testing.T) {
			t.Parallel()
			cmd := booting(t, as, zonePayload(t, shell("echo up; sleep 4711")))
			p := cmdtest.Start(t, cmd)
			p.Await("up")
			keeper := onlyChild(t, p.Process.Pid)
			p.Signal(syscall.SIGKILL)
			p.Wait()
			if !cmdtest.Until(func() bool { return errors.Is(syscall.Kill(keeper, 0), syscall.ESRCH) }) {
				t.Errorf("the keeper, process %d, is still there", keeper)
			}
			if r := inZone(t, cmd, "net", "z0"); r.Status != 2 || !strings.Contains(r.Stderr, "no such zone runs, nor any other") {
				t.Errorf("status %d\n%s", r.Status, r.Stderr)
			}
		})
	}
}

func onlyChild(t *testing.T, pid int) int {
	t.Helper()
	threads, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	must(t, err)
	var all []string
	for _, file := range threads {
		text, err := os.ReadFile(file)
		must(t, err)
		all = append(all, strings.Fields(string(text))...)
	}
	if len(all) != 1 {
		t.Fatalf("children %v", all)
	}
	child, err := strconv.Atoi(all[0])
	must(t, err)
	return child
}

// A scratch image has one static program and nothing else.
func scratch(t *testing.T) string {
	t.Helper()
	dir := cmdtest.Folder(t)
	must(t, os.Chmod(dir, 0o755))
	program, err := os.ReadFile(filepath.Join(bin, "mdata"))
	must(t, err)
	must(t, os.WriteFile(filepath.Join(dir, "app"), program, 0o755))
	return dir
}

func TestRunAnImage(t *testing.T) {
	for who, as := range everybody {
		t.Run(who, func(t *testing.T) {
			t.Parallel()
			image := scratch(t)
			r := cmdtest.Run(t, booting(t, as, "--rootfs", image, zonePayload(t, map[string]any{"docker:cmd": `["/app", "get", "sdc:brand"]`})))
			if r.Status != 0 || r.Stdout != "lx\n" {
				t.Errorf("status %d\n%s%s", r.Status, r.Stdout, r.Stderr)
			}
			if left := files(t, image); left != "app" {
				t.Errorf("the image has %s", left)
			}
		})
	}
}

func files(t *testing.T, dir string) string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	must(t, err)
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return strings.Join(names, " ")
}

func TestRunWritesWhereItMay(t *testing.T) {
	image := scratch(t)
	r := cmdtest.Run(t, booting(t, root, "--rootfs", image, "--write", zonePayload(t, map[string]any{"docker:cmd": `["/app", "--version"]`, "docker:workdir": "/srv/made"})))
	if info, err := os.Stat(image + "/srv/made"); r.Status != 0 || err != nil || !info.IsDir() {
		t.Errorf("status %d, %v\n%s", r.Status, err, r.Stderr)
	}
	if log, err := os.ReadFile(image + "/var/log/sdc-dockerinit.log"); err != nil || !strings.Contains(string(log), " EXEC ") {
		t.Errorf("%v\n%s", err, log)
	}
}

func TestRunKeeps(t *testing.T) {
	cmd := booting(t, root, "--keep", "--rootfs", scratch(t), zonePayload(t, map[string]any{"docker:cmd": `["/app", "--version"]`, "docker:workdir": "/srv/made"}))
	r := cmdtest.Run(t, cmd)
	_, rest, ok := strings.Cut(r.Stderr, "what the zone has written is in ")
	kept, _, _ := strings.Cut(rest, "\n")
	if !ok {
		t.Fatalf("status %d\n%s", r.Status, r.Stderr)
	}
	if info, err := os.Stat(kept + "/srv/made"); err != nil || !info.IsDir() {
		t.Error(err)
	}
	must(t, os.RemoveAll(kept))
}

// A zone needs more ids than an ordinary user's namespace has: told at once, with
// the way out.
func TestRunWithoutTheIDs(t *testing.T) {
	r := cmdtest.Run(t, booting(t, cmdtest.Ordinary, zonePayload(t, map[string]any{"docker:user": "4711"})))
	if r.Status != 2 || !strings.Contains(r.Stderr, "4711") || !strings.Contains(r.Stderr, "uidmap") || strings.Count(r.Stderr, "\n") != 1 {
		t.Errorf("status %d\n%s", r.Status, r.Stderr)
	}
}

func TestExecInAZone(t *testing.T) {
	for who, as := range everybody {
		t.Run(who, func(t *testing.T) {
			t.Parallel()
			cmd := booting(t, as, zonePayload(t, with(shell("echo up; sleep 60"), map[string]any{"docker:env": `["A=b c"]`, "docker:workdir": "/usr"})))
			p := cmdtest.Start(t, cmd)
			p.Await("up")
			for _, tt := range []struct {
				name           string
				args           []string
				status         int
				stdout, stderr string
			}{
				{"its streams and status", []string{"z0", "sh", "-c", `echo "$A $PWD $(id -u) $(hostname)"; echo bad >&2; exit 3`}, 3, "b c /usr 0 zone\n", "bad\n"},
				{"after two dashes", []string{"z0", "--", "echo", "x"}, 0, "x\n", ""},
				{"by the zone's uuid", []string{"9c214964-5ea3-5861-9992-12919b0d4ba8", "true"}, 0, "", ""},
				{"by its hostname, with flags", []string{"--env", "A=z", "--workdir", "/etc", "zone", "sh", "-c", `echo "$A $PWD"`}, 0, "z /etc\n", ""},
				{"a signal", []string{"z0", "sh", "-c", "kill -TERM $$"}, 143, "", ""},
				{"a command that is nowhere", []string{"z0", "no-such"}, 127, "", `FATAL (code: 17): "no-such"`},
				{"its zone's processes", []string{"z0", "sh", "-c", "readlink /proc/1/exe; ls -d /proc/[0-9]* | wc -l"}, 0, "", ""},
				{"with the log", []string{"--log", "z0", "true"}, 0, "", "Z EXEC\n"},
				{"no such zone", []string{"z1", "true"}, 2, "", "there are z0"},
				{"no command", []string{"z0"}, 3, "", "a zone and a command are needed"},
			} {
				r := inZone(t, cmd, append([]string{"exec"}, tt.args...)...)
				if r.Status != tt.status || tt.stdout != "" && r.Stdout != tt.stdout || !strings.Contains(r.Stderr, tt.stderr) || tt.stderr == "" && r.Stderr != "" {
					t.Errorf("%s: status %d, want %d\nstdout %q, want %q\nstderr %q, want %q", tt.name, r.Status, tt.status, r.Stdout, tt.stdout, r.Stderr, tt.stderr)
				}
			}
			if r := inZone(t, cmd, "attach", "z0"); r.Status != 2 || !strings.Contains(r.Stderr, "somebody is attached") {
				t.Errorf("attach: status %d\n%s", r.Status, r.Stderr)
			}
			stop(p)
			p.Wait()
		})
	}
}

// An address as `ip -j addr` prints it.
type ipLink struct {
	IfName   string `json:"ifname"`
	MTU      int    `json:"mtu"`
	Address  string `json:"address"`
	AddrInfo []struct {
		Local     string `json:"local"`
		Prefixlen int    `json:"prefixlen"`
		Scope     string `json:"scope"`
	} `json:"addr_info"`
}

type ipRoute struct{ Dst, Gateway, Dev string }

// networkOf is the zone's network as ip in it prints it: a line a NIC and a route,
// without what the kernel adds of its own.
func networkOf(t *testing.T, cmd *exec.Cmd) string {
	t.Helper()
	var b strings.Builder
	var links []ipLink
	look := func(into any, args ...string) {
		r := inZone(t, cmd, append([]string{"exec", "z0", "ip", "-j"}, args...)...)
		if err := json.Unmarshal([]byte(r.Stdout), into); err != nil {
			t.Fatalf("ip %v: status %d, %v\n%s%s", args, r.Status, err, r.Stdout, r.Stderr)
		}
	}
	look(&links, "addr")
	for _, l := range links {
		fmt.Fprintf(&b, "%s %s mtu %d", l.IfName, l.Address, l.MTU)
		for _, a := range l.AddrInfo {
			if a.Scope == "link" { // the kernel's own, in its own time
				continue
			}
			fmt.Fprintf(&b, " %s/%d", a.Local, a.Prefixlen)
		}
		b.WriteString("\n")
	}
	for _, family := range []string{"-4", "-6"} {
		var routes []ipRoute
		look(&routes, family, "route")
		for _, r := range routes {
			if r.Gateway != "" || family == "-4" && strings.IndexByte(r.Dst, '/') < 0 {
				fmt.Fprintf(&b, "%s via %s dev %s\n", r.Dst, r.Gateway, r.Dev)
			}
		}
	}
	return b.String()
}

// visible is the test's own program where a zone sees it, too, which has a /tmp of
// its own.
func visible(t *testing.T) string {
	t.Helper()
	self, err := os.Executable()
	must(t, err)
	content, err := os.ReadFile(self)
	must(t, err)
	dir, err := os.MkdirTemp("/var/tmp", "dockerzone-test")
	must(t, err)
	t.Cleanup(func() { must(t, os.RemoveAll(dir)) })
	must(t, os.Chmod(dir, 0o755))
	must(t, os.WriteFile(dir+"/probe", content, 0o755))
	return dir + "/probe"
}

func TestRunWithANetwork(t *testing.T) {
	need.Program(t, "ip", "iproute2")
	self := visible(t)
	many := map[string]any{"interface": "eth0", "mac": "90:b8:d0:00:00:01", "primary": true, "gateways": []string{"10.88.0.1"}}
	var ips []string
	wantMany := "eth0 90:b8:d0:00:00:01 mtu 1500"
	for i := range 32 {
		ips = append(ips, fmt.Sprintf("10.88.%d.9/24", i))
		wantMany += fmt.Sprintf(" 10.88.%d.9/24", i)
	}
	many["ips"] = ips
	routes := map[string]any{}
	for i := range 200 {
		routes[fmt.Sprintf("10.99.%d.0/24", i)] = "10.88.0.254"
	}
	for _, tt := range []struct {
		name   string
		zone   map[string]any
		want   string // of the zone's network, after the line of lo
		routes int    // in place of their lines
		ask    []string
	}{
		{"none", nil, "", 0, nil},
		{"IPv4", map[string]any{"nics": []any{map[string]any{"interface": "eth0", "mac": "90:b8:d0:00:00:01", "ips": []string{"10.88.0.9/24"}, "gateways": []string{"10.88.0.1"}, "primary": true}}},
			"eth0 90:b8:d0:00:00:01 mtu 1500 10.88.0.9/24\ndefault via 10.88.0.1 dev eth0\n", 0, []string{"10.88.0.9 10.88.0.1"}},
		{"IPv6", map[string]any{"nics": []any{map[string]any{"interface": "eth0", "mac": "90:b8:d0:00:00:01", "ips": []string{"fd00::9/64"}, "gateways": []string{"fd00::1"}, "primary": true}}},
			"eth0 90:b8:d0:00:00:01 mtu 1500 fd00::9/64\ndefault via fd00::1 dev eth0\n", 0, []string{"fd00::9 fd00::1"}},
		{"both, and a larger mtu", map[string]any{"nics": []any{map[string]any{"interface": "eth0", "mac": "90:b8:d0:00:00:01", "mtu": 9000, "ips": []string{"10.88.0.9/24", "fd00::9/64"}, "gateways": []string{"10.88.0.1"}, "primary": true}}},
			"eth0 90:b8:d0:00:00:01 mtu 9000 10.88.0.9/24 fd00::9/64\ndefault via 10.88.0.1 dev eth0\n", 0, []string{"10.88.0.9 10.88.0.1", "fd00::9 fd00::1"}},
		{"a gateway outside of the network", map[string]any{"nics": []any{map[string]any{"interface": "eth0", "mac": "90:b8:d0:00:00:01", "ips": []string{"203.0.113.9/32"}, "gateways": []string{"198.51.100.254"}, "primary": true}}},
			"eth0 90:b8:d0:00:00:01 mtu 1500 203.0.113.9/32\ndefault via 198.51.100.254 dev eth0\n198.51.100.254 via  dev eth0\n", 0, []string{"203.0.113.9 198.51.100.254"}},
		{"three NICs, two of them in one network", map[string]any{"nics": []any{
			map[string]any{"interface": "eth0", "mac": "90:b8:d0:00:00:01", "ips": []string{"10.88.0.9/24"}, "gateways": []string{"10.88.0.1"}, "primary": true},
			map[string]any{"interface": "eth1", "mac": "90:b8:d0:00:00:02", "ips": []string{"10.88.0.10/24"}, "gateways": []string{"10.88.0.1"}},
			map[string]any{"interface": "eth2", "mac": "90:b8:d0:00:00:03", "ips": []string{"192.168.7.9/22"}}}},
			"eth0 90:b8:d0:00:00:01 mtu 1500 10.88.0.9/24\neth1 90:b8:d0:00:00:02 mtu 1500 10.88.0.10/24\neth2 90:b8:d0:00:00:03 mtu 1500 192.168.7.9/22\ndefault via 10.88.0.1 dev eth0\n", 0, []string{"192.168.7.9 192.168.4.1"}},
		{"a lease", map[string]any{"nics": []any{map[string]any{"interface": "eth0", "mac": "90:b8:d0:00:00:01", "ips": []string{"dhcp"}, "primary": true}}},
			"eth0 90:b8:d0:00:00:01 mtu 1500 198.18.0.100/24\ndefault via 198.18.0.1 dev eth0\n", 0, []string{"198.18.0.100 198.18.0.1"}},
		{"router advertisements", map[string]any{"nics": []any{map[string]any{"interface": "eth0", "mac": "90:b8:d0:00:00:01", "ips": []string{"addrconf"}, "primary": true}}},
			"eth0 90:b8:d0:00:00:01 mtu 1500 fd00:198:18:0:92b8:d0ff:fe00:1/64\ndefault via fe80::1 dev eth0\n", 0, []string{"fd00:198:18:0:92b8:d0ff:fe00:1 fd00:198:18::1"}},
		{"32 addresses and 200 routes", map[string]any{"nics": []any{many}, "routes": routes}, wantMany + "\n", 201, []string{"10.88.31.9 10.88.31.1"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			command, err := json.Marshal([]string{self, "probe-serve", ":8080"})
			must(t, err)
			cmd := booting(t, root, "--log", zonePayload(t, map[string]any{"docker:cmd": string(command)}, tt.zone))
			p := cmdtest.Start(t, cmd)
			p.Await("listening")
			got := networkOf(t, cmd)
			_, got, _ = strings.Cut(got, "\n")
			if tt.routes > 0 {
				if n := strings.Count(got, " via "); n != tt.routes {
					t.Errorf("%d routes, want %d", n, tt.routes)
				}
				first, _, _ := strings.Cut(got, "\n")
				got = first + "\n"
			}
			if got != tt.want {
				t.Errorf("\n got\n%s\nwant\n%s", got, tt.want)
			}
			for _, ask := range tt.ask {
				address, source, _ := strings.Cut(ask, " ")
				if strings.Contains(address, ":") {
					address = "[" + address + "]"
				}
				if r := inZone(t, cmd, "net", "z0", "--", self, "probe-ask", address+":8080"); r.Status != 0 || r.Stdout != "hello "+source+"\n" {
					t.Errorf("asked at %s: status %d, %q, want %q\n%s", address, r.Status, r.Stdout, source, r.Stderr)
				}
			}
			if tt.zone != nil {
				if r := inZone(t, cmd, "net", "z0"); r.Status != 0 || !strings.Contains(r.Stdout, "nic    eth0 mtu ") {
					t.Errorf("net: status %d\n%s%s", r.Status, r.Stdout, r.Stderr)
				}
			}
			stop(p)
			if r := p.Wait(); strings.Contains(strings.ReplaceAll(r.Stderr, "WARN exec: eth0: dhcp: nobody renews the lease ", ""), " WARN ") {
				t.Errorf("the log\n%s", r.Stderr)
			}
		})
	}
}

// The mistake that dockerinit ends with may only follow from another, which the host
// has made of the payload.
func TestRunTellsWhoKnowsAllThatIsWrong(t *testing.T) {
	forgotten := cmdtest.File(t, "forgotten.json", `{"brand": "lx", "internal_metadata": {"docker:cmd": "[\"true\"]"}}`)
	hint := "dockerzone run: dockerzone plan " + forgotten + " tells all that is wrong with the payload\n"
	if r := cmdtest.Run(t, booting(t, root, forgotten)); r.Status != 125 || !strings.HasSuffix(r.Stderr, hint) {
		t.Errorf("status %d, want %q in\n%s", r.Status, hint, r.Stderr)
	}
	sound := zonePayload(t, map[string]any{"docker:cmd": `["/no/such"]`})
	if r := cmdtest.Run(t, booting(t, root, sound)); r.Status != 127 || strings.Contains(r.Stderr, "dockerzone plan") {
		t.Errorf("status %d\n%s", r.Status, r.Stderr)
	}
}
