//go:build linux

package lx

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// The zone has as many processes as it may, PID 1's threads among them, and the
// command does its worst. It goes on when all that it has started is reaped.
func TestStayWithinALimitOfProcesses(t *testing.T) {
	const alone = `for i in 1 2 3 4 5 6 7 8 9; do for j in 1 2 3 4 5 6 7 8 9; do :; done; done; set -- /proc/[0-9]*; [ $# -le 2 ]`
	const bomb = `bomb() { bomb & bomb & bomb; }
storm() { (bomb) 2>/dev/null & i=0; until [ $i = 60000 ]; do i=$((i+1)); done; }
`
	// It starts some hundreds, as long as there is room, and ends.
	const squib = `bomb() { [ $1 = 0 ] || { bomb $(($1-1)) & bomb $(($1-1)) & bomb $(($1-1)); }; }
`
	const fill = `fill() { while :; do sleep $1 & done; }
`
	// Without a process, of which there is none left.
	const untilAtRest = `until read -r line </proc/1/cmdline; case $line in *resident*) : ;; *) false ;; esac; do :; done`
	for _, tt := range []struct {
		behaviour, script, keys string
		status                  int
		out, log                string
	}{
		// Beside a bomb the loop may find no process left for the program.
		{"a fork bomb is bounded and harms nobody", bomb + `storm; exit 5`, "", 5, "", "ended with status 5 | the command has ended, and "},
		{"all is reaped when it has burnt out", squib + `(bomb 16) 2>/dev/null & until ` + alone + `; do :; done; read -r a b c d last </proc/loadavg; [ $last -ge 100 ] && echo alone after a hundred; exit 6`, "", 6, "alone after a hundred\n", "ended with status 6 "},
		{"signals go through it", bomb + `trap 'echo heard; exit 7' USR1; (bomb) 2>/dev/null & i=0; until [ $i = 60000 ]; do i=$((i+1)); done; kill -USR1 1; while :; do :; done`, "", 7, "heard\n", "ended with status 7 | the command has ended, and "},
		{"it stops when it is asked to", bomb + `trap '' TERM; storm & kill -TERM 1; while :; do :; done`, `, "docker:stoptimeout": 1, "docker:init_grace": 1`, 137, "", "within 1s: SIGKILL"},
		{"a health check that is one has failed", `until [ -e /tmp/over ]; do :; done; i=0; until [ $i = 300000 ]; do i=$((i+1)); done; exit 8`,
			`, "docker:healthcheck": "{\"Test\":[\"CMD-SHELL\",\"trap '>/tmp/over' EXIT; bomb() { bomb & bomb & bomb; }; bomb\"],\"Interval\":10000000,\"Retries\":1}"`, 8, "", "unhealthy: the health check failed, 1 of 1: it "},
		{"at rest, the container ends as its command", fill + untilAtRest + `; (fill 1000) 2>/dev/null; exit 9`, "", 9, "", "WARN exec: the command has ended, and the zone has no process left for more than that"},
		{"at rest, it stops when it is asked to", fill + untilAtRest + `; trap 'exit 11' TERM; (fill 1000) 2>/dev/null; kill -TERM 1; while :; do :; done`, "", 11, "", ""},
		{"at rest, it hears of the wish to stop when there is room for it", fill + untilAtRest + `; trap '' TERM; (fill 4) 2>/dev/null; kill -TERM 1; while :; do :; done`, `, "docker:stoptimeout": 1, "docker:init_grace": 1`, 137, "", "within 1s: SIGKILL"},
		{"at rest, nor is it forgotten when the command ends", fill + untilAtRest + `; trap 'until ` + alone + `; do :; done; exit 12' TERM; (fill 4) 2>/dev/null; kill -TERM 1; while :; do :; done`, `, "docker:init_restart": "always"`, 12, "", "asked to stop|signal 15 (terminated): the command is not started again"},
		{"at rest, what is due waits until there is room for it", fill + untilAtRest + `; (fill 4) 2>/dev/null; until [ -e /tmp/checked ]; do :; done; i=0; until [ $i = 300000 ]; do i=$((i+1)); done; exit 10`,
			`, "docker:healthcheck": "{\"Test\":[\"CMD-SHELL\",\">/tmp/checked\"],\"Interval\":2500000000}"`, 10, "", "healthy: "},
	} {
		t.Run(tt.behaviour, func(t *testing.T) {
			limit := pidsCgroup(t, 48)
			if limit == "" {
				tt.keys += `, "docker:user": "web", "docker:ulimits": "[{\"Name\":\"nproc\",\"Soft\":40,\"Hard\":40}]"`
			}
			z := newBootZone(t, `"docker:init": true, "docker:cmd": `+list("sh", "-c", tt.script)+tt.keys)
			z.streams("")
			z.env = append(z.env, "LX_TEST_CGROUP="+limit)
			e := z.boot("")
			told := slices.ContainsFunc(strings.Split(tt.log, "|"), func(text string) bool { return strings.Contains(e.log, text) })
			if e.out != tt.out || e.status != tt.status || !told || strings.Contains(e.log, "FATAL") {
				t.Errorf("status %d, want %d; %q, stderr %.500q; the log, with %q\n%s", e.status, tt.status, e.out, e.err, tt.log, e.log)
			}
			if limit != "" {
				events, err := os.ReadFile(limit + "/pids.events")
				must(t, err)
				if string(events) == "max 0\n" {
					t.Error("the limit was never reached")
				}
			}
		})
	}
}

// pidsCgroup is a cgroup with that many processes at most, "" where the machine
// gives none. It is gone with the test.
func pidsCgroup(t *testing.T, most int) string {
	t.Helper()
	parent := "/sys/fs/cgroup/pids" // version 1
	if _, err := os.Stat(parent + "/cgroup.procs"); err != nil {
		parent = "/sys/fs/cgroup"
		enabled, err := os.ReadFile(parent + "/cgroup.subtree_control")
		if err != nil || !slices.Contains(strings.Fields(string(enabled)), "pids") {
			return ""
		}
	}
	dir, err := os.MkdirTemp(parent, "dockerinit-test-")
	if err != nil {
		return ""
	}
	t.Cleanup(func() {
		err := os.Remove(dir)
		for deadline := time.Now().Add(time.Minute); err != nil && time.Now().Before(deadline); err = os.Remove(dir) {
			time.Sleep(time.Millisecond) // what has ended leaves it a little later
		}
		must(t, err)
	})
	must(t, os.WriteFile(filepath.Join(dir, "pids.max"), []byte(strconv.Itoa(most)), 0))
	return dir
}

// enterCgroup moves this process, where it is to be in one.
func enterCgroup() error {
	dir := os.Getenv("LX_TEST_CGROUP")
	if dir == "" {
		return nil
	}
	return os.WriteFile(dir+"/cgroup.procs", []byte("0"), 0)
}
