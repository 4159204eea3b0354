//go:build linux

package lx

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"dockerinit/core"
)

// The real dockerinit checks the health of its command. The commands wait for
// what the checks do in the zone's files.
func TestHealthCheck(t *testing.T) {
	until := func(condition string) string { return "until " + condition + "; do sleep 0.01; done; " }
	told := func(text string) string { return until("grep -q '" + text + "' /var/log/sdc-dockerinit.log") }
	for _, tt := range []struct {
		behaviour, script string
		test              []string
		members           string // of the check, after Test; times in nanoseconds
		keys              string
		status            int
		health            string // what the host was told last
		out, log          string
	}{
		{"it runs as docker exec would", until("[ $(cat /tmp/times | wc -l) -ge 2 ]") + "cat /tmp/checked",
			[]string{"CMD-SHELL", `{ id -u; id -G; pwd; echo $A; umask; ls /proc/self/fd; env | grep -c ^HOME=; set -- $(cut -d ")" -f 2 /proc/$$/stat); [ $4 = $$ ] && echo leads; cat; } >/tmp/part 2>&1; mv /tmp/part /tmp/checked; echo x >>/tmp/times`},
			"", `, "docker:user": "web", "docker:workdir": "/srv/web", "docker:env": ` + list("A=b c"),
			0, "healthy", "1500\n1600 1700\n/srv/web\nb c\n0022\n0\n1\n2\n3\n1\nleads\n", " INFO exec: healthy: the health check passed, "},
		{"its words are told when it has failed often enough", told("unhealthy: "),
			[]string{"CMD", "sh", "-c", `echo x >>/tmp/failed; echo no answer; echo 'from "it"' >&2; exit 3`}, `,"Retries":2`, "",
			0, "unhealthy", "", `WARN exec: unhealthy: the health check failed, 2 of 2: it ended with status 3: "no answer\nfrom \"it\""`},
		{"as many of them as a line can take", told("unhealthy: "),
			[]string{"CMD-SHELL", `yes x | tr -d '\n' | head -c 100000; exit 1`}, `,"Retries":1`, "",
			0, "unhealthy", "", `with status 1: "` + strings.Repeat("x", 1000)},
		{"one that is not there is a failure, and is looked for each time", told("unhealthy: ") + "cp /bin/true /tmp/later; " + told("healthy: the health check passed"),
			[]string{"CMD-SHELL", `later || exit 1`}, `,"Retries":1`, `, "docker:env": ` + list("PATH=/bin:/usr/bin:/tmp"),
			0, "healthy", "", "unhealthy: "},
		{"also by itself", told("unhealthy: "), []string{"CMD", "nowhere"}, `,"Retries":1`, "",
			0, "unhealthy", "", `it ended with status 127: "\"nowhere\": not found in any of the 6 directories of PATH"`},
		{"one that may not be executed", told("unhealthy: "), []string{"CMD", "/etc/passwd"}, `,"Retries":1`, "",
			0, "unhealthy", "", `it ended with status 126: "execute \"/etc/passwd\": permission denied: `},
		{"one that takes too long is killed with all that it has started",
			until("[ -e /tmp/pids ]") + `for p in $(cat /tmp/pids); do ` + until("[ ! -e /proc/$p ]") + `done; ` + told("unhealthy: ") + `echo gone`,
			[]string{"CMD-SHELL", `echo words; trap '' TERM; sleep 100 & echo $$ $! >/tmp/part; mv /tmp/part /tmp/pids; wait`}, `,"Retries":1,"Timeout":200000000`, "",
			0, "unhealthy", "gone\n", `it took longer than 200ms: "words"`},
		{"what it leaves behind with its output open holds up nothing", until("[ $(cat /tmp/passed | wc -l) -ge 3 ]"),
			[]string{"CMD-SHELL", `echo x >>/tmp/passed; sleep 60 &`}, "", "", 0, "healthy", "", "healthy: "},
		{"it is over with the command", until("[ -e /tmp/checks ]") + "exit 4",
			[]string{"CMD-SHELL", ">/tmp/checks; sleep 60"}, "", "", 4, "starting", "", ""},
		{"a restart begins anew", `echo x >>/tmp/runs; ` + until("[ $(cat /tmp/checks | wc -l) -ge $(cat /tmp/runs | wc -l) ]") + "exit 6",
			[]string{"CMD-SHELL", "cat /tmp/runs | wc -l >>/tmp/checks; [ $(cat /tmp/runs | wc -l) = 1 ]"}, `,"Retries":9`, `, "docker:init_restart": "on-failure:1"`,
			6, "starting", "", "restart 1 in 100ms"},
		{"NONE is none", "true", []string{"NONE"}, "", "", 0, "", "", ""},
	} {
		t.Run(tt.behaviour, func(t *testing.T) {
			var words []string
			for _, word := range tt.test {
				words = append(words, strconv.Quote(word))
			}
			check := fmt.Sprintf(`{"Test":[%s],"Interval":20000000%s}`, strings.Join(words, ","), tt.members)
			z := newBootZone(t, `"docker:init": true, "docker:healthcheck": `+strconv.Quote(check)+`, "docker:cmd": `+list("sh", "-c", tt.script)+tt.keys)
			z.streams("")
			must(t, os.MkdirAll(z.root+"/srv/web", 0o755))
			e := z.boot("")
			if e.out != tt.out || e.status != tt.status || !strings.Contains(e.log, tt.log) || strings.Contains(e.log, "FATAL") {
				t.Errorf("status %d, want %d; stderr %q\n got\n%s\nwant\n%s\nthe log, with %q\n%s", e.status, tt.status, e.err, e.out, tt.out, tt.log, e.log)
			}
			if got := z.toldAtLast(core.HealthKey, tt.health); got != tt.health {
				t.Errorf("the host was told %q, want %q\n%s", got, tt.health, e.log)
			}
		})
	}
}

// toldAtLast is what the host has of a key in the end: it may hear that when the
// zone has ended.
func (z *bootZone) toldAtLast(key, want string) (value string) {
	z.t.Helper()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		var err error
		value, _, err = z.store.Get(key)
		must(z.t, err)
		if value == want {
			break
		}
	}
	return value
}
