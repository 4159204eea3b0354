//go:build linux

package lx

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"sync"
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

// eventually waits for what is to come soon, on a machine that may be busy.
func eventually(t testing.TB, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !is(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%s: not within a minute", what)
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

// Go's runtime leaves all blocked but faults and CHLD, and URG, by which it
// interrupts its own threads.
func TestSignalsAreBlocked(t *testing.T) {
	const want = "SigBlk:\tffffffffffbafa27\n" // KILL and STOP cannot be
	later := fmt.Sprintf(`, "docker:wait_for_attach": "%d"`, time.Now().Add(time.Hour).UnixMilli())
	z := newBootZone(t, `"docker:cmd": `+list("true")+later)
	z.streams("")
	z.bootWith("", func(pid int) {
		eventually(t, "it waits", func() bool {
			log, _ := os.ReadFile(z.root + "/var/log/sdc-dockerinit.log")
			return bytes.Contains(log, []byte(" EXEC ")) || bytes.Contains(log, []byte("attach"))
		})
		threads, err := os.ReadDir(fmt.Sprintf("/proc/%d/task", pid))
		must(t, err)
		for _, thread := range threads {
			if status := proc(t, pid, "task/"+thread.Name()+"/status"); !strings.Contains(status, want) {
				t.Errorf("thread %s has not %s%s", thread.Name(), want, status)
			}
		}
		must(t, syscall.Kill(pid, unix.SIGKILL))
	})
}

// A write of its own to nobody is not the command's business.
func TestABrokenPipeIsNotPassedOn(t *testing.T) {
	z := newBootZone(t, `"docker:init": true, "docker:cmd": `+list("sh", "-c", "trap 'echo broken' PIPE; trap 'got=1' WINCH\n"+atRest+`
kill -WINCH 1; until [ "$got" ]; do sleep 0.01; done; echo heard`))
	z.streams("")
	z.env = []string{"LX_TEST_PIPE=yes"}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var pipe, before unix.Sigset_t
	pipe.Val[0] = 1 << (unix.SIGPIPE - 1)
	must(t, unix.PthreadSigmask(unix.SIG_BLOCK, &pipe, &before))
	defer func() { must(t, unix.PthreadSigmask(unix.SIG_SETMASK, &before, nil)) }()
	if e := z.boot(""); e.out != "heard\n" || e.status != 0 {
		t.Errorf("status %d, got\n%s\n%s", e.status, e.out, e.log)
	}
}

// Whatever dockerinit executes itself as, it hears every signal. INT is what asks
// this command to stop, so it brings the whole program back, which rests again
// soon; meanwhile comes another.
func TestNoSignalIsLostOnTheWay(t *testing.T) {
	const script = `for s in INT HUP QUIT USR2; do trap "echo $s >>/tmp/heard" $s; done; trap 'exit 3' USR1; echo ready >>/tmp/heard; sleep 1000 & while :; do wait; done`
	z := newBootZone(t, `"docker:init": true, "docker:stopsignal": "INT", "docker:cmd": `+list("sh", "-c", script))
	z.streams("")
	heard := func(name string) int {
		text, _ := os.ReadFile(z.root + "/tmp/heard")
		return strings.Count(string(text), name)
	}
	e := z.bootWith("", func(pid int) {
		defer syscall.Kill(pid, unix.SIGUSR1)
		eventually(t, "the resident part takes over", func() bool { return rests(pid) && heard("ready") == 1 })
		for n := range 100 {
			must(t, syscall.Kill(pid, unix.SIGINT))
			// Going there takes milliseconds, and coming back begins 100 ms later.
			pause := time.Duration(rand.N(5 * time.Millisecond))
			if n%2 == 1 {
				pause = 98*time.Millisecond + time.Duration(rand.N(12*time.Millisecond))
			}
			time.Sleep(pause)
			another := []unix.Signal{unix.SIGUSR2, unix.SIGHUP, unix.SIGQUIT}[n/2%3]
			before := heard(unix.SignalName(another)[3:])
			must(t, syscall.Kill(pid, another))
			eventually(t, fmt.Sprintf("INT and signal %d %v after it, time %d", another, pause, n+1), func() bool {
				return heard("INT") == n+1 && heard(unix.SignalName(another)[3:]) == before+1
			})
		}
	})
	if e.status != 3 {
		t.Errorf("status %d, want 3\n%s", e.status, e.log)
	}
}

// Nor is the end of a command that comes on the way.
func TestNoEndIsLostOnTheWay(t *testing.T) {
	for n := range 40 {
		z := newBootZone(t, `"docker:init": true, "docker:cmd": `+list("sh", "-c", fmt.Sprintf("sleep 0.%03d; exit 7", 80+n)))
		z.streams("")
		if e := z.boot(""); e.status != 7 || !strings.Contains(e.log, "the command ended with status 7 after ") {
			t.Errorf("a command of %d ms: status %d\n%s", 80+n, e.status, e.log)
		}
	}
}

// A host whose requests are counted.
type countingHost struct {
	net.Listener
	mu   sync.Mutex
	said bytes.Buffer
}

func (h *countingHost) Accept() (net.Conn, error) {
	conn, err := h.Listener.Accept()
	return countedConn{conn, h}, err
}

func (h *countingHost) count(verb string) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return bytes.Count(h.said.Bytes(), []byte(" "+verb+" "))
}

type countedConn struct {
	net.Conn
	host *countingHost
}

func (c countedConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.host.mu.Lock()
	defer c.host.mu.Unlock()
	c.host.said.Write(p[:n])
	return n, err
}

// A restart after a rest has all that the first start had, and asks nobody.
func TestARestartFromRest(t *testing.T) {
	const script = `echo "$0 $A $(id -u):$(id -G) $(pwd) $(umask) $(ulimit -c)"; ulimit -n >>/tmp/files; echo err >&2; read line; echo "$line"
ls /proc/self/fd | wc -l; cat /proc/1/fd/* 2>/dev/null; ls /proc/1/fd 2>/dev/null
` + atRest + `exit 3`
	host := &countingHost{}
	z := newBootZoneOf(t, `"internal_metadata": {"docker:init": true, "docker:init_restart": "on-failure:2", "docker:user": "web", "docker:workdir": "/srv/web",
		"docker:umask": "027", "docker:ulimits": "[{\"Name\":\"core\",\"Soft\":4096,\"Hard\":4096}]", "docker:env": `+list("A=b c")+`,
		"docker:open_stdin": true, "docker:cmd": `+list("sh", "-c", script, "name")+`}`, func(l net.Listener) net.Listener {
		host.Listener = l
		return host
	})
	z.streams("one\ntwo\nthree\n")
	asked := 0
	e := z.bootWith("", func(pid int) {
		eventually(t, "the resident part takes over", func() bool { return rests(pid) })
		asked = host.count("GET")
	})
	run := "name b c 1500:1600 1700 /srv/web 0027 8\n%s\n4\n"
	if want := fmt.Sprintf(run+run+run, "one", "two", "three"); e.out != want || e.err != "err\nerr\nerr\n" || e.status != 3 {
		t.Errorf("status %d, stderr %q\n got\n%s\nwant\n%s\n%s", e.status, e.err, e.out, want, e.log)
	}
	files, err := os.ReadFile(z.root + "/tmp/files")
	must(t, err)
	if n := strings.Fields(string(files)); len(n) != 3 || n[1] != n[0] || n[2] != n[0] {
		t.Errorf("the limit of open files was %q, one start after the other", n)
	}
	if again := host.count("GET"); asked == 0 || again != asked {
		t.Errorf("the host was asked for %d keys, and after that for %d", asked, again-asked)
	}
	if got := z.told("__dockerinit_restart_count"); got != "2" {
		t.Errorf("the host was told of %s restarts", got)
	}
}

// What is executed again is what was, whatever became of its file and of /proc.
func TestTheProgramIsFoundAgain(t *testing.T) {
	program, err := dockerinit()
	must(t, err)
	text, err := os.ReadFile(program)
	must(t, err)
	for _, tt := range []struct {
		name, script string
		spoil        func(program string) error
	}{
		{"it was removed", "trap 'exit 6' HUP; sleep 1000 & wait", os.Remove},
		{"it was replaced", "trap 'exit 6' HUP; sleep 1000 & wait", func(program string) error {
			return errors.Join(os.WriteFile(program+".new", []byte("#!/bin/sh\nexit 99\n"), 0o755), os.Rename(program+".new", program))
		}},
		{"there is no /proc any more", atRest + "umount -l /proc; trap 'exit 6' HUP; >/tmp/ready; sleep 1000 & wait", func(string) error { return nil }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			z := newBootZone(t, `"docker:init": true, "docker:cmd": `+list("sh", "-c", tt.script))
			z.streams("")
			copied := t.TempDir() + "/dockerinit"
			must(t, os.WriteFile(copied, text, 0o755))
			z.env = append(z.env, "LX_TEST_DOCKERINIT="+copied)
			e := z.bootWith("", func(pid int) {
				eventually(t, "the resident part takes over", func() bool { return rests(pid) })
				must(t, tt.spoil(copied))
				if strings.Contains(tt.script, "ready") {
					eventually(t, "/proc is gone", func() bool { _, err := os.Stat(z.root + "/tmp/ready"); return err == nil })
				}
				must(t, syscall.Kill(pid, unix.SIGHUP))
			})
			if e.status != 6 || !strings.Contains(e.log, "the command ended with status 6 after ") {
				t.Errorf("status %d\n%s", e.status, e.log)
			}
		})
	}
}

