//go:build linux

package lx

import (
	"bytes"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// proc reads a file of a process.
func proc(t testing.TB, pid int, name string) string {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/%s", pid, name))
	must(t, err)
	return string(text)
}

// number is one of those that such a file has a name for.
func number(t testing.TB, text, name string) int {
	t.Helper()
	found := regexp.MustCompile(`(?m)^` + name + `:\s*(\d+)`).FindStringSubmatch(text)
	if found == nil {
		t.Fatalf("there is no %s in\n%s", name, text)
	}
	n, err := strconv.Atoi(found[1])
	must(t, err)
	return n
}

// eventually waits for what is to come soon.
func eventually(t testing.TB, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !is(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%s: not within 20s", what)
		}
	}
}

// rests tells whether the process is the resident part, and waits for signals.
func rests(pid int) bool {
	line, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	call, err2 := os.ReadFile(fmt.Sprintf("/proc/%d/syscall", pid))
	return err == nil && err2 == nil && bytes.HasPrefix(line, []byte("dockerinit\x00resident\x00")) &&
		bytes.HasPrefix(call, fmt.Appendf(nil, "%d ", unix.SYS_RT_SIGTIMEDWAIT))
}

// The bounds of what is left of dockerinit while the command runs.
func TestAtRest(t *testing.T) {
	z := newBootZone(t, `"docker:init": true, "docker:user": "web", "docker:env": `+list("SECRET=hidden")+`, "docker:cmd": `+list("sleep", "1000"))
	z.streams("")
	e := z.bootWith("", func(pid int) {
		eventually(t, "the resident part takes over", func() bool { return rests(pid) })
		status := proc(t, pid, "status")
		if n := number(t, status, "Threads"); n != 1 {
			t.Errorf("%d threads", n)
		}
		if n := number(t, proc(t, pid, "smaps_rollup"), "Private_Dirty"); n > 24 {
			t.Errorf("%d KiB private dirty", n)
		}
		for name, want := range map[string]string{"comm": "dockerinit\n", "environ": ""} {
			if got := proc(t, pid, name); got != want {
				t.Errorf("%s is %q, want %q", name, got, want)
			}
		}
		const switches = "voluntary_ctxt_switches"
		before := number(t, status, switches)
		time.Sleep(500 * time.Millisecond)
		if after := number(t, proc(t, pid, "status"), switches); after != before {
			t.Errorf("it woke up %d times while nothing happened", after-before)
		}
		must(t, syscall.Kill(pid, unix.SIGTERM))
	})
	for _, want := range []string{"asked to stop: signal 15 (terminated) to the command, SIGKILL in 10s\n", "the command ended with signal 15 (terminated) after "} {
		if !strings.Contains(e.log, want) || e.status != 143 {
			t.Errorf("status %d, want 143, and %q in the log\n%s", e.status, want, e.log)
		}
	}
}
