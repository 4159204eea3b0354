//go:build linux

package lx

import (
	"os/exec"
	"strings"
	"testing"
)

// What the keys that the C dockerinit does not know make of the container, and of
// a command that docker exec runs in it, as the two see it. The lines of the second
// are those of the first, but for what one of them alone is asked.
func TestKeysBeyondTheCProgram(t *testing.T) {
	const mounts = `while read -r id parent device root at options rest; do [ $at = $1 ] && echo "$at $options ${rest##*- }"; done </proc/self/mountinfo | sed 's/,relatime//; s/,inode64//'`
	for _, tt := range []struct {
		name, internal string
		script         string
		out            string
		alone          bool // docker exec finds it, or is not root's here
	}{
		{name: "docker:shmsize is the size of /dev/shm", internal: `"docker:shmsize": 65536`, alone: true,
			script: `set -- /dev/shm; ` + mounts + `; stat -c %a /dev/shm; head -c 70000 /dev/zero 2>/dev/null >/dev/shm/x || echo full; stat -c %s /dev/shm/x`,
			out:    "/dev/shm rw tmpfs shm rw,size=64k\n1777\nfull\n65536\n"},
		{name: "without it there is no limit", alone: true,
			script: `set -- /dev/shm; ` + mounts, out: "/dev/shm rw tmpfs shm rw\n"},
		{name: "docker:tmpfs over /dev/shm stands for it", internal: `"docker:shmsize": 65536, "docker:tmpfs": "{\"/dev/shm\": \"size=128k,mode=1777\"}"`, alone: true,
			script: `set -- /dev/shm; ` + mounts, out: "/dev/shm rw,nosuid,nodev,noexec tmpfs tmpfs rw,size=128k\n"},
		{name: "docker:tmpfs has Docker's options", internal: `"docker:tmpfs": "{\"/run\": \"\", \"/cache\": \"size=64k,mode=750,uid=1500,gid=1600,exec\"}"`, alone: true,
			script: `for d in /run /cache; do set -- $d; ` + mounts + `; done; stat -c '%n %a %u:%g' /run /cache; echo 'echo executed' >/cache/x; chmod +x /cache/x; /cache/x
head -c 70000 /dev/zero 2>/dev/null >/cache/y || echo full`,
			out: "/run rw,nosuid,nodev,noexec tmpfs tmpfs rw\n/cache rw,nosuid,nodev tmpfs tmpfs rw,size=64k,mode=750\n" +
				"/run 1777 0:0\n/cache 750 1500:1600\nexecuted\nfull\n"},
		{name: "docker:umask", internal: `"docker:umask": "0077"`, script: `umask; f=/tmp/$$; : >$f; mkdir $f.d; stat -c %a $f $f.d`, out: "0077\n600\n700\n"},
		{name: "without it 022", script: `umask`, out: "0022\n"},
		{name: "docker:group_add, to a user's own groups", alone: true, internal: `"docker:user": "web", "docker:group_add": "[\"4711\", \"extra\", \"1700\"]"`, script: `id -G`, out: "1600 1700 1800 4711\n"},
		{name: "to an explicit group", alone: true, internal: `"docker:user": "web:extra", "docker:group_add": "[\"logs\"]"`, script: `id -G`, out: "1800 1700\n"},
		{name: "to a user that is nowhere", alone: true, internal: `"docker:user": "4711", "docker:group_add": "[\"logs\"]"`, script: `id -u; id -G`, out: "4711\n0 1700\n"},
		{name: "docker:ulimits, each of them", internal: `"docker:ulimits": "[` + ulimits(
			"core 0 4096", "cpu 1000 2000", "data 1073741824 -1", "fsize 4096 8192", "locks 7 8", "memlock 65536 65536", "msgqueue 4096 4096", "nice 0 0", "nofile 64 128",
			"nproc 900 1000", "rss 4096 8192", "rtprio 0 0", "rttime 100000 -1", "sigpending 50 60", "stack 4194304 -1", "as 4294967296 -1") + `]"`,
			script: `sed -n 's/  */ /g; s/ [a-z]* *$//; s/ *$//; 2,$p' /proc/$$/limits`, out: `
Max cpu time 1000 2000
Max file size 4096 8192
Max data size 1073741824 unlimited
Max stack size 4194304 unlimited
Max core file size 0 4096
Max resident set 4096 8192
Max processes 900 1000
Max open files 64 128
Max locked memory 65536 65536
Max address space 4294967296 unlimited
Max file locks 7 8
Max pending signals 50 60
Max msgqueue size 4096 4096
Max nice priority 0 0
Max realtime priority 0 0
Max realtime timeout 100000 unlimited
`[1:]},
		{name: "P6 without it the limits are the zone's, not those of a Go program", script: `[ "$(ulimit -Sn)" = "$(sed -n 's/^Max open files  *\([0-9]*\).*/\1/p' /tmp/outside)" ] && echo same`, out: "same\n"},
		{name: "docker:stopsignal, where dockerinit stays", internal: `"docker:init": true, "docker:stopsignal": "SIGQUIT"`, alone: true,
			script: `trap 'echo quit; exit 0' QUIT; kill -TERM 1; while :; do sleep 0.01; done`, out: "quit\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			script := tt.script
			out := tt.out
			if !tt.alone {
				script += "\necho and again\nexec /sbin.zone/dockerexec sh -c \"$1\""
				out += "and again\n" + tt.out
			}
			z := newBootZone(t, strings.TrimPrefix(tt.internal+`, "docker:cmd": `+list("sh", "-c", script, "-", tt.script), ", "))
			z.write("etc/group", "web:x:1600:\nlogs:x:1700:web\nextra:x:1800:\n")
			z.write("tmp/outside", outsideLimits(t))
			z.program("dockerexec")
			z.streams("")
			e := z.boot("")
			if e.status != 0 || e.out != out || strings.Contains(e.log, " WARN ") {
				t.Errorf("status %d\n got\n%s\nwant\n%s\nstderr\n%s\n%s", e.status, e.out, out, e.err, e.log)
			}
		})
	}
}

