//go:build linux && amd64

package abi

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"dockerinit/core/zone"
	"dockerinit/platform_fake/need"
	"dockerinit/platform_fake/scenario"
)

// run runs an illumos program in a zone that has booted, as zlogin does.
func (z *bootedZone) run(program string, args ...string) (out, err string, status int) {
	z.t.Helper()
	return z.runAs(0, program, args...)
}

func (z *bootedZone) runAs(uid int, program string, args ...string) (out, err string, status int) {
	z.t.Helper()
	nsenter := need.Program(z.t, "nsenter", "util-linux")
	id := strconv.Itoa(uid)
	pid := []string{"--all", "--root", "--wd", "--target", z.initPid(), "--setuid", id, "--setgid", id}
	c := exec.CommandContext(z.t.Context(), nsenter, append(append(pid, zoneTools+"/loader", z.native+"/usr/vm/sbin/"+program), args...)...)
	c.Env = []string{"PATH=/usr/bin:/bin", "HOME=/", "TERM=vt100"}
	var stdout, stderr bytes.Buffer
	c.Stdout, c.Stderr = &stdout, &stderr
	failed := c.Run()
	if _, exited := errors.AsType[*exec.ExitError](failed); failed != nil && !exited {
		z.t.Fatal(failed)
	}
	return stdout.String(), stderr.String(), c.ProcessState.ExitCode()
}

// until waits for a file of the zone.
func (z *bootedZone) until(name string) {
	z.t.Helper()
	for deadline := time.Now().Add(limit); ; time.Sleep(time.Millisecond) {
		if _, err := os.Lstat(z.root + name); err == nil {
			return
		}
		if time.Now().After(deadline) {
			z.t.Fatalf("%s: not there after %s", name, limit)
		}
	}
}

// One zone of each brand, and what is done in it while its command runs.
func TestProgramsInARunningZone(t *testing.T) {
	type call struct {
		name, program string
		args          []string
		status        int
		out           string
		log           string // the end of what is said on standard error, its times left out
	}
	calls := []call{
		{"the container's user, environment and directory", "dockerexec", script(`id -u; id -G; pwd; echo "$A $HOME $TERM"; umask`), 0,
			"1000\n1000 4 50\n/srv\n1 /home/alice xterm\n0022\n", "EXEC\n"},
		{"its status is the command's", "dockerexec", script("exit 5"), 5, "", "EXEC\n"},
		{"its errors are the command's", "dockerexec", script("echo x >&2"), 0, "", "EXEC\nx\n"},
		{"another user, directory and environment", "dockerexec",
			append([]string{"--user", "33:33", "--workdir", "/tmp", "--env", "A=2", "--"}, script(`id -u; id -G; pwd; echo $A`)...), 0, "33\n33\n/tmp\n2\n", "EXEC\n"},
		{"a command that is not there", "dockerexec", []string{"nonesuch"}, 127, "", `FATAL (code: 17): "nonesuch": not found in any of the 6 directories of PATH` + "\n"},
		{"a user who is not there", "dockerexec", []string{"--user", "nobdy", "sh"}, 125, "", `FATAL (code: 29): --user "nobdy": no such user in /etc/passwd` + "\n"},
		{"a directory that is not there", "dockerexec", []string{"--workdir", "/none", "sh"}, 125, "", `FATAL (code: 2): working directory "/none": stat /none: no such file or directory` + "\n"},
		{"metadata is read", "mdata", []string{"get", "sdc:hostname"}, 0, "web0\n", ""},
		{"metadata is written", "mdata", []string{"put", "colour", "red"}, 0, "", ""},
		{"and read again", "mdata", []string{"get", "colour"}, 0, "red\n", ""},
		{"and listed", "mdata", []string{"list"}, 0, "colour\ndocker:cmd\ndocker:env\ndocker:user\ndocker:workdir\ndocker:id\n", ""},
		{"and deleted", "mdata", []string{"delete", "colour"}, 0, "", ""},
		{"a key that is not there", "mdata", []string{"get", "colour"}, 1, "", "mdata: no metadata for \"colour\"\n"},
		{"dockerinit is for the first process alone", "dockerinit", nil, 125, "", "nothing was done; dockerinit-fake boots a zone on any machine\n"},
	}
	for _, brand := range []zone.Brand{zone.JoyentMinimal, zone.LX} {
		t.Run(string(brand), func(t *testing.T) {
			t.Parallel()
			z := newZone(t, scenario.Scenario{Brand: brand, Payload: internal(map[string]any{
				"docker:cmd": script(": >/tmp/up; " + waitFor("/tmp/down")), "docker:user": "alice", "docker:workdir": "/srv", "docker:env": []string{"A=1"},
			})})
			z.shell()
			z.streams()
			z.start()
			z.until("/tmp/up")
			for _, tt := range calls {
				out, said, status := z.run(tt.program, tt.args...)
				var log strings.Builder
				for line := range strings.Lines(said) {
					if m := scenario.Line.FindStringSubmatch(strings.TrimSuffix(line, "\n")); m != nil {
						line = m[2] + "\n"
					}
					log.WriteString(line)
				}
				same := log.String() == tt.log || tt.program == "mdata" || tt.program == "dockerinit" && strings.HasSuffix(log.String(), tt.log)
				if out != tt.out || status != tt.status || !same {
					t.Errorf("%s: status %d, want %d\n got %q\nwant %q\n got %q\nwant %q", tt.name, status, tt.status, out, tt.out, log.String(), tt.log)
				}
			}
			if out, said, status := z.runAs(1000, "dockerexec", "true"); status != 125 || !strings.Contains(said, "FATAL (code: 9): ") || !strings.HasSuffix(said, ": permission denied\n") {
				t.Errorf("by a user: status %d, stdout %q, stderr %q", status, out, said)
			}
			z.write("tmp/down", "", 0o644)
			if e := z.wait(); e.status != 0 {
				t.Errorf("status %d\n%s", e.status, e.log)
			}
		})
	}
}
