//go:build linux && amd64

package abi

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"dockerinit/core/zone"
	"dockerinit/platform_fake/scenario"
)

// driver are the settings of a zone with a log driver.
func driver(config string, more map[string]any) map[string]any {
	all := map[string]any{"docker:logdriver": "syslog", "docker:logconfig": config, "docker:id": "4711"}
	for key, value := range more {
		all[key] = value
	}
	return all
}

// logger puts a script in the place of the log driver.
func (z *bootedZone) logger(text string) {
	z.t.Helper()
	z.write(z.native+"/lib/sdc/docker/logger", "#!"+zoneTools+"/busybox sh\nPATH=/bin\n"+text, 0o755)
}

// waitFor is a shell's wait for a file.
func waitFor(name string) string { return "while ! [ -e " + name + " ]; do sleep 0.01; done\n" }

// T7, T8: the command starts when the log driver has, and what it writes is read
// by the log driver as well as by the host.
func TestBootWithALogDriver(t *testing.T) {
	const logger = `
ls /proc/$$/fd >/tmp/open # 10 and up are the shell's own
standard=$(for n in 0 1 2; do readlink /proc/$$/fd/$n; done)
{
	echo "$0 $*, a child of $PPID in $(pwd), as $(id -u):$(id -g)"
	echo $(grep -v .. /tmp/open) are open, $standard
	tr '\0' '\n' </proc/$$/environ | grep -v ^DOCKERLOG_CMD
	: >/tmp/reading
	read first <&3; echo "$first"
	read second <&%d; echo "$second"
} >/tmp/telling
mv /tmp/telling /tmp/told
sleep 60
`
	for _, tt := range []struct {
		name    string
		brand   zone.Brand
		tty     bool
		links   string
		streams string // 3 and 4 in the logger
	}{
		{"joyent-minimal", zone.JoyentMinimal, false, "zfd 3 copies 1, which waits for it\nzfd 4 copies 2, which waits for it\n", "/dev/zfd/3 /dev/zfd/4"},
		{"lx", zone.LX, false, "zfd 3 copies 1, which waits for it\nzfd 4 copies 2, which waits for it\n", "/dev/zfd/3 /dev/zfd/4"},
		{"joyent-minimal, a terminal", zone.JoyentMinimal, true, "zfd 1 copies 0, which waits for it\n", "/dev/zfd/1 /dev/null"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			z := newZone(t, scenario.Scenario{Brand: tt.brand, Payload: internal(driver(`{"syslog-address":"secret"}`, map[string]any{
				"docker:workdir": "/srv", "docker:tty": tt.tty, "docker:user": "alice",
				"docker:cmd": script(waitFor("/tmp/reading") + "echo to the output; echo to the errors >&2;" + waitFor("/tmp/told")),
			}))})
			z.shell()
			second := 4
			if tt.tty {
				z.terminal()
				second = 3
			} else {
				z.streams()
			}
			z.logger(fmt.Sprintf(logger, second))
			e := z.boot()
			told, err := os.ReadFile(z.root + "/tmp/told")
			must(t, err)
			end := ""
			if tt.tty {
				end = "\r"
			}
			want := z.native + "/lib/sdc/docker/logger syslog, a child of 1 in /, as 0:0\n0 1 2 3 4 are open, /dev/null /dev/null /dev/null\n" + `
DOCKERLOG_CONFIG={"syslog-address":"secret"}
DOCKERLOG_CONTAINERID=4711
DOCKERLOG_CONTAINERNAME=web
DOCKERLOG_CREATETIME=2026-03-02T09:14:31.204Z
to the output`[1:] + end + "\nto the errors" + end + "\n"
			if string(told) != want {
				t.Errorf("the log driver\n got\n%s\nwant\n%s", told, want)
			}
			both := e.out[1] + e.out[2]
			if tt.tty {
				both = strings.ReplaceAll(e.out[0], "\r", "")
			}
			if both != "to the output\nto the errors\n" || e.status != 0 || strings.Contains(e.log, "secret") {
				t.Errorf("status %d, console %v\n%s", e.status, e.out, e.log)
			}
			// It is in init's contract, and what it or the command starts is in new ones.
			links := ""
			for line := range strings.Lines(e.model) {
				if strings.Contains(line, " copies ") {
					links += line
				}
				if rest, ok := strings.CutPrefix(line, "contract 1: "); ok {
					if want := "/bin/sh+template " + z.native + "/lib/sdc/docker/logger+template\n"; rest != want {
						t.Errorf("init's contract: %s, want %s", rest, want)
					}
				}
			}
			if links != tt.links {
				t.Errorf("links\n%s\nwant\n%s", links, tt.links)
			}
			for _, x := range e.execs {
				if strings.HasSuffix(x.path, "/logger") {
					if got := x.fds[3] + " " + x.fds[4]; strings.ReplaceAll(got, "zfd ", "/dev/zfd/") != strings.ReplaceAll(tt.streams, "/dev/null", "null") {
						t.Errorf("the log driver reads %s, want %s", got, tt.streams)
					}
				}
			}
			if t.Failed() {
				t.Log(e.model, e.log)
			}
		})
	}
}

// A command that writes more than anybody reads waits for its log driver, unless
// copies may be lost.
func TestAWriterAndItsLogDriver(t *testing.T) {
	for _, tt := range []struct {
		name, mode, want string
		patience         int // of the log driver, in hundredths of a second
	}{
		{"it waits", "blocking", "waited", 50},
		{"copies may be lost, and it does not wait", "non-blocking", "did not wait", 6000},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			z := newZone(t, scenario.Scenario{Brand: zone.JoyentMinimal, Payload: internal(driver(`{"mode":"`+tt.mode+`"}`, map[string]any{
				"docker:cmd": script("yes 0123456789abcdef | head -c 300000; if [ -e /tmp/reads ]; then echo waited; else echo did not wait; : >/tmp/written; fi >&2"),
			}))})
			z.shell()
			z.streams()
			z.logger(fmt.Sprintf("n=0; while ! [ -e /tmp/written ] && [ $n -lt %d ]; do sleep 0.01; n=$((n+1)); done\n", tt.patience) + ": >/tmp/reads; cat <&3 >/tmp/read & cat <&4 >/dev/null\n")
			begun := time.Now()
			e := z.boot()
			if e.status != 0 || len(e.out[1]) != 300000 || strings.TrimSpace(e.out[2]) != tt.want {
				t.Errorf("after %v: status %d, %d bytes, %q, want %q\n%s", time.Since(begun), e.status, len(e.out[1]), e.out[2], tt.want, e.log)
			}
			if flow := strings.Contains(e.model, "zfd 3 copies 1, which waits"); flow != (tt.mode == "blocking") {
				t.Error(e.model)
			}
		})
	}
}
