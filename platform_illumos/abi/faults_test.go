//go:build linux && amd64

package abi

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"dockerinit/core/zone"
	"dockerinit/platform_fake/scenario"
)

// Each call of a boot that can fail, failing: what the log tells, with which code,
// and whether the command runs all the same. Numbers of errors are illumos', of
// which those below 35 are Linux's too.
func TestEachCallFails(t *testing.T) {
	const (
		native = zone.JoyentMinimal
		lx     = zone.LX
		eperm  = ":1"
		enoent = ":2"
		eio    = ":5"
		enomem = ":12"
		ebusy  = ":16"
		lies   = ":-1" // does nothing and says that it has
	)
	const starting = `/lib/inet/ipmgmtd: start "/lib/inet/ipmgmtd": `
	logger := driver(`{}`, nil)
	tmpfs := map[string]any{"docker:tmpfs": map[string]string{"/run": "size=1m"}}
	volume := map[string]any{"docker:nfsvolumes": []map[string]string{{"nfsvolume": "10.0.0.9:/data", "mountpoint": "/data"}}}
	user := map[string]any{"docker:user": "alice"}
	tty := map[string]any{"docker:tty": true}
	for _, tt := range []struct {
		name     string
		brand    zone.Brand
		internal map[string]any
		faults   string // words
		setup    func(*bootedZone)
		code     int    // 0: the command runs
		log      string // a line's text
	}{
		{"the descriptor file system is not mounted", native, nil, "mount:1" + ebusy, nil, 40, "mounts: mount fd on /dev/fd: device busy"},
		{"/dev/shm is not mounted", lx, nil, "mount:1" + eperm, nil, 56, "mounts: mount tmpfs on /dev/shm (mode=1777): not owner"},
		{"a tmpfs is never read-only", native, map[string]any{"docker:tmpfs": map[string]string{"/run": "ro"}}, "", nil, 0, `"ro": not an option of this platform; it is left out`},
		{"a tmpfs has a page at least, and all there is at most", native, map[string]any{"docker:tmpfs": map[string]string{"/run": "size=0", "/srv": "size=101%", "/opt": "size=50%"}}, "", nil, 0,
			`"size=101%": not an option of this platform; it is left out`},
		{"a tmpfs is not mounted", native, tmpfs, "mount:2" + enomem, nil, 68, "mounts: mount tmpfs on /run (noexec,nosuid,nodev,size=1m): not enough space"},

		{"a tmpfs is not given to its owner", native, map[string]any{"docker:tmpfs": map[string]string{"/run": "uid=33"}}, "libc.lchown:1" + eio, nil, 68,
			"mounts: mount tmpfs on /run (noexec,nosuid,nodev,uid=33): give it to 33:-1: I/O error"},
		{"no template", native, nil, "contract_open:1" + enoent, nil, 55, starting + "open /system/contract/process/template: no such file or directory"},
		{"a term of a template is refused", native, nil, "contract_set:3" + eperm, nil, 55,
			starting + "/system/contract/process/template: set fatal events: not owner"},
		{"the service of a template is refused, which a zone may lack the privilege for", native, nil, "contract_set:5" + eperm, nil, 0, ""},
		{"a template is not activated", native, nil, "contract_activate:1" + enomem, nil, 55,
			starting + "/system/contract/process/template: activate: not enough space"},
		{"a template is not cleared", native, nil, "contract_clear:1" + eio, nil, 0,
			`WARN exec: after the start of "/lib/inet/ipmgmtd": /system/contract/process/template: clear: I/O error`},
		{"no template for what the log driver starts", native, logger, "contract_activate:2" + enomem, nil, 55,
			`logger: start the log driver "syslog": execute "/lib/sdc/docker/logger": /system/contract/process/template: activate: not enough space`},
		{"no template for what the command starts", native, logger, "contract_activate:3" + enomem, nil, 55,
			`exec: "/bin/sh" with 2 arguments as 0:0 in /: execute "/bin/sh": /system/contract/process/template: activate: not enough space`},

		{"no fork", native, nil, "forkx:1" + enomem, nil, 4, starting + "not enough space"},
		{"no fork for the log driver", native, logger, "forkx:2" + enomem, nil, 4, `logger: start the log driver "syslog": start "/lib/sdc/docker/logger": not enough space`},
		{"no exec of the shim", native, nil, "execve:1" + enoent, nil, 4, starting + "no such file or directory"},
		{"no exec of ipmgmtd", native, nil, "execve:2" + enoent, nil, 39, `execute "/lib/inet/ipmgmtd": no such file or directory`},
		{"no exec of the log driver", native, logger, "execve:4" + enoent, nil, 3, `logger: start the log driver "syslog": execute "/lib/sdc/docker/logger": no such file or directory`},
		{"no exec of the command", native, nil, "execve:3" + enoent, nil, 3, `exec: "/bin/sh" with 2 arguments as 0:0 in /: execute "/bin/sh": no such file or directory`},
		{"the log driver is not there", native, logger, "", func(z *bootedZone) { must(z.t, os.Remove(z.root+"/lib/sdc/docker/logger")) }, 3,
			`logger: start the log driver "syslog": execute "/lib/sdc/docker/logger": no such file or directory`},
		{"no pipe", native, nil, "libc.pipe2:1:24", nil, 39, "/lib/inet/ipmgmtd: pipe2: too many open files"},
		{"a child that cannot be waited for", native, nil, "libc.wait4:1:10", nil, 39, "not a child of this one: no child processes"},
		{"a wait that is interrupted, and one that fails", native, nil, "libc.wait4:1:4 libc.wait4:2:22", nil, 39, "invalid argument"},
		{"/dev/null is not a device", native, nil, "", func(z *bootedZone) { z.null = "" }, 4, starting + "/dev/null for descriptor 0: not a device"},
		{"/dev/null gives something", native, nil, "", func(z *bootedZone) { z.null = "/dev/zero" }, 4, starting + "/dev/null for descriptor 0: a device that can be read from"},

		{"no list of descriptors", native, nil, "libc.getdents:0" + eio, nil, 0, ""},
		{"nor a limit of them", native, nil, "libc.getdents:0" + eio + " libc.getrlimit:4:22", nil, 42, `exec: "/bin/sh" with 2 arguments as 0:0 in /: close descriptors from 3 on: invalid argument`},
		{"a signal does not get its default", native, nil, "default_HUP:3" + enomem, nil, 1, "set signals to their defaults: signal 1: not enough space"},
		{"a list of descriptors that is something else's", lx, nil, "", func(z *bootedZone) {
			must(z.t, os.MkdirAll(z.root+"/tmp/proc/self/fd", 0o755))
			z.proc = "/tmp/proc"
		}, 0, ""},
		{"a list of descriptors with an odd entry", lx, nil, "", func(z *bootedZone) {
			must(z.t, os.MkdirAll(z.root+"/tmp/proc/self/fd/x", 0o755))
			for fd := range 64 {
				must(z.t, os.Mkdir(fmt.Sprintf("%s/tmp/proc/self/fd/%d", z.root, fd), 0o755))
			}
			z.proc = "/tmp/proc"
		}, 0, ""},
		{"the host is slow to take the connection", native, nil, "libc.__xnet_connect:1:150", nil, 0, ""},
		{"and longer", native, nil, "libc.__xnet_connect:1:150 libc.poll:1" + lies, nil, 0, ""},
		{"and does not take it", native, nil, "libc.__xnet_connect:1:150 SO_ERROR:1:146", nil, 0, ""},
		{"a connection cannot be waited for", native, nil, "libc.__xnet_connect:1:150 libc.poll:1:22", nil, 0, ""},
		{"who serves the metadata is not known at first", native, nil, "libc.getpeerucred:1" + eio, nil, 0, ""},
		{"no socket at first", native, nil, "libc.__xnet_socket:1" + enomem, nil, 0, ""},

		{"the host name is not set", native, nil, "sethostname:1" + eperm, nil, 0, `WARN hostname: set the hostname "web0": sethostname: not owner`},

		{"a console's device is not opened", native, nil, "open_zfd:1" + eio, nil, 51, "console: open the console: three streams, stdin empty: open /dev/zfd/1: I/O error"},
		{"opening a console's device is interrupted", native, nil, "open_zfd:1:4", nil, 0, ""},
		{"no link to a copy", native, logger, "ZFD_MUX:1" + eio, nil, 53, `logger: start the log driver "syslog": make /dev/zfd/3 a copy of /dev/zfd/1: I/O error`},
		{"no link to the second copy", native, logger, "ZFD_MUX:2" + eio, nil, 53, `logger: start the log driver "syslog": make /dev/zfd/4 a copy of /dev/zfd/2: I/O error`},
		{"no flow control", native, logger, "ZFD_MUX_FLOWCON:1" + eio, nil, 53, `logger: start the log driver "syslog": let /dev/zfd/1 wait for /dev/zfd/3: I/O error`},
		{"a device for copies is not opened", native, logger, "open_zfd:3" + eio, nil, 51, `logger: start the log driver "syslog": open /dev/zfd/3: I/O error`},
		{"a terminal's copy is not opened", native, driver("{}", tty), "open_zfd:2" + eio, (*bootedZone).terminal, 51, `logger: start the log driver "syslog": open /dev/zfd/1: I/O error`},
		{"nothing in place of a terminal's other copy", native, driver("{}", tty), "open_null:5:24", (*bootedZone).terminal, 18, `logger: start the log driver "syslog": /dev/null: too many open files`},
		{"no session", native, nil, "libc.setsid:2" + eperm, nil, 19, "a session of its own: not owner"},
		{"no controlling terminal", native, tty, "TIOCSCTTY:1" + eio, (*bootedZone).terminal, 19, "descriptor 0 as the controlling terminal: I/O error"},
		{"the terminal says that it is none", native, tty, "TIOCSCTTY:1:25 TIOCSCTTY:2:25 TIOCSCTTY:3:25", (*bootedZone).terminal, 0, ""},
		{"not in the terminal's foreground", native, tty, "TIOCSPGRP:1" + eio, (*bootedZone).terminal, 19, "the terminal's foreground: I/O error"},
		{"the process's group is not known", native, tty, "libc.getpgrp:1" + eperm, (*bootedZone).terminal, 19, "the terminal's foreground: not owner"},
		{"a stream is not given to the user", native, user, "libc.fchown:1" + eio, nil, 19, "give descriptor 1 to 1000: I/O error"},
		{"a stream on a read-only file system is not given to the user", native, user, "libc.fchown:1:30", nil, 0, ""},

		{"the groups are not set", native, user, "setgroups:2" + eperm, nil, 6, "set the 3 groups of 1000:1000 groups 4,50: not owner"},
		{"the group is not set", native, user, "setgid:2" + eperm, nil, 23, "set the group to 1000: not owner"},
		{"the user is not set", native, user, "setuid:2" + eperm, nil, 24, "set the user to 1000: not owner"},
		{"the groups are not those asked for", native, user, "libc.setgroups:2" + lies, nil, 67, "the process is 1000:1000 with groups [] after it was set to 1000:1000 groups 4,50"},
		{"the group is not the one asked for", native, user, "libc.setgid:2" + lies, nil, 67, "the process is 1000:0 with groups [4 50 1000] after it was set to 1000:1000 groups 4,50"},
		{"the user is not the one asked for", native, user, "libc.setuid:2" + lies, nil, 67, "the process is 0:1000 with groups [4 50 1000] after it was set to 1000:1000 groups 4,50"},
		{"root can be had again", native, user, "libc.setuid:3" + lies, nil, 67, "the process could become root again after it was set to 1000:1000 groups 4,50"},
		{"the groups cannot be read", native, user, "libc.getgroups:5" + eperm, nil, 67, "read the process's ids: not owner"},

		{"the working directory cannot be entered", native, nil, "libc.chdir:2" + eio, nil, 2, `working directory "/": I/O error`},
		{"root may not enter the working directory, and the user may", native, user, "libc.chdir:2" + eperm, nil, 0, ""},
		{"neither root nor the user may enter the working directory", native, user, "libc.chdir:2" + eperm + " libc.chdir:3" + eperm, nil, 2,
			`working directory "/": neither root nor 1000:1000 groups 4,50 may enter it: not owner`},
		{"the working directory has no name", native, nil, "libc.getcwd:4" + enoent, nil, 2, `working directory "/": lies nowhere in the zone: no such file or directory`},
		{"a limit is not set", native, map[string]any{"docker:ulimits": []map[string]any{{"Name": "core", "Soft": 0, "Hard": 0}}}, "libc.setrlimit:1" + eperm, nil, 66, "limit core=0:0: not owner"},
		{"limits that illumos does not have", native, map[string]any{"docker:ulimits": []map[string]any{{"Name": "nproc", "Soft": 9, "Hard": 9}, {"Name": "core", "Soft": 0, "Hard": -1}}},
			"", nil, 0, "WARN validate: docker:ulimits: limit 1 (nproc): not a limit of this platform; it is left out"},
		{"one that only Linux has", lx, map[string]any{"docker:ulimits": []map[string]any{{"Name": "nproc", "Soft": 9, "Hard": 9}}},
			"", nil, 0, "WARN exec: limit nproc: illumos has none of that name"},
		{"mount options that are too long", native, map[string]any{"docker:tmpfs": map[string]string{"/run": "size=1m," + strings.Repeat("noexec,", 160) + "rw"}}, "", nil, 68, "options of 1"},
		{"a timer does not stop", native, nil, "libc.setitimer:4" + eperm, nil, 1, "set signals to their defaults: timer 0: not owner"},

		{"a volume is not mounted", lx, volume, "mount_nfs:1:32", nil, 58,
			"volumes: mount 10.0.0.9:/data on /data: nfs mount: 10.0.0.9:/data: RPC: Rpcbind failure - RPC: Timed out (status 32)"},
		{"the helper for volumes is not there", lx, volume, "", func(z *bootedZone) { must(z.t, os.Remove(z.root+"/native/usr/lib/fs/nfs/mount")) }, 58,
			"volumes: mount 10.0.0.9:/data on /data: only /native/usr/lib/fs/nfs/mount can mount NFS: stat /native/usr/lib/fs/nfs/mount: no such file or directory"},
		{"the helper for volumes is no program", lx, volume, "", func(z *bootedZone) {
			must(z.t, os.Remove(z.root+"/native/usr/lib/fs/nfs/mount"))
			must(z.t, os.Mkdir(z.root+"/native/usr/lib/fs/nfs/mount", 0o755))
		}, 58, "volumes: mount 10.0.0.9:/data on /data: /native/usr/lib/fs/nfs/mount: not a program"},
		{"the helper for volumes is not executed", lx, volume, "execve:4" + enoent, nil, 58, `/native/usr/lib/fs/nfs/mount: execute "/native/usr/lib/fs/nfs/mount": no such file or directory`},
		{"the helper for volumes says nothing", lx, volume, "", func(z *bootedZone) { z.helper("exit 9") }, 58, "/native/usr/lib/fs/nfs/mount: ended with status 9 and no word"},
		{"the helper for volumes hangs", lx, volume, "", func(z *bootedZone) { z.helper("echo trying; sleep 300") }, 58,
			"/native/usr/lib/fs/nfs/mount: no end after 1m0s: killed; it said: trying"},
		{"the helper for volumes cannot be waited for", lx, volume, "libc.wait4:2:10", nil, 58, "/native/usr/lib/fs/nfs/mount: wait for process"},
		{"no lock daemon", lx, volume, "brandsys:1" + enomem, nil, 0, "WARN volumes: start the NFS lock daemon: not enough space: file locks on NFS volumes may fail"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			all := map[string]any{"docker:cmd": script("echo up")}
			for key, value := range tt.internal {
				all[key] = value
			}
			z := newZone(t, scenario.Scenario{Brand: tt.brand, Payload: internal(all)})
			if tt.setup != nil {
				tt.setup(z)
			}
			for fault := range strings.FieldsSeq(tt.faults) {
				z.set("fault=" + fault)
			}
			z.bootFailing(tt.code, tt.log)
		})
	}
}

// bootFailing boots a zone whose command says that it is up: the log has a line
// with this text, and the boot ends with the code if that is not 0.
func (z *bootedZone) bootFailing(code int, log string) {
	z.t.Helper()
	z.shell()
	if z.tty == "" {
		z.streams()
	}
	e := z.boot()
	out := strings.ReplaceAll(e.out[0]+e.out[1], "\r", "")
	switch fatal := fmt.Sprintf("FATAL (code: %d): ", code); {
	case code == 0 && (e.status != 0 || out != "up\n"):
		z.t.Errorf("status %d, console %v: the command has not run", e.status, e.out)
	case code != 0 && (e.status != 125 && !(code == 3 && e.status == 127) || !strings.Contains(e.log, fatal)):
		z.t.Errorf("status %d, and not %s", e.status, fatal)
	}
	if !strings.Contains(e.log, log) {
		z.t.Errorf("the log has no %s", log)
	}
	if strings.Contains("\n"+e.model, "\nfault ") {
		z.t.Error("the fault has not come up")
	}
	if z.t.Failed() {
		z.t.Log(e.log + e.model)
	}
}
