//go:build linux

package lx

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// The real dockerinit stays as PID 1 of a zone. The commands are scripts that
// do, from within, what a host and an image would.
func TestStay(t *testing.T) {
	const web = `, "docker:user": "web"`
	for _, tt := range []struct {
		behaviour, script, keys string
		status                  int
		out, log                string
	}{
		{"the command is a child in a session of its own",
			`set -- $(cut -d ')' -f 2 /proc/$$/stat); [ $3 = $$ ] && [ $4 = $$ ] && echo "child of $2"`, "",
			0, "child of 1\n", " INFO exec: the command ended with status 0 after "},
		{"P4 its signals are at their defaults and none is blocked", `grep -e ^SigBlk -e ^SigIgn /proc/$$/status | tr '\t' ' '; ls /proc/$$/fd`, "",
			0, "SigBlk: 0000000000000000\nSigIgn: 0000000000000000\n0\n1\n2\n", ""},
		{"t5 d7 a signal that ends it is the status", `kill -USR1 1; sleep 30`, "", 138, "", "the command ended with signal 10 (user defined signal 1) after "},
		{"d8 every signal comes in order", `
for n in ` + forwardedInOrder() + `; do trap "got=$n" $n; done
for n in ` + forwardedInOrder() + `; do kill -$n 1; i=0; until [ "$got" = $n ] || [ $i = 10000 ]; do sleep 0.001; i=$((i+1)); done; echo $got; done`, "",
			0, strings.ReplaceAll(forwardedInOrder(), " ", "\n") + "\n", ""},
		{"t6 with docker:init_group also what the command has started", `trap : USR1; (until [ -e /tmp/up ]; do sleep 0.01; done; kill -USR1 1) & sh -c '>/tmp/up; exec sleep 30'; echo $?`,
			`, "docker:init_group": true`, 0, "138\n", ""},
		{"without it only the command", `trap : USR1; kill -USR1 1; sleep 0.2; echo $?`, "", 0, "0\n", ""},
		{"the stop signal stands for TERM", `trap 'echo int; exit 3' INT; kill -TERM 1; sleep 30 & wait`, `, "docker:stopsignal": "SIGINT"`,
			3, "int\n", "asked to stop: signal 2 (interrupt) to the command, SIGKILL in 10s"},
		{"a real-time one too", `trap 'echo 37; exit 3' 37; kill -TERM 1; sleep 30 & wait`, `, "docker:stopsignal": "RTMIN+3"`, 3, "37\n", ""},
		{"a command that ignores TERM is killed", `trap '' TERM; kill -TERM 1; while :; do sleep 1; done`, `, "docker:stoptimeout": 1`,
			137, "", "WARN exec: the command has not stopped within 1s: SIGKILL"},
		{"one that stops itself has not ended", `(until grep -q '^State:.T' /proc/$$/status; do sleep 0.01; done; sleep 0.2; kill -CONT $$) & kill -STOP $$; echo on`, "", 0, "on\n", ""},
		{"a stopped one that ignores the stop signal is killed", `trap '' TERM; kill -TERM 1; kill -STOP $$; sleep 30`, `, "docker:stoptimeout": 1`, 137, "", "within 1s: SIGKILL"},
		{"t2 d13 orphans are reaped, 10,000 of them", `
i=0; while [ $i -lt 10000 ]; do ( : & ) ; i=$((i+1)); done
while grep -q '^State:.Z' /proc/[0-9]*/status 2>/dev/null; do sleep 0.01; done; echo clean`, "", 0, "clean\n", ""},
		{"a storm of signals hides none", `
trap 'hup=1' HUP; trap : USR1 USR2
storm() { i=0; while [ $i -lt 3000 ]; do kill -$1 1; i=$((i+1)); done; }
storm USR1 & storm USR2 & storm WINCH &
sleep 0.05; kill -HUP 1; until [ "$hup" ]; do sleep 0.001; done
wait; wait; wait; echo heard; kill -KILL $$`, "", 137, "heard\n", ""},
		{"as many processes as the command may have harm nobody", `
bomb() { bomb & bomb & sleep 0.1; }
(bomb) 2>/dev/null & i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done; exit 5`, web + `, "docker:ulimits": "[{\"Name\":\"nproc\",\"Soft\":40,\"Hard\":40}]"`, 5, "", ""},
		{"d2 the rest gets the stop signal where docker:init_grace is set", `
sh -c 'trap "echo asked; exit" TERM; echo >/tmp/ready; while :; do sleep 0.01; done' &
until [ -e /tmp/ready ]; do sleep 0.01; done; exit 4`, `, "docker:init_grace": 5`, 4, "asked\n", ""},
		{"and is killed when that is over", `
sh -c 'trap "" TERM; echo >/tmp/ready; while :; do sleep 0.01; done' &
until [ -e /tmp/ready ]; do sleep 0.01; done; exit 4`, `, "docker:init_grace": 1`, 4, "", "processes are left after docker:init_grace (1s): SIGKILL"},
		{"it is started again, and ends with the last status", `echo x >>/tmp/runs; exit $((40 + $(wc -l </tmp/runs)))`,
			`, "docker:init_restart": "on-failure:4"`, 45, "", "restart 4 in 800ms"},
		{"what a run has left is killed before the next, in its own session too", `
[ -e /tmp/left ] && { for p in $(cat /tmp/left); do [ -e /proc/$p ] && echo $p is left; done; exit 0; }
sleep 1000 & echo $! >/tmp/left; setsid sh -c 'echo $$ >>/tmp/left; exec sleep 1000' &
until [ $(wc -l </tmp/left) = 2 ]; do sleep 0.01; done; exit 1`,
			`, "docker:init_restart": "on-failure:1"`, 0, "", "INFO exec: the command has left processes: SIGKILL"},
		{"a wish to stop ends that", `echo run; kill -TERM 1; sleep 30`, `, "docker:init_restart": "always"`, 143, "run\n", ""},
	} {
		for when, before := range map[string]string{"": "", ", at rest": atRest} {
			t.Run(tt.behaviour+when, func(t *testing.T) {
				z := newBootZone(t, `"docker:init": true, "docker:cmd": `+list("sh", "-c", before+tt.script)+tt.keys)
				z.streams("")
				e := z.boot("")
				if e.out != tt.out || strings.Contains(e.err, "dockerinit") || e.status != tt.status || !strings.Contains(e.log, tt.log) || strings.Contains(e.log, "FATAL") {
					t.Errorf("status %d, want %d; stderr %q\n got\n%s\nwant\n%s\nthe log, with %q\n%s", e.status, tt.status, e.err, e.out, tt.out, tt.log, e.log)
				}
			})
		}
	}
}

