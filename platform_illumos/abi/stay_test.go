//go:build linux && amd64

package abi

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"dockerinit/core/zone"
	"dockerinit/platform_fake/scenario"
)

// shellZone is a native zone whose command is a shell's script, and a Linux
// program: its signals have Linux's numbers.
func shellZone(t *testing.T, keys string, command ...string) *bootedZone {
	t.Helper()
	return shellZoneOf(t, zone.JoyentMinimal, keys, command...)
}

func shellZoneOf(t *testing.T, brand zone.Brand, keys string, command ...string) *bootedZone {
	t.Helper()
	words, err := json.Marshal(command)
	must(t, err)
	z := newZone(t, scenario.Scenario{
		Name: t.Name(), Brand: brand,
		Payload: fmt.Sprintf(`{"internal_metadata": {%s "docker:cmd": %s}}`, keys, words),
	})
	z.shell()
	return z
}

// told is a script that waits until the log has what a health check came to.
const told = `until grep -q unhealthy /var/log/sdc-dockerinit.log; do sleep 0.01; done`

// The real illumos dockerinit stays as PID 1: the behaviours of tini's and
// dumb-init's tests, as platform_lx has them.
func TestStay(t *testing.T) {
	const signals = "1 2 3 10 12 14 18 20 24 25 26 28 29 30 34 35 36 40 50 56"
	for _, tt := range []struct {
		behaviour, keys, script string
		status                  int
		out, log                string
	}{
		{"the command is a child in a session of its own", "",
			`set -- $(cut -d ')' -f 2 /proc/$$/stat); [ $3 = $$ ] && [ $4 = $$ ] && echo "child of $2"`,
			0, "child of 1\n", " INFO exec: the command ended with status 0 after "},
		{"t1 it ends as the command ends", "", "exit 255", 255, "", "the command ended with status 255 after "},
		{"t5 d7 a signal that ends it is the status, 128 and illumos' number", "", "kill -USR1 1; sleep 30", 144, "",
			"the command ended with signal 16 (user Signal 1) after "},
		{"d8 every signal comes in order", "",
			`for n in ` + signals + ` 15; do trap "got=$n" $n; done
for n in ` + signals + ` 15; do kill -$n 1; i=0; until [ "$got" = $n ] || [ $i = 10000 ]; do sleep 0.001; i=$((i+1)); done; echo $got; done`,
			0, strings.ReplaceAll(signals+" 15\n", " ", "\n"), ""},
		{"t6 with docker:init_group also what the command has started", `"docker:init_group": true,`,
			`trap : USR1; (until [ -e /tmp/up ]; do sleep 0.01; done; kill -USR1 1) & sh -c '>/tmp/up; exec sleep 30'; echo $?`, 0, "138\n", ""},
		{"without it only the command", "", `trap : USR1; kill -USR1 1; sleep 0.2; echo $?`, 0, "0\n", ""},
		{"the stop signal stands for TERM", `"docker:stopsignal": "SIGINT",`, `trap 'echo int; exit 3' INT; kill -TERM 1; sleep 30 & wait`,
			3, "int\n", "asked to stop: signal 2 (interrupt) to the command, SIGKILL in 10s"},
		{"a real-time one too", `"docker:stopsignal": "RTMIN+3",`, `trap 'echo 37; exit 3' 37; kill -TERM 1; sleep 30 & wait`, 3, "37\n", "asked to stop: signal 45 "},
		{"a command that ignores TERM is killed", `"docker:stoptimeout": 1,`, `trap '' TERM; kill -TERM 1; while :; do sleep 1; done`,
			137, "", "WARN exec: the command has not stopped within 1s: SIGKILL"},
		{"one that stops itself has not ended", "", `(until grep -q '^State:.T' /proc/$$/status; do sleep 0.01; done; sleep 0.2; kill -CONT $$) & kill -STOP $$; echo on`, 0, "on\n", ""},
		{"t2 d13 orphans are reaped, 2,000 of them", "", `
i=0; while [ $i -lt 2000 ]; do ( : & ) ; i=$((i+1)); done
while grep -q '^State:.Z' /proc/[0-9]*/status 2>/dev/null; do sleep 0.01; done; echo clean`, 0, "clean\n", ""},
		{"what a run has left is killed before the next, and reaped by its SIGCHLD though there is no other child", `"docker:init_restart": "on-failure:1",`, `
[ -e /tmp/left ] && { for p in $(cat /tmp/left); do [ -e /proc/$p ] && echo $p is left; done; echo again; exit; }
sleep 1000 & echo $! >/tmp/left; exit 1`, 0, "again\n", "INFO exec: the command has left processes: SIGKILL"},
		{"a signal of mistakes that somebody sends is nobody's", "", `for n in 4 5 6 7 8 11 31; do kill -$n 1; done; sleep 0.1; echo on`, 0, "on\n", ""},
		{"a storm of signals hides none", "", `
trap 'hup=1' HUP; trap : USR1 USR2
storm() { i=0; while [ $i -lt 1000 ]; do kill -$1 1; i=$((i+1)); done; }
storm USR1 & storm USR2 & storm WINCH &
sleep 0.05; kill -HUP 1; until [ "$hup" ]; do sleep 0.001; done
wait; wait; wait; echo heard; kill -KILL $$`, 137, "heard\n", ""},
		{"d2 the rest gets the stop signal where docker:init_grace is set", `"docker:init_grace": 5,`, `
sh -c 'trap "echo asked; exit" TERM; echo >/tmp/ready; while :; do sleep 0.01; done' &
until [ -e /tmp/ready ]; do sleep 0.01; done; exit 4`, 4, "asked\n", ""},
		{"and is killed when that is over", `"docker:init_grace": 1,`, `
sh -c 'trap "" TERM; echo >/tmp/ready; while :; do sleep 0.01; done' &
until [ -e /tmp/ready ]; do sleep 0.01; done; exit 4`, 4, "", "processes are left after docker:init_grace (1s): SIGKILL"},
		{"it is started again, and ends with the last status", `"docker:init_restart": "on-failure:2",`, `echo x >>/tmp/runs; exit $((40 + $(wc -l </tmp/runs)))`,
			43, "", "restart 2 in 200ms"},
		{"a wish to stop ends that", `"docker:init_restart": "always",`, `echo run; kill -TERM 1; sleep 30`, 143, "run\n", ""},
		{"docker:healthcheck is done", `"docker:healthcheck": {"Test": ["CMD", "sh", "-c", "echo sick; echo >>/tmp/checked; exit 3"], "Interval": 50000000, "Retries": 1},`,
			told, 0, "", `WARN exec: unhealthy: the health check failed, 1 of 1: it ended with status 3: "sick"`},
		{"a check that cannot be done says why", `"docker:healthcheck": {"Test": ["CMD", "nowhere"], "Interval": 50000000, "Retries": 1},`,
			told, 0, "", `it ended with status 127: "\"nowhere\": not found in any of the 6 directories of PATH"`},
		{"a log driver has the last word, and its end is the container's no more", `"docker:init_grace": 5, "docker:logdriver": "syslog", "docker:logconfig": {"syslog-address": "udp://10.0.0.9"},`,
			`i=0; while [ $i -lt 1000 ]; do echo "line $i"; i=$((i+1)); done`, 0, "", ""},
	} {
		t.Run(tt.behaviour, func(t *testing.T) {
			t.Parallel()
			z := shellZone(t, `"docker:init": true, `+tt.keys, "sh", "-c", tt.script)
			z.streams()
			drives := strings.Contains(tt.keys, "logdriver")
			if drives {
				z.write("/lib/sdc/docker/logger", "#!"+zoneTools+"/busybox sh\nsleep 0.2\ncat <&3 >/tmp/read &\ncat <&4 >/dev/null &\nwait\n", 0o755)
			}
			e := z.boot()
			if drives {
				read, err := os.ReadFile(z.root + "/tmp/read")
				must(t, err)
				if string(read) != e.out[1] || strings.Count(e.out[1], "\n") != 1000 {
					t.Errorf("the driver has %d bytes, the host %d", len(read), len(e.out[1]))
				}
				e.out[1] = ""
			}
			if e.out[1] != tt.out || strings.Contains(e.out[2], "dockerinit") || e.status != tt.status || !strings.Contains(e.log, tt.log) || strings.Contains(e.log, "FATAL") {
				t.Errorf("status %d, want %d; stderr %q\n got\n%s\nwant\n%s\nthe log, with %q\n%s", e.status, tt.status, e.out[2], e.out[1], tt.out, tt.log, e.log)
			}
		})
	}
}

