// The programs that are tested here have no tags in any run: one is enough.

//go:build linux && !fake

package main_test

import (
	"encoding/json"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"dockerinit/cmd/internal/cmdtest"
	"dockerinit/platform_fake/need"
)

// patient is a first process that can be told to stop, and waits for its children.
const patient = "trap 'exit 0' TERM; echo up; while :; do sleep 0.05; done"

type diagnosis struct {
	Healthy bool
	Checks  []struct {
		Check, Text string
		Findings    []struct {
			Grave      bool
			What, Hint string
		}
	}
}

// diagnose is what doctor finds in the zone z0 of cmd: a line a finding.
func diagnose(t *testing.T, cmd *exec.Cmd, args ...string) string {
	t.Helper()
	r := inZone(t, cmd, append([]string{"doctor", "--json"}, append(args, "z0")...)...)
	var d diagnosis
	if err := json.Unmarshal([]byte(r.Stdout), &d); err != nil {
		t.Fatalf("status %d, %v\n%s%s", r.Status, err, r.Stdout, r.Stderr)
	}
	var lines []string
	for _, c := range d.Checks {
		for _, f := range c.Findings {
			mark := "odd"
			if f.Grave {
				mark = "grave"
			}
			lines = append(lines, mark+" "+c.Check+": "+f.What)
		}
	}
	if d.Healthy != (len(lines) == 0) || r.Status != map[bool]int{true: 0, false: 1}[d.Healthy] {
		t.Errorf("status %d, healthy %v with %d findings", r.Status, d.Healthy, len(lines))
	}
	return strings.Join(lines, "\n")
}

func TestDoctorInAHealthyZone(t *testing.T) {
	for who, as := range everybody {
		for _, brand := range []string{"lx", "joyent-minimal"} {
			t.Run(who+" "+brand, func(t *testing.T) {
				t.Parallel()
				args := append([]string{"--rootfs", tools(t, who), zonePayload(t, nil, map[string]any{"brand": brand})}, busybox("sh", "-c", strings.ReplaceAll(patient, "sleep", "/busybox sleep"))...)
				cmd := booting(t, as, args...)
				p := cmdtest.Start(t, cmd)
				p.Await("up")
				r := inZone(t, cmd, "doctor", "z0")
				if r.Status != 0 || !strings.Contains(r.Stdout, "✓ process 1   1 (busybox), which catches TERM\n") || !strings.HasSuffix(r.Stdout, "\nNothing was found.\n") || strings.Count(r.Stdout, "✓ ") != 10 {
					t.Errorf("status %d\n%s%s", r.Status, r.Stdout, r.Stderr)
				}
				stop(p)
				p.Wait()
			})
		}
	}
}

