//go:build linux

package main_test

import (
	"strings"
	"testing"

	"dockerinit/cmd/internal/cmdtest"
	"dockerinit/platform_fake/need"
)

// A behaviour is one that the public test suites of tini or dumb-init test, and
// what becomes of it where dockerinit stays as PID 1.
type behaviour struct {
	suite string // and its test, by file and name
	name  string
	// differs is how it is otherwise here, and why; "": it holds.
	differs string

	// What shows it: a zone's command and keys, its status, and what it prints. A
	// behaviour that nothing here could show, a flag's, has no script.
	script   string
	internal map[string]any
	status   int
	out      string
	log      string // in dockerinit's log
	// At a terminal, what is seen, and what is typed then, in turn.
	types []string
}

// suites is every behaviour that the two test, as of 2026.
// tini: test/run_inner_tests.py (inner), test/run_outer_tests.py (outer).
// dumb-init: tests/*_test.py, tests/test-zombies.
var suites = []behaviour{
	// How it ends.
	{suite: "tini inner: exit code; dumb-init exit_status: regular_exit", name: "it ends with the command's status (all 256 of them: TestStayEndsWithTheStatus)", script: `exit 254`, status: 254},
	{suite: "the same", name: "0 as well", script: `exit 0`},
	{suite: "tini inner: exit code, -e", name: "a status that is remapped to 0",
		differs: "nothing is remapped: the host keeps the status, and whoever reads it there decides what a success is",
		script:  `trap 'exit 143' TERM; kill -TERM 1; while :; do sleep 0.01; done`, status: 143},
	{suite: "dumb-init exit_status: terminated_by_signal", name: "128+N where a signal ended the command: TERM", script: `kill -TERM $$`, status: 143},
	{suite: "the same", name: "HUP", script: `kill -HUP $$`, status: 129},
	{suite: "the same", name: "QUIT", script: `kill -QUIT $$`, status: 131},
	{suite: "the same", name: "KILL", script: `kill -KILL $$`, status: 137},
	{suite: "tini outer: exit code, zzzz; dumb-init child_processes: fails_nonzero_with_bad_exec", name: "a command that is nowhere is 127 and one line",
		internal: map[string]any{"docker:cmd": `["zzzz"]`}, status: 127, log: `FATAL (code: 17): "zzzz": not found in any of the `},
	{suite: "the same, /doesnotexist", name: "so is a path that is not there",
		internal: map[string]any{"docker:cmd": `["/doesnotexist"]`}, status: 127, log: `FATAL (code: 25): "/doesnotexist": no such file or directory`},
	{suite: "tini outer: exit code, -z -h -w; dumb-init cli: all but verbose", name: "flags, their errors, usage and version",
		differs:  "there are none: whatever the command is, it is no flag of dockerinit's, which is told by metadata alone",
		internal: map[string]any{"docker:cmd": `["-h"]`}, status: 127, log: `FATAL (code: 17): "-h": not found in any of the `},
	{suite: "dumb-init cli: verbose; tini -v", name: "what it does is told on standard error",
		differs: "it is told in /var/log/sdc-dockerinit.log; the streams are the command's alone",
		script:  `echo "oh, hi"; exit 3`, status: 3, out: "oh, hi\n", log: "INFO exec: the command ended with status 3 after "},

	// Signals.
	{suite: "tini inner, outer: signals", name: "TERM ends the command and with it the container", script: `kill -TERM 1; sleep 60`, status: 143},
	{suite: "the same", name: "USR1", script: `kill -USR1 1; sleep 60`, status: 138},
	{suite: "the same", name: "USR2", script: `kill -USR2 1; sleep 60`, status: 140},
	{suite: "dumb-init proxies_signals: proxies_signals", name: "every signal reaches the command, in order",
		differs: "not those by which a kernel tells a process of its own mistakes (ILL TRAP ABRT BUS FPE SEGV SYS, as in tini); PIPE, URG, PROF and 34, which Go's runtime has for itself, when it rests",
		script: `for n in $all; do trap "got=$n" $n; done
for n in $all; do kill -$n 1; until [ "$got" = $n ]; do sleep 0.001; done; echo $got; done`,
		internal: map[string]any{"docker:env": `["all=1 2 3 10 12 13 14 16 18 23 24 25 26 27 28 29 30 34 35 64 15"]`},
		out:      strings.ReplaceAll("1 2 3 10 12 13 14 16 18 23 24 25 26 27 28 29 30 34 35 64 15 ", " ", "\n")},
	{suite: "the same", name: "and those that do not reach it harm nobody",
		script: `for n in 4 5 6 7 8 11 31 21 22; do trap "echo $n" $n; kill -$n 1; done; sleep 0.1; grep State: /proc/1/status | grep -vc 'T ('`, out: "1\n"},
	{suite: "dumb-init proxies_signals: with_rewrite", name: "a signal arrives as another",
		differs: "one does: TERM, which is all that a zone's host sends, as docker:stopsignal",
		script:  `trap 'echo int; exit' INT; kill -TERM 1; while :; do sleep 0.01; done`, internal: map[string]any{"docker:stopsignal": "SIGINT"}, out: "int\n"},
	{suite: "dumb-init proxies_signals: ignored_signals_are_not_proxied", name: "a signal that is rewritten to 0 is dropped",
		differs: "none is dropped: a command that wants to hear nothing of one ignores it", script: `trap '' INT WINCH; kill -INT 1; kill -WINCH 1; sleep 0.1; echo on`, out: "on\n"},
	{suite: "dumb-init shell_background: both; proxies_signals: default_rewrites_can_be_overriden", name: "TSTP, TTIN and TTOU stop the init and what it has started; CONT wakes them",
		differs: "PID 1 never stops, or nobody would reap, and a kernel does not let it; TSTP and CONT are the command's to act upon; TTIN and TTOU are those of whoever touched the terminal (as in tini)",
		script: `for s in TSTP CONT; do trap "got=$s" $s; kill -$s 1; until [ "$got" = $s ]; do sleep 0.001; done; echo $got; done
for s in TTIN TTOU TSTP; do trap '' $s; kill -$s 1; done; sleep 0.1; grep State: /proc/1/status | grep -vc 'T ('`, out: "TSTP\nCONT\n1\n"},
	{suite: "tini inner: signal configuration", name: "what is ignored or blocked when it starts is so for the command",
		differs: "each signal has its default and none is blocked, whatever started the zone, as runc does it for containers",
		script:  `grep -e ^SigBlk -e ^SigIgn /proc/$$/status | tr '\t' ' '`, out: "SigBlk: 0000000000000000\nSigIgn: 0000000000000000\n"},
	{suite: "tini inner: parent death signal, -p", name: "the death of its parent is a signal for the command",
		differs: "PID 1 has no parent that it would outlive", script: `grep PPid: /proc/1/status | tr '\t' ' '`, out: "PPid: 0\n"},

	// Groups, and the rest of the processes.
	{suite: "tini inner: process group, -g; dumb-init child_processes: setsid_signals_entire_group", name: "signals go to the command's whole group, with docker:init_group",
		script: `trap : USR1; (until [ -e /tmp/up ]; do sleep 0.01; done; kill -USR1 1) & sh -c '>/tmp/up; exec sleep 60'; echo $?`, internal: map[string]any{"docker:init_group": true}, out: "138\n"},
	{suite: "tini inner: process group, TINI_KILL_PROCESS_GROUP", name: "the same by a variable of the environment",
		differs: "a variable that an image sets does not change PID 1", script: `trap : USR1; (sleep 0.2; kill -USR1 1) & sh -c 'trap - USR1; exec sleep 0.5'; echo $?`,
		internal: map[string]any{"docker:env": `["TINI_KILL_PROCESS_GROUP=1"]`}, out: "0\n"},
	{suite: "dumb-init child_processes: no_setsid_doesnt_signal_entire_group", name: "without it to the command alone",
		script: `trap : USR1; (sleep 0.2; kill -USR1 1) & sh -c 'trap - USR1; exec sleep 0.5'; echo $?`, out: "0\n"},
	{suite: "dumb-init child_processes: all_processes_receive_term_on_exit_if_setsid", name: "what the command leaves behind gets TERM",
		differs:  "where docker:init_grace is set, in whatever session it is",
		script:   `setsid sh -c 'trap "echo 15; exit" TERM; echo ready; >/tmp/ready; while :; do sleep 0.01; done' & until [ -e /tmp/ready ]; do sleep 0.01; done`,
		internal: map[string]any{"docker:init_grace": 5}, out: "ready\n15\n"},
	{suite: "dumb-init child_processes: processes_dont_receive_term_on_exit_if_no_setsid", name: "where nothing is set it gets none",
		differs: "nor does it go on: the kernel ends a zone with its PID 1",
		script:  `setsid sh -c 'trap "echo 15; exit" TERM; echo ready; >/tmp/ready; while :; do sleep 0.01; done' & until [ -e /tmp/ready ]; do sleep 0.01; done`, out: "ready\n"},
	{suite: "tini inner, outer: reaping; dumb-init test-zombies", name: "orphans are reaped, also of groups and sessions of their own",
		script: `for i in 1 2 3 4 5 6 7 8 9; do sh -c "sh -c 'echo zombie' & setsid sh -c 'sleep 0.0$i' &" >/dev/null & done; wait
i=0; until set -- $(cat /proc/[0-9]*/stat 2>/dev/null | cut -d ')' -f 2 | cut -c 2 | sort | uniq -c | grep Z); [ $# = 0 ] && set -- /proc/[0-9]* && [ $# = 2 ]; do sleep 0.01; done; echo alone`, out: "alone\n"},
	{suite: "tini inner: reaping display, -w", name: "each orphan is told",
		differs: "none is: an image would write the log full", script: `for i in 1 2 3; do (sleep 0 &); done; sleep 0.1`, log: "INFO exec: the command ended with status 0 after "},
	{suite: "tini inner: -s, TINI_SUBREAPER, zombie reaping failure", name: "orphans are reaped by a subreaper, or a warning tells that they are not",
		differs: "dockerinit is PID 1, always, and an LX kernel has no subreapers", script: `(setsid sh -c 'until grep -q "^PPid:.1$" /proc/$$/status; do sleep 0.01; done; echo adopted; >/tmp/adopted' &); until [ -e /tmp/adopted ]; do sleep 0.01; done`, out: "adopted\n"},

	// Where it is.
	{suite: "dumb-init cwd: working_directories", name: "the command is in its directory, and the init holds none", script: `readlink /proc/1/cwd; readlink /proc/$$/cwd`,
		internal: map[string]any{"docker:workdir": "/tmp"}, out: "/\n/tmp\n"},

	// The terminal.
	{suite: "tini outer: tty handling, exit 0", name: "a shell at the terminal is left by exit", script: shellWithPrompt, types: []string{"zone# ", "exit 0\r"}},
	{suite: "tini outer: tty handling, Ctrl-C", name: "Ctrl-C ends what is in front, and that is the command", script: `while :; do echo '#'; sleep 0.1; done`, status: 130, types: []string{"#", "\x03"}},
	{suite: "dumb-init tty: tty", name: "what is typed is read to its end", script: `stty -echo; echo go; tac`, types: []string{"go", "1\r2\r3\r\x04", "3\n2\n1\n", ""}},
	{suite: "dumb-init tty: child_gets_controlling_tty_if_we_had_one", name: "the terminal is the command's, with job control",
		script: shellWithPrompt, types: []string{"zone# ", "set -m; echo flags [$-]\r", "m", "sh -c \"echo in''front; exec sleep 60\"\r", "infront", "\x1a", "Stopped", "jobs\r", "Stopped", "exit 0\r", "zone# ", "exit 0\r"}},
	{suite: "dumb-init tty: sighup_sigcont_ignored_if_was_session_leader", name: "the HUP and CONT that a terminal sends when it is handed on do not reach the command",
		differs: "there are none: dockerinit takes no terminal that it would have to give away, so the first HUP is one that somebody has sent",
		script:  `trap 'echo hangup; exit 5' HUP; trap 'echo continued' CONT; kill -HUP 1; while :; do sleep 0.01; done`, internal: ttyZone, status: 5, out: "hangup\r\n"},

	{suite: "tini outer: valgrind", name: "no memory is lost", differs: "Go collects it; what staying takes is measured by benchmarks"},
	{suite: "tini outer: installation", name: "the packages of distributions can be installed", differs: "dockerinit is part of the platform, and in no image"},
}