// In an LX zone what ends a program, and what the image calls a signal, has Linux's
// numbers: the kernel's 44 is its RTMIN, which the loader gives a Linux program as 36.
func TestStayInAnLXZone(t *testing.T) {
	for _, tt := range []struct {
		name, keys, script string
		status             int
		out, log           string
	}{
		{"a signal that ends the command", "", "kill -USR1 $$", 138, "", "the command ended with signal 10 (user Signal 1) after "},
		{"a stop signal by name", `"docker:stopsignal": "RTMIN+3",`, `trap 'echo 39; exit 3' 39; kill -TERM 1; sleep 30 & wait`, 3, "39\n", "asked to stop: signal 47 "},
		{"and by Linux's number", `"docker:stopsignal": "10",`, `trap 'echo usr1; exit 3' USR1; kill -TERM 1; sleep 30 & wait`, 3, "usr1\n", "asked to stop: signal 16 (user Signal 1)"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			z := shellZoneOf(t, zone.LX, `"docker:init": true, `+tt.keys, "sh", "-c", tt.script)
			z.streams()
			e := z.boot()
			if e.status != tt.status || e.out[1] != tt.out || !strings.Contains(e.log, tt.log) {
				t.Errorf("status %d, want %d; %q, want %q; the log, with %q\n%s", e.status, tt.status, e.out[1], tt.out, tt.log, e.log)
			}
		})
	}
}

