//go:build linux && amd64

package abi

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"dockerinit/core/zone"
	"dockerinit/platform_fake/scenario"
)

// lookAround is a command that tells its own state, as PID 1.
const lookAround = `
echo "pid $$ in session $(cut -d ' ' -f 6 /proc/$$/stat), terminal $(cut -d ' ' -f 7 /proc/$$/stat)"
grep -e ^Uid -e ^Gid -e ^Groups -e ^SigBlk -e ^CapEff /proc/$$/status | tr '\t' ' ' | sed 's/ $//'
echo "umask $(umask), in $(pwd), on $(uname -n), core $(ulimit -c)"
for n in 0 1 2; do echo "$n $(readlink /proc/$$/fd/$n)"; done
tr '\0' '\n' </proc/$$/environ
read line; echo "read $line"
echo "mounted $(grep -c ' /dev/shm rw.*tmpfs.*size=1024k' /proc/self/mountinfo)"
ls -ldn /srv/cache /srv/free | sed 's/  */ /g' | cut -d ' ' -f 1,3,4
echo "to the errors" >&2
exit 7
`

// shell gives the zone a shell, and tools by their names.
func (z *bootedZone) shell() {
	z.t.Helper()
	must(z.t, os.MkdirAll(z.root+"/bin", 0o755))
	for name := range strings.FieldsSeq("sh cat cut echo grep head id ls mv printf readlink sed sleep stty tr uname wc yes") {
		must(z.t, os.Symlink(zoneTools+"/busybox", filepath.Join(z.root, "bin", name)))
	}
}

// internal is a payload of internal_metadata alone.
func internal(all map[string]any) string {
	text, err := json.Marshal(map[string]any{"internal_metadata": all})
	if err != nil {
		panic(err)
	}
	return string(text)
}

// script is a shell's command.
func script(text string) []string { return []string{"sh", "-c", text} }

// The real dockerinit boots a zone of each brand, from its first instruction to
// the command's last.
func TestBoot(t *testing.T) {
	for _, brand := range []zone.Brand{zone.JoyentMinimal, zone.LX} {
		t.Run(string(brand), func(t *testing.T) {
			t.Parallel()
			z := newZone(t, scenario.Scenario{Brand: brand, Payload: internal(map[string]any{
				"docker:entrypoint": script(lookAround), "docker:cmd": nil, "docker:env": []string{"GREETING=hello"},
				"docker:user": "alice", "docker:workdir": "/home/alice/web", "docker:umask": "027", "docker:open_stdin": true,
				"docker:ulimits": json.RawMessage(`[{"Name":"core","Soft":0,"Hard":0}]`), "docker:shmsize": "1048576",
				"docker:tmpfs": map[string]string{"/srv/cache": "uid=33,gid=34,mode=750,size=1m", "/srv/free": ""},
			})})
			z.shell()
			z.streams()
			z.console.write(0, "a line\n")
			e := z.boot()
			want := `
pid 1 in session 1, terminal 0
Uid: 1000 1000 1000 1000
Gid: 1000 1000 1000 1000
Groups: 4 50 1000
SigBlk: 0000000000000000
CapEff: 0000000000000000
umask 0027, in /home/alice/web, on web0, core 0
0 /dev/zfd/0
1 /dev/zfd/1
2 /dev/zfd/2
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
HOME=/home/alice
HOSTNAME=web0
TERM=xterm
GREETING=hello
read a line
mounted 1
drwxr-x--- 33 34
drwxrwxrwt 0 0
`[1:]
			if brand == zone.JoyentMinimal {
				want = strings.Replace(want, "mounted 1", "mounted 0", 1)
			}
			if e.out[1] != want || e.out[2] != "to the errors\n" || e.status != 7 {
				t.Errorf("status %d, stderr %q\n got\n%s\nwant\n%s\n%s", e.status, e.out[2], e.out[1], want, e.log)
			}
			// A shell has its own idea of what to ignore.
			if x := e.execs[len(e.execs)-1]; x.lines["blocked"] != "0 not default 0" {
				t.Errorf("signals that are blocked: %s", x.lines["blocked"])
			}
			if want := ` EXEC "/bin/sh" with 2 arguments as 1000:1000 groups 4,50 in /home/alice/web`; !strings.HasSuffix(e.log, want+"\n") {
				t.Errorf("the log does not end with%s\n%s", want, e.log)
			}
			if regexp.MustCompile(` (WARN|ERROR|FATAL) `).MatchString(e.log) && !strings.Contains(e.log, "shmsize") {
				t.Errorf("the log\n%s", e.log)
			}
		})
	}
}

// The kernel takes a host name up to its 0, and nothing of what lies behind it.
func TestHostname(t *testing.T) {
	for _, length := range []int{1, 8, 16, 32, 48, 64} {
		name := strings.Repeat("n", length)
		z := newZone(t, scenario.Scenario{Brand: zone.JoyentMinimal, Payload: fmt.Sprintf(`{"hostname": %q, "internal_metadata": {"docker:cmd": "[\"sh\",\"-c\",\"uname -n\"]"}}`, name)})
		z.shell()
		z.streams()
		if e := z.boot(); e.out[1] != name+"\n" || e.status != 0 {
			t.Errorf("status %d, got %q, want %q\n%s", e.status, e.out[1], name, e.log)
		}
	}
}

func TestBootAtATerminal(t *testing.T) {
	const text = `
for n in 0 1 2; do [ -t $n ] && echo "$n $(readlink /proc/$$/fd/$n)"; done
set -- $(cut -d ')' -f 2 /proc/$$/stat)
echo "session $4, terminal $([ $5 != 0 ] && echo its own), foreground $6"
stty size
read line && echo "read $line"`
	for _, brand := range []zone.Brand{zone.JoyentMinimal, zone.LX} {
		t.Run(string(brand), func(t *testing.T) {
			t.Parallel()
			z := newZone(t, scenario.Scenario{Brand: brand, Payload: internal(map[string]any{"docker:tty": true, "docker:cmd": script(text)})})
			z.shell()
			z.terminal()
			z.console.write(0, "typed\n")
			e := z.boot()
			want := "typed\r\n0 /dev/zfd/0\r\n1 /dev/zfd/0\r\n2 /dev/zfd/0\r\nsession 1, terminal its own, foreground 1\r\n33 99\r\nread typed\r\n"
			if e.out[0] != want || e.status != 0 || strings.Contains(e.log, " WARN ") {
				t.Errorf("status %d\n got %q\nwant %q\n%s", e.status, e.out[0], want, e.log)
			}
		})
	}
}