// atRest is for a script that goes on when the resident part has taken over.
const atRest = "until grep -q resident /proc/1/cmdline; do sleep 0.01; done\n"

// forwardedInOrder are the signals that a command can wait for and that are its
// own to get; the wish to stop comes last.
func forwardedInOrder() string {
	var all []string
	for n := unix.Signal(1); n <= 64; n++ {
		if forwarded(n) && n != unix.SIGTERM && (n < 32 || n > 34) { // which Go's runtime keeps
			all = append(all, fmt.Sprint(int(n)))
		}
	}
	return strings.Join(append(all, "15"), " ")
}

// t1: every status comes through.
func TestStayEndsWithTheStatus(t *testing.T) {
	for status := range 256 {
		z := newBootZone(t, `"docker:init": true, "docker:cmd": `+list("sh", "-c", fmt.Sprint("exit ", status)))
		z.streams("")
		if e := z.boot(""); e.status != status {
			t.Errorf("got %d, want %d\n%s", e.status, status, e.log)
		}
	}
}

// S-22: what the host has left open is no way out by /proc/1/fd.
func TestStayClosesDescriptors(t *testing.T) {
	z := newBootZone(t, `"docker:init": true, "docker:cmd": `+list("sh", "-c", `ls /proc/1/fd/*/ | grep leaked
`+atRest+`ls /proc/1/fd/*/ | grep leaked; echo looked`))
	dir := t.TempDir()
	must(t, os.WriteFile(dir+"/leaked", nil, 0o600))
	var err error
	z.leaks, err = os.Open(dir)
	must(t, err)
	defer z.leaks.Close()
	z.streams("")
	if e := z.boot(""); e.out != "looked\n" || e.status != 0 {
		t.Errorf("status %d, got\n%s\n%s", e.status, e.out, e.log)
	}
}

func TestStayTellsTheHost(t *testing.T) {
	z := newBootZone(t, `"docker:init": true, "docker:init_restart": "on-failure:1", "docker:cmd": `+list("sh", "-c", "exit 9"))
	z.streams("")
	e := z.boot("")
	if count, last := z.told("__dockerinit_restart_count"), z.told("__dockerinit_last_exit"); count != "1" || last != "9" || e.status != 9 {
		t.Errorf("restarts %q, last exit %q, status %d\n%s", count, last, e.status, e.log)
	}
}

// An init that refuses to be a child is one nowhere.
func TestStayNotForAnInit(t *testing.T) {
	for keys, warning := range map[string]string{
		`"docker:init": true`:          `WARN exec: docker:init: "/init" works as PID 1 alone: it takes dockerinit's place`,
		`"docker:logdriver": "syslog"`: `WARN exec: "/init" works as PID 1 alone: it takes dockerinit's place, and the container goes on when its log driver ends`,
	} {
		z := newBootZone(t, keys+`, "docker:cmd": `+list("/init"))
		z.streams("")
		z.driver("exit 0\n")
		z.write("init", "#!/bin/sh\nsleep 0.2; echo pid $$\n")
		must(t, os.Chmod(z.root+"/init", 0o755))
		e := z.boot("")
		if e.out != "pid 1\n" || e.status != 0 || !strings.Contains(e.log, warning) {
			t.Errorf("status %d, %q, %q\n%s", e.status, e.out, e.err, e.log)
		}
	}
}