// What is started is in contracts of its own that are nobody's, so that they do not
// come together in an init that stays; a log driver is in init's.
func TestStayInContracts(t *testing.T) {
	z := shellZone(t, `"docker:init": true, "docker:init_restart": "on-failure:1", "docker:logdriver": "syslog", "docker:logconfig": {},`, "sh", "-c", "exit 3")
	z.streams()
	e := z.boot()
	const own = " critical 0 informative 0 fatal 0x20 parameters 0x10 service svc:/dockerinit/child:default: /bin/sh\n"
	const want = "contract 1: /usr/vm/sbin/dockerinit /lib/sdc/docker/logger+template\n" +
		"contract 2 critical 0 informative 0 fatal 0x20 parameters 0 service svc:/dockerinit/child:default: /lib/inet/ipmgmtd\n" +
		"contract 3" + own + "contract 4" + own
	if got := e.model[strings.Index(e.model, "contract 1"):]; got != want || e.status != 3 {
		t.Errorf("status %d\n got\n%s\nwant\n%s\n%s", e.status, got, want, e.log)
	}
	for _, x := range e.execs { // P4
		fds := fmt.Sprint(x.fds)
		if x.path == "/bin/sh" && (fds != "map[0:null 1:zfd 1 2:zfd 2]" || x.lines["blocked"] != "0 not default 0") {
			t.Errorf("descriptors %s, signals blocked %s", fds, x.lines["blocked"])
		}
	}
}