// The kernel of an LX zone has neither memory without a name nor a way to execute
// a descriptor.
func TestAtRestOnAnLXKernel(t *testing.T) {
	z := newLXZone(t, `"docker:init": true, "docker:init_restart": "on-failure:1", "docker:env": `+list("A=b c")+`, "docker:cmd": `+
		list("sh", "-c", `echo "$A"; `+atRest+`ls -A /dev/shm /var/log; exit 5`), "", "")
	e := z.boot("")
	const once = "b c\n/dev/shm:\n\n/var/log:\nsdc-dockerinit.log\n"
	if e.out != once+once || e.status != 5 || strings.Contains(e.log, " WARN exec: this program") {
		t.Errorf("status %d, stderr %q\n got\n%s\nwant\n%s\n%s", e.status, e.err, e.out, once+once, e.log)
	}
}

// A late host accepts nobody before its time.
type late struct {
	net.Listener
	begun <-chan struct{}
}

func (l late) Accept() (net.Conn, error) {
	<-l.begun
	return l.Listener.Accept()
}

// blocks tells whether the process blocks the signal.
func blocks(t testing.TB, pid int, n unix.Signal) bool {
	t.Helper()
	_, mask, _ := strings.Cut(proc(t, pid, "status"), "SigBlk:\t")
	blocked, err := strconv.ParseUint(mask[:16], 16, 64)
	must(t, err)
	return blocked&(1<<(n-1)) != 0
}