func TestDoctorFinds(t *testing.T) {
	need.Program(t, "ip", "iproute2")
	need.Program(t, "mount", "mount")
	gateway := map[string]any{"nics": []any{map[string]any{"interface": "eth0", "mac": "90:b8:d0:00:00:01", "primary": true, "ips": []string{"10.88.0.14/24"}, "gateways": []string{"10.88.0.1"}}}, "resolvers": []string{"10.88.0.1"}}
	lonely := map[string]any{"nics": []any{map[string]any{"interface": "eth0", "mac": "90:b8:d0:00:00:01", "primary": true, "ips": []string{"10.88.0.14/24"}}}}
	for _, tt := range []struct {
		name     string
		script   string
		internal map[string]any
		zone     map[string]any
		want     []string // of the findings, each
	}{
		{"a shell that cannot be stopped", "echo up; sleep 60; :", nil, nil, []string{"odd process 1: process 1 (sh) is a shell that does not catch TERM"}},
		{"a program that ignores it", "trap '' TERM; echo up; exec sleep 60", nil, nil, []string{"odd process 1: process 1 (sleep) ignores TERM: a stop takes all of its timeout"}},
		{"zombies of the first process", "trap : TERM; sleep 0.1 & sleep 0.1 & echo up; exec sleep 60", nil, nil, []string{"odd process 1: process 1 (sleep) does not catch TERM", "odd zombies: process 1 (sleep) does not wait for its children that have ended, which are 2: "}},
		{"zombies of another one", "sh -c 'sleep 0.1 & exec sleep 60' & " + patient, nil, nil, []string{" (sleep) does not wait for its children that have ended, which are 1: "}},
		{"descriptors that run out", "sleep 60 & for i in 3 4 5 6 7 8 9; do eval \"exec $i</dev/null\"; done; ulimit -n 12; trap 'exit 0' TERM; echo up; wait", nil, nil, []string{"odd descriptors: process 1 (sh) has 10 of the 12 descriptors that it may have"}},
		{"descriptors that have run out", "sleep 60 & for i in 3 4 5 6 7 8 9; do eval \"exec $i</dev/null\"; done; ulimit -n 10; trap 'exit 0' TERM; echo up; wait", nil, nil, []string{"grave descriptors: process 1 (sh) has 10 of the 10 descriptors that it may have"}},
		{"processes that run out", "for i in 1 2 3 4 5 6 7; do sleep 60 & done; " + patient, map[string]any{"docker:user": "4713", "docker:ulimits": `[{"Name": "nproc", "Soft": 10, "Hard": 10}]`}, nil, []string{"limits: user 4713 has "}},
		{"a full file system", "mount -t tmpfs -o size=1m none /mnt && head -c 900k /dev/zero >/mnt/x; " + patient, nil, nil, []string{"odd mounts: /mnt is 88% full, 0 MiB are left"}},
		{"no inodes", "mount -t tmpfs -o nr_inodes=10 none /mnt && for i in 1 2 3 4 5 6 7 8 9; do echo >/mnt/$i; done; " + patient, nil, nil, []string{"grave mounts: /mnt has used 10 of its 10 files (inodes)"}},
		{"a read-only file system with an odd name", "mkdir '/mnt/a b' && mount -t tmpfs -o ro none '/mnt/a b'; " + patient, nil, nil, []string{"odd mounts: /mnt/a b is read-only"}},
		{"a read-only root", "mount -o remount,ro /; " + patient, nil, nil, []string{"grave mounts: / is read-only"}},
		{"no default route", patient, nil, lonely, []string{"odd routes: there is no default route for IPv4", "odd resolvers: /etc/resolv.conf names no name server"}},
		{"a NIC that is down", "ip link set eth0 down; " + patient, nil, lonely, []string{"grave routes: eth0 is down"}},
		{"two default routes", "ip route append default via 10.88.0.2; " + patient, nil, gateway, []string{"odd routes: there are 2 default routes for IPv4, and which one is taken is chance: via 10.88.0.1 dev eth0, via 10.88.0.2 dev eth0", "grave resolvers: the name server 10.88.0.1 does not answer: "}},
		{"a resolver that is nowhere", patient, nil, map[string]any{"resolvers": []string{"192.0.2.1"}}, []string{"grave resolvers: the name server 192.0.2.1 does not answer: network is unreachable"}},
		{"a FIFO for resolv.conf", "umount /etc/resolv.conf; rm /etc/resolv.conf; mkfifo /etc/resolv.conf; " + patient, nil, nil, []string{"odd resolvers: "}},
		{"a host that is not there", "mount -t tmpfs none /native/.zonecontrol; " + patient, nil, nil, []string{"grave metadata: "}},
		{"a clock before the zone", patient, nil, map[string]any{"create_timestamp": "2199-01-01T00:00:00.000Z"}, []string{"grave clock: the clock is at 20"}},
		{"warnings of the boot", patient, map[string]any{"docker:stopsignal": "QUIT"}, nil, []string{"odd boot: it warned: "}},
		{"no log of the boot", "rm /var/log/sdc-dockerinit.log; " + patient, nil, nil, []string{"odd boot: there is no log of the boot"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			zone := tt.zone
			if zone == nil {
				zone = map[string]any{}
			}
			cmd := booting(t, root, zonePayload(t, with(shell(tt.script), tt.internal), zone))
			p := cmdtest.Start(t, cmd)
			p.Await("up")
			var got string
			fits := func() bool {
				got = diagnose(t, cmd)
				lines := strings.Split(got, "\n")
				if len(lines) != len(tt.want) {
					return false
				}
				for i, want := range tt.want {
					if !strings.Contains(lines[i], want) {
						return false
					}
				}
				return true
			}
			if !cmdtest.Until(fits) { // children may not have ended yet
				t.Errorf("\n got\n%s\nwant\n%s", got, strings.Join(tt.want, "\n"))
			}
			stop(p)
			p.Wait()
		})
	}
}

// A name server that answers is asked from where the zone is.
func TestDoctorAsksResolvers(t *testing.T) {
	self := visible(t)
	cmd := booting(t, root, zonePayload(t, shell(patient), twoAddresses, map[string]any{"resolvers": []string{"10.88.0.1"}}))
	p := cmdtest.Start(t, cmd)
	p.Await("up")
	server := dockerzone("net", "z0", "--", self, "probe-dns", "10.88.0.1:53")
	server.Env = cmd.Env
	cmdtest.Start(t, server).Await("listening")
	if r := inZone(t, cmd, "doctor", "z0"); r.Status != 0 || !strings.Contains(r.Stdout, "✓ resolvers   10.88.0.1 answers after ") {
		t.Errorf("status %d\n%s%s", r.Status, r.Stdout, r.Stderr)
	}
	stop(p)
	p.Wait()
}