func TestWhatOtherInitsAreTestedFor(t *testing.T) {
	need.Program(t, "setsid", "util-linux")
	for _, b := range suites {
		if b.script == "" && b.internal == nil {
			if b.differs == "" {
				t.Errorf("%s: nothing shows that it holds", b.name)
			}
			continue
		}
		t.Run(b.name, func(t *testing.T) {
			t.Parallel()
			internal := map[string]any{"docker:init": true}
			if b.script != "" {
				internal = with(internal, shell(b.script))
			}
			payload := zonePayload(t, with(internal, b.internal))
			if b.types != nil {
				term := cmdtest.StartAtTerminal(t, booting(t, root, "--tty", payload))
				pressed := false
				for i := 0; i < len(b.types); i += 2 {
					see, key := b.types[i], b.types[i+1]
					if !pressed {
						term.See(see)
					}
					if pressed = len(key) == 1 && i+2 < len(b.types); pressed {
						term.Press(key, b.types[i+2])
					} else {
						term.Type(key)
					}
				}
				if r := term.Wait(); r.Status != b.status {
					t.Errorf("%s\nstatus %d, want %d\n%s", b.suite, r.Status, b.status, term.Shown())
				}
				return
			}
			r := cmdtest.Run(t, booting(t, root, "--log", payload))
			if r.Status != b.status || r.Stdout != b.out || !strings.Contains(r.Stderr, b.log) {
				t.Errorf("%s\nstatus %d, want %d\n got %q\nwant %q\n%q in\n%s", b.suite, r.Status, b.status, r.Stdout, b.out, b.log, r.Stderr)
			}
		})
	}
}