// Signals are blocked in a boot, so that none is lost when it is over, and end one
// that takes long all the same.
func TestASignalInABoot(t *testing.T) {
	later := fmt.Sprintf(`, "docker:wait_for_attach": "%d"`, time.Now().Add(time.Hour).UnixMilli())
	const ended = "WARN signal 15 (terminated) ended the boot\n"
	for _, tt := range []struct {
		behaviour, script, keys string
		status                  int
		log                     string
	}{
		{"ends one that waits", "exit 3", later, 143, ended},
		{"ends one that is about to become the command", "sleep 1000", "", 143, ended},
		{"is the command's where that becomes a child", "sleep 1000", `, "docker:init": true`, 143, "asked to stop: signal 15 (terminated) to the command, SIGKILL in 10s\n"},
	} {
		t.Run(tt.behaviour, func(t *testing.T) {
			sent := make(chan struct{})
			through := func(l net.Listener) net.Listener { return late{l, sent} }
			accept := sync.OnceFunc(func() { close(sent) })
			if tt.keys == later {
				accept()
			}
			z := newBootZoneOf(t, `"internal_metadata": {"docker:cmd": `+list("sh", "-c", tt.script)+tt.keys+"}", through)
			t.Cleanup(accept)
			z.streams("")
			e := z.bootWith("", func(pid int) {
				eventually(t, "it is dockerinit", func() bool { return strings.HasPrefix(proc(t, pid, "cmdline"), "dockerinit\x00") })
				eventually(t, "it has blocked its signals", func() bool { return blocks(t, pid, unix.SIGTERM) })
				if tt.keys == later {
					eventually(t, "it waits", func() bool {
						log, _ := os.ReadFile(z.root + "/var/log/sdc-dockerinit.log")
						return bytes.Contains(log, []byte("attach"))
					})
				}
				must(t, syscall.Kill(pid, unix.SIGTERM))
				accept()
			})
			// A boot that has taken long on a busy machine is ended as one that waits.
			if e.status != tt.status || !strings.Contains(e.log, tt.log) && !strings.Contains(e.log, ended) {
				t.Errorf("status %d, want %d, and %q in\n%s", e.status, tt.status, tt.log, e.log)
			}
		})
	}
}