// What nobody can do is told once, with the key, and does not stop the boot.
func TestKeysWithoutEffect(t *testing.T) {
	for _, tt := range []struct{ name, internal, more, want string }{
		{"keys of a dockerinit that stays, where it does not", `"docker:stopsignal": "INT", "docker:init_grace": 5`, "",
			"WARN validate: docker:init: not true, and so without effect: docker:stopsignal, docker:init_grace"},
		{"limits that only Linux has, in a native zone", `"docker:ulimits": "[` + ulimits("nproc 5 6", "nofile 64 64") + `]"`, `, "brand": "joyent-minimal"`,
			`WARN validate: docker:ulimits: limit 1 (nproc): not a limit of this platform; it is left out`},
		{"a size of what a native zone has not", `"docker:shmsize": 65536`, `, "brand": "joyent-minimal"`,
			`WARN validate: docker:shmsize "65536": without effect`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			z := newBootZone(t, tt.internal+`, "docker:cmd": `+list("true"), tt.more)
			z.streams("")
			e := z.boot("")
			if e.status != 0 || strings.Count(e.log, tt.want) != 1 || strings.Count(e.log, " WARN ") != 1 {
				t.Errorf("status %d, want one warning, %s\n%s", e.status, tt.want, e.log)
			}
		})
	}
}

// Each wrong value is told with its key and what it is, and what would be right.
func TestWrongValuesOfKeysBeyondTheCProgram(t *testing.T) {
	z := newBootZone(t, `"docker:shmsize": "64m", "docker:umask": "0888", "docker:group_add": "[\"nobdy\", 5]", "docker:stopsignal": "SIGFOO", "docker:init": true,
		"docker:tmpfs": "{\"run\": \"\", \"/proc\": \"\", \"/x\": \"size=much,sparkling\"}", "docker:cmd": `+list("true")+`,
		"docker:ulimits": "[`+ulimits("files 1 2", "nofile 9 8", "core -2 0")+`, {\"Name\":\"cpu\",\"Soft\":1}, {\"name\":\"cpu\",\"soft\":1,\"hard\":2}, 7]"`)
	z.streams("")
	e := z.boot("")
	for _, want := range []string{
		`docker:shmsize "64m": `, `docker:umask "0888": an octal number up to 0777 is expected`,
		`docker:group_add: element 2: a number`, `docker:stopsignal "SIGFOO": a signal's name or number is expected`,
		`docker:tmpfs: run: `, `docker:tmpfs: /proc: nothing is mounted under /proc`, `docker:tmpfs: /x "size=much": a number is expected`, `docker:tmpfs: /x "sparkling": not an option of a tmpfs`,
		`docker:ulimits: limit 1 (files): Name "files": no resource limit has this name`, `docker:ulimits: limit 2 (nofile): Soft "9": more than Hard, 8`,
		`docker:ulimits: limit 3 (core): Soft "-2": -1 (unlimited) or more is expected`, `docker:ulimits: limit 4 (cpu): Hard: missing`, `docker:ulimits: limit 6: a number`,
	} {
		if !strings.Contains(e.log, " ERROR "+want) {
			t.Errorf("no %s", want)
		}
	}
	if e.status != 125 || t.Failed() {
		t.Errorf("status %d\n%s", e.status, e.log)
	}
}

// ulimits are "name soft hard" as JSON within JSON.
func ulimits(all ...string) string {
	for i, l := range all {
		w := strings.Fields(l)
		all[i] = `{\"Name\":\"` + w[0] + `\",\"Soft\":` + w[1] + `,\"Hard\":` + w[2] + `}`
	}
	return strings.Join(all, ",")
}

// outsideLimits are the limits that a process of this machine has here: not this
// one, whose runtime has raised one of them.
func outsideLimits(t *testing.T) string {
	t.Helper()
	out, err := exec.Command("cat", "/proc/self/limits").Output()
	must(t, err)
	return string(out)
}
