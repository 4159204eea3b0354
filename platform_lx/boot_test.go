//go:build linux

package lx

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// lookAround is a command that tells its own state, as PID 1.
const lookAround = `
echo "pid $$ in session $(cut -d ' ' -f 6 /proc/$$/stat), terminal $(cut -d ' ' -f 7 /proc/$$/stat)"
grep -e ^Uid -e ^Gid -e ^Groups -e ^SigBlk -e ^SigIgn -e ^CapEff /proc/$$/status | tr '\t' ' ' | sed 's/ $//'
echo "umask $(umask), in $(pwd), on $(uname -n), core $(ulimit -c)"
ls /proc/$$/fd
for n in 0 1 2; do echo "$n $(readlink /proc/$$/fd/$n)"; done
tr '\0' '\n' </proc/$$/environ
read line; echo "read $line"
echo "mounted $(grep -c ' /dev/shm rw.*tmpfs.*size=1024k' /proc/self/mountinfo)"
echo "loopback $(grep -c '127.0.0.1$' /proc/net/fib_trie) $(cut -d ' ' -f 1 /proc/net/if_inet6)"
echo "to the errors" >&2
exit 7
`

// The real dockerinit boots a zone on a real kernel, from its first instruction
// to the command's last.
func TestBoot(t *testing.T) {
	z := newBootZone(t, `"docker:entrypoint": `+list("sh", "-c")+`, "docker:cmd": `+list(lookAround)+`, "docker:env": `+list("GREETING=hello")+`,
		"docker:user": "web", "docker:workdir": "/srv/web", "docker:umask": "027", "docker:open_stdin": true,
		"docker:ulimits": "[{\"Name\":\"core\",\"Soft\":0,\"Hard\":0}]", "docker:shmsize": "1048576"`)
	z.streams("a line\n")
	e := z.boot("")
	want := `
pid 1 in session 1, terminal 0
Uid: 1500 1500 1500 1500
Gid: 1600 1600 1600 1600
Groups: 1600 1700
SigBlk: 0000000000000000
SigIgn: 0000000000000000
CapEff: 0000000000000000
umask 0027, in /srv/web, on web0, core 0
0
1
2
0 /dev/zfd/0
1 /dev/zfd/1
2 /dev/zfd/2
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
HOME=/srv/web
HOSTNAME=web0
TERM=xterm
GREETING=hello
read a line
mounted 1
loopback 2 00000000000000000000000000000001
`[1:]
	if e.out != want || e.err != "to the errors\n" || e.status != 7 {
		t.Errorf("status %d, stderr %q\n got\n%s\nwant\n%s", e.status, e.err, e.out, want)
	}
	if want := ` EXEC "/usr/bin/sh" with 2 arguments as 1500:1600 groups 1700 in /srv/web`; !strings.HasSuffix(e.log, want+"\n") &&
		!strings.HasSuffix(e.log, strings.Replace(want, "/usr", "", 1)+"\n") {
		t.Errorf("the log does not end with%s\n%s", want, e.log)
	}
	if regexp.MustCompile(` (WARN|ERROR|FATAL) `).MatchString(e.log) {
		t.Errorf("the log\n%s", e.log)
	}
	log, err := os.Stat(z.root + "/var/log/sdc-dockerinit.log")
	must(t, err)
	mtab, err := os.Readlink(z.root + "/etc/mtab")
	must(t, err)
	got := fmt.Sprintf("marker %s, log %s, /var/log %s, /etc/mtab %s", z.files("var/svc"), log.Mode(), z.files("var/log"), mtab)
	if want := "marker provision_success, log -rw-------, /var/log sdc-dockerinit.log, /etc/mtab /proc/mounts"; got != want {
		t.Errorf("\n got %s\nwant %s", got, want)
	}
}

func TestBootAtATerminal(t *testing.T) {
	const script = `
for n in 0 1 2; do [ -t $n ] && echo "$n $(readlink /proc/$$/fd/$n)"; done
set -- $(cut -d ')' -f 2 /proc/$$/stat)
echo "session $4, terminal $([ $5 != 0 ] && echo its own), foreground $6"
stty size
read line && echo "read $line"`
	z := newBootZone(t, `"docker:tty": true, "docker:cmd": `+list("sh", "-c", script))
	z.write("dev/zfd/0", "") // the terminal comes over it
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	must(t, err)
	defer master.Close()
	must(t, unix.IoctlSetPointerInt(int(master.Fd()), unix.TIOCSPTLCK, 0))
	must(t, unix.IoctlSetWinsize(int(master.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Row: 33, Col: 99}))
	number, err := unix.IoctlGetUint32(int(master.Fd()), unix.TIOCGPTN)
	must(t, err)
	// Held open, it keeps what was written when the zone has ended.
	slave, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|unix.O_NOCTTY, 0)
	must(t, err)
	defer slave.Close()
	_, err = master.WriteString("typed\n")
	must(t, err)
	e := z.boot(slave.Name())
	want := "typed\r\n0 /dev/zfd/0\r\n1 /dev/zfd/0\r\n2 /dev/zfd/0\r\nsession 1, terminal its own, foreground 1\r\n33 99\r\nread typed\r\n"
	_, err = slave.WriteString("end")
	must(t, err)
	want += "end"
	if got := readUntil(t, master, "end"); got != want || e.status != 0 || strings.Contains(e.log, " WARN ") {
		t.Errorf("status %d\n got %q\nwant %q\n%s", e.status, got, want, e.log)
	}
}

// T7, T8: the command starts when the log driver has.
func TestBootWithALogDriver(t *testing.T) {
	z := newBootZone(t, `"docker:logdriver": "syslog", "docker:logconfig": "{\"syslog-address\":\"secret\"}", "docker:id": "4711",
		"docker:cmd": `+list("sh", "-c", "while ! [ -e /tmp/told ]; do sleep 0.01; done; cat /tmp/told"))
	z.streams("")
	for n, copied := range map[int]string{3: "of stdout\n", 4: "of stderr\n"} {
		_, err := fifo(t, fmt.Sprintf("%s/dev/zfd/%d", z.root, n)).WriteString(copied)
		must(t, err)
	}
	must(t, os.MkdirAll(z.root+"/native/lib/sdc/docker", 0o755))
	z.write("native/lib/sdc/docker/logger", `#!/bin/sh
ls /proc/$$/fd >/tmp/open # 10 and up are the shell's own
standard=$(for n in 0 1 2; do readlink /proc/$$/fd/$n; done)
{
	echo "$0 $*, a child of $PPID"
	head -n 1 <&3
	head -n 1 <&4
	echo $(grep -v .. /tmp/open) are open, $standard
	tr '\0' '\n' </proc/$$/environ | grep -v ^DOCKERLOG_CMD
} >/tmp/telling
mv /tmp/telling /tmp/told
sleep 60
`)
	must(t, os.Chmod(z.root+"/native/lib/sdc/docker/logger", 0o755))
	e := z.boot("")
	want := `
/native/lib/sdc/docker/logger syslog, a child of 1
of stdout
of stderr
0 1 2 3 4 are open, /dev/null /dev/null /dev/null
DOCKERLOG_CONFIG={"syslog-address":"secret"}
DOCKERLOG_CONTAINERID=4711
DOCKERLOG_CREATETIME=2000-01-01T00:00:00.000Z
`[1:]
	if e.out != want || e.err != "" || e.status != 0 || strings.Contains(e.log, "secret") {
		t.Errorf("status %d, stderr %q\n got\n%s\nwant\n%s\n%s", e.status, e.err, e.out, want, e.log)
	}
}