// What fails of staying.
func TestStayFails(t *testing.T) {
	const left = `sleep 300 & exit 4`
	for _, tt := range []struct {
		name, keys, faults, script string
		status                     int
		out, log                   string
	}{
		{"no contract for the command", "", "contract_activate:2:12", `echo up`, 125, "",
			`FATAL (code: 55): exec: "/bin/sh" with 2 arguments as 0:0 in /: start "/bin/sh": /system/contract/process/template: activate: not enough space`},
		{"no contract for a check", `"docker:healthcheck": {"Test": ["CMD", "true"], "Interval": 50000000, "Retries": 1},`, "contract_activate:3:12", told + `; echo up`, 0, "up\n",
			`it could not be started: start "true": /system/contract/process/template: activate: not enough space`},
		{"no list of what is left", `"docker:init_grace": 5,`, "", `umount -l /proc; rmdir /proc; ` + left, 4, "", "the command ended with status 4 after "},
		{"init's session is not known", `"docker:init_grace": 5,`, "libc.getsid:0:3", left, 4, "", "the command ended with status 4 after "},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			z := shellZone(t, `"docker:init": true, `+tt.keys, "sh", "-c", tt.script)
			z.streams()
			if tt.faults != "" {
				z.set("fault=" + tt.faults)
			}
			e := z.boot()
			if e.status != tt.status || e.out[1] != tt.out || !strings.Contains(e.log, tt.log) || strings.Contains("\n"+e.model, "\nfault ") {
				t.Errorf("status %d, want %d; %q, want %q; the log, with %q\n%s\n%s", e.status, tt.status, e.out[1], tt.out, tt.log, e.log, e.model)
			}
		})
	}
}

func TestStayWithALogDriverThatDies(t *testing.T) {
	z := shellZone(t, `"docker:init": true, "docker:logdriver": "syslog", "docker:logconfig": {},`, "sleep", "30")
	z.streams()
	z.write("/lib/sdc/docker/logger", "#!"+zoneTools+"/busybox sh\nsleep 0.2\nexit 3\n", 0o755)
	e := z.boot()
	const want = `FATAL (code: 69): exec: `
	if e.status != 125 || !strings.Contains(e.log, want) || !strings.Contains(e.log, `the log driver "syslog" ended with status 3: the container ends with it`) {
		t.Errorf("status %d, %q\n%s", e.status, e.out[1]+e.out[2], e.log)
	}
}

func TestStayNotForAnInit(t *testing.T) {
	z := shellZone(t, `"docker:init": true,`, "/init")
	z.streams()
	z.write("/init", "#!/bin/sh\necho pid $$\n", 0o755)
	e := z.boot()
	if e.out[1] != "pid 1\n" || e.status != 0 || !strings.Contains(e.log, `docker:init: "/init" works as PID 1 alone: it takes dockerinit's place`) {
		t.Errorf("status %d, %q\n%s", e.status, e.out[1]+e.out[2], e.log)
	}
}

// t11 d11: the command has the terminal, its foreground and job control.
func TestStayAtATerminal(t *testing.T) {
	const script = `
set -- $(cut -d ')' -f 2 /proc/$$/stat)
[ $4 = $$ ] && [ $6 = $$ ] && echo foreground
set -m
sh -c 'set -- $(cut -d ")" -f 2 /proc/$$/stat); [ $6 = $$ ] && echo a job in front'
sh -c 'kill -STOP $$; echo resumed' & until grep -q '^State:.T' /proc/$!/status; do sleep 0.01; done; fg >/dev/null
set +m; trap 'echo interrupted; exit 5' INT
echo ready; sleep 100 & wait`
	z := shellZone(t, `"docker:init": true, "docker:tty": true,`, "sh", "-c", script)
	z.terminal()
	z.start()
	until(t, "it is ready", func() bool { return strings.Contains(z.console.text(0), "ready\r\n") })
	z.console.write(0, "\x03")
	e := z.wait()
	got := e.out[0]
	if e.status != 5 || !strings.Contains(got, "foreground\r\na job in front\r\n") || !strings.Contains(got, "resumed\r\n") || !strings.Contains(got, "interrupted") {
		t.Errorf("status %d, %q\n%s", e.status, got, e.log)
	}
}