// What a zone calls its processes and directories is nothing for a terminal, and
// the program that looks at it cannot be written to.
func TestDoctorInAHostileZone(t *testing.T) {
	const script = `printf '\033[2Jred\nx) S 1' >/proc/self/comm; d=$(printf '/mnt/\033[31m'); mkdir "$d"; mount -t tmpfs -o ro none "$d"; ` +
		`(while :; do for e in /proc/[0-9]*/exe; do case $(readlink $e) in *memfd*) : 2>/dev/null >$e && echo written;; esac; done; done) & trap 'exit 0' TERM; echo up; while :; do wait; done`
	cmd := booting(t, root, zonePayload(t, shell(script)))
	p := cmdtest.Start(t, cmd)
	p.Await("up")
	for range 3 {
		r := inZone(t, cmd, "doctor", "z0")
		if r.Status != 1 || strings.Contains(r.Stdout, "\x1b") || !strings.Contains(r.Stdout, `/mnt/\x1b[31m is read-only`) || !strings.Contains(r.Stdout, `1 (\x1b[2Jred\nx) S 1), which catches TERM`) {
			t.Errorf("status %d\n%s%s", r.Status, r.Stdout, r.Stderr)
		}
	}
	stop(p)
	if r := p.Wait(); strings.Contains(r.Stdout, "written") {
		t.Errorf("the zone has written to dockerzone\n%s", r.Stdout)
	}
}

// A zone may hold up whoever looks at it; a person is not held up.
func TestDoctorIsInterrupted(t *testing.T) {
	const script = `trap 'exit 0' TERM; echo up; while :; do for p in /proc/[0-9]*; do case $(readlink $p/exe) in *memfd*) kill -STOP ${p#/proc/} && echo stopped;; esac; done; done`
	cmd := booting(t, root, zonePayload(t, shell(script)))
	p := cmdtest.Start(t, cmd)
	p.Await("up")
	look := dockerzone("doctor", "z0")
	look.Env = cmd.Env
	d := cmdtest.Start(t, look)
	p.Await("stopped")
	d.Signal(syscall.SIGINT)
	if r := d.Wait(); r.Status != 2 || r.Stderr != "dockerzone doctor: interrupted\n" {
		t.Errorf("status %d\n%s%s", r.Status, r.Stdout, r.Stderr)
	}
	stop(p)
	p.Wait()
}

func TestDoctorIsUsedWrongly(t *testing.T) {
	for _, tt := range []struct {
		name   string
		args   []string
		status int
		want   string
	}{
		{"no such zone", []string{"z9"}, 2, `"z9": no such zone runs, nor any other`},
		{"no zone at all", nil, 2, "this is no zone: there is no .zonecontrol; which zone of dockerzone run is meant? none runs"},
		{"two zones", []string{"a", "b"}, 3, `unexpected argument "b"`},
		{"a time that is none", []string{"--host-time", "noon"}, 3, `--host-time "noon": a time as`},
		{"a time for another zone", []string{"--host-time", "1", "z0"}, 3, "--host-time is for the zone that this runs in"},
	} {
		cmd := dockerzone(append([]string{"doctor"}, tt.args...)...)
		cmd.Env = booting(t, root, "x").Env
		if r := cmdtest.Run(t, cmd); r.Status != tt.status || !strings.Contains(r.Stderr, tt.want) {
			t.Errorf("%s: status %d, want %d and %q\n%s", tt.name, r.Status, tt.status, tt.want, r.Stderr)
		}
	}
}

// Inside of a zone no zone is named, and the host's time is what a person says.
func TestDoctorFromInside(t *testing.T) {
	image := scratch(t)
	must(t, exec.Command("cp", bin+"/dockerzone", image+"/dockerzone").Run())
	for _, tt := range []struct {
		time   func() string
		want   string
		status int
	}{
		{func() string { return time.Now().Format(time.RFC3339) }, "as the host's", 0},
		{func() string { return time.Now().Add(10 * time.Second).Format(time.RFC3339) }, "s behind the host's", 1},
		{func() string { return "1" }, "ahead of the host's", 1},
	} {
		var r cmdtest.Result
		// On a busy machine the zone may look at its clock too late.
		if !cmdtest.Until(func() bool {
			r = cmdtest.Run(t, booting(t, root, "--rootfs", image, zonePayload(t, map[string]any{"docker:cmd": `["/dockerzone", "doctor", "--host-time", "` + tt.time() + `"]`})))
			return strings.Contains(r.Stdout, tt.want) && r.Status == tt.status
		}) {
			t.Errorf("status %d, want %q in\n%s%s", r.Status, tt.want, r.Stdout, r.Stderr)
		}
	}
}