// driver gives the zone a log driver. What it reads, zfd 3 and 4, nobody copies
// there: the command may write it itself.
func (z *bootZone) driver(script string) {
	z.t.Helper()
	for n := 3; n <= 4; n++ {
		fifo(z.t, fmt.Sprintf("%s/dev/zfd/%d", z.root, n))
	}
	must(z.t, os.MkdirAll(z.root+"/native/lib/sdc/docker", 0o755))
	z.write("native/lib/sdc/docker/logger", "#!/bin/sh\n"+script)
	must(z.t, os.Chmod(z.root+"/native/lib/sdc/docker/logger", 0o755))
}

// With a log driver dockerinit stays, docker:init or not: without contracts nobody
// else would see that the driver has ended.
func TestALogDriverThatDies(t *testing.T) {
	for _, keys := range []string{`"docker:init": true, `, ``} {
		z := newBootZone(t, keys+`"docker:logdriver": "syslog", "docker:cmd": `+list("sleep", "30"))
		z.streams("")
		z.driver("sleep 0.2\nexit 3\n")
		e := z.boot("")
		const want = `the log driver "syslog" ended with status 3: the container ends with it`
		if e.status != 125 || !strings.Contains(e.log, "FATAL (code: 69)") || !strings.Contains(e.log, want) || !strings.Contains(e.err, want) {
			t.Errorf("%sstatus %d, %q\n%s", keys, e.status, e.err, e.log)
		}
	}
}

func TestALogDriverHasTheLastWord(t *testing.T) {
	const write = `i=0; while [ $i -lt 3000 ]; do echo "line $i"; i=$((i+1)); done >/dev/zfd/3; `
	for _, tt := range []struct{ behaviour, keys, script, driver string }{
		{"what the command has written last is read, though it has ended", ``, write, "sleep 0.3; exec cat <&3 >/tmp/read\n"},
		{"also by what the driver has started", ``, write, "sleep 0.3; cat <&3 >/tmp/read & wait\n"},
		{"what is left of the command's holds nobody up", ``, `sh -c 'while :; do sleep 0.01; echo more >/dev/zfd/4; done' & ` + write, "cat <&4 >/dev/null & sleep 0.3; exec cat <&3 >/tmp/read\n"},
		{"with docker:init and docker:init_grace it is not of the rest", `"docker:init": true, "docker:init_grace": 5, `, `sleep 20 & ` + write, "sleep 0.3; exec cat <&3 >/tmp/read\n"},
		{"a driver may take its time to send it on", ``, write, "trap 'sleep 0.3; mv /tmp/r /tmp/read; exit' TERM; cat <&3 >/tmp/r & wait\n"},
	} {
		t.Run(tt.behaviour, func(t *testing.T) {
			z := newBootZone(t, tt.keys+`"docker:logdriver": "syslog", "docker:cmd": `+list("sh", "-c", tt.script+"exit 4"))
			z.streams("")
			z.driver(tt.driver)
			e := z.boot("")
			read, err := os.ReadFile(z.root + "/tmp/read")
			must(t, err)
			if lines := strings.Count(string(read), "\n"); lines != 3000 || e.status != 4 || strings.Contains(e.log, " WARN exec") {
				t.Errorf("%d lines, status %d\n%s", lines, e.status, e.log)
			}
		})
	}
}

// Without docker:init the command gets every signal as it comes.
func TestALogDriverLeavesSignalsAlone(t *testing.T) {
	z := newBootZone(t, `"docker:logdriver": "syslog", "docker:stopsignal": "INT", "docker:stoptimeout": 0, "docker:init_restart": "always",
		"docker:cmd": `+list("sh", "-c", `trap 'echo term; exit 6' TERM; kill -TERM 1; sleep 30 & wait`))
	z.streams("")
	z.driver("exec sleep 60\n")
	if e := z.boot(""); e.status != 6 || e.out != "term\n" {
		t.Errorf("status %d, %q\n%s", e.status, e.out, e.log)
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
	z := newBootZone(t, `"docker:init": true, "docker:tty": true, "docker:cmd": `+list("sh", "-c", script))
	z.write("dev/zfd/0", "")
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	must(t, err)
	defer master.Close()
	must(t, unix.IoctlSetPointerInt(int(master.Fd()), unix.TIOCSPTLCK, 0))
	number, err := unix.IoctlGetUint32(int(master.Fd()), unix.TIOCGPTN)
	must(t, err)
	slave, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|unix.O_NOCTTY, 0)
	must(t, err)
	defer slave.Close()
	heard := make(chan string, 1)
	go func() {
		said := readUntil(t, master, "ready\r\n")
		_, _ = master.WriteString("\x03") // the test fails without it
		heard <- said
	}()
	e := z.boot(slave.Name())
	var got string
	select {
	case got = <-heard:
	case <-time.After(time.Minute):
		t.Fatalf("it never was ready: status %d\n%s", e.status, e.log)
	}
	_, err = slave.WriteString("end")
	must(t, err)
	got += readUntil(t, master, "end")
	if e.status != 5 || !strings.Contains(got, "foreground\r\na job in front\r\n") || !strings.Contains(got, "resumed\r\n") || !strings.Contains(got, "interrupted") {
		t.Errorf("status %d, %q\n%s", e.status, got, e.log)
	}
}
