//go:build linux && amd64

package abi

import (
	"os"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"dockerinit/core/zone"
	"dockerinit/platform_fake/scenario"
)

// What the console does with devices that are late, odd or not there.
func TestConsoleDevices(t *testing.T) {
	streams := func(all ...int) func(*bootedZone) {
		return func(z *bootedZone) {
			for _, n := range all {
				z.console.stream(n)
			}
		}
	}
	late := func(all ...int) func(*bootedZone) {
		return func(z *bootedZone) {
			must(z.t, os.MkdirAll(z.root+"/dev/zfd", 0o755))
			z.console.later(all...)
		}
	}
	both := func(all ...func(*bootedZone)) func(*bootedZone) {
		return func(z *bootedZone) {
			for _, do := range all {
				do(z)
			}
		}
	}
	tty := map[string]any{"docker:tty": true}
	drivers := driver(`{}`, nil)
	for _, tt := range []struct {
		name     string
		internal map[string]any
		devices  func(*bootedZone)
		status   int
		out      string // on zfd 1, or 0 where that is a terminal
		log      string // what its lines hold
	}{
		{"all are late", nil, late(1, 0, 2), 0, "up\n", "INFO console: wait for /dev/zfd/1"},
		{"the folder is late too", nil, func(z *bootedZone) { z.console.later(1, 0, 2) }, 0, "up\n", "INFO console: wait for /dev/zfd/1"},
		{"stderr's alone is late", nil, both(streams(0, 1), late(2)), 0, "up\n", "INFO console: wait for /dev/zfd/2"},
		{"stdin's alone is late", map[string]any{"docker:open_stdin": true}, both(streams(1, 2), late(0)), 0, "up\n", "INFO console: wait for /dev/zfd/0"},
		{"none: the zone's own console", nil, func(z *bootedZone) { z.otherConsole() }, 0, "up\n",
			"WARN console: /dev/zfd: no devices after 2s, the zone has no zlog-mode: its console is /dev/zconsole"},
		{"none, and a terminal is wanted: the zone's own console", tty, func(z *bootedZone) { z.otherConsole() }, 0, "up\n",
			"WARN console: /dev/zfd: no devices after 2s, the zone has no zlog-mode: its console is /dev/zconsole"},
		{"none, and no console either", nil, func(*bootedZone) {}, 125, "",
			"FATAL (code: 19): console: open the console: three streams, stdin empty: neither /dev/zfd nor lstat /dev/zconsole: no such file or directory"},
		{"a terminal that is none", tty, streams(0, 1), 0, "", "WARN console: docker:tty asks for a terminal, and /dev/zfd/0 is none: the host's zlog-mode has no t"},
		{"a terminal that nobody asked for", map[string]any{"docker:open_stdin": true}, both((*bootedZone).terminal, streams(1, 2)), 0, "up\n",
			"WARN console: /dev/zfd/0 is a terminal and docker:tty is not true: the host may discard all output"},
		{"a file in a device's place", nil, both(streams(0, 2), func(z *bootedZone) { z.write("dev/zfd/1", "", 0o600) }), 125, "",
			"FATAL (code: 52): console: open the console: three streams, stdin empty: /dev/zfd/1: a regular file, not a device"},
		{"a folder in a device's place", nil, both(streams(0, 2), func(z *bootedZone) { z.write("dev/zfd/1/x", "", 0o600) }), 125, "",
			"FATAL (code: 52): console: open the console: three streams, stdin empty: /dev/zfd/1: a directory, not a device"},
		{"a link in a device's place", nil, both(streams(0, 2), func(z *bootedZone) { must(z.t, os.Symlink("2", z.root+"/dev/zfd/1")) }), 125, "",
			"FATAL (code: 52): console: open the console: three streams, stdin empty: /dev/zfd/1: a symbolic link, not a device"},
		{"a block device in a device's place", nil, both(streams(0, 2), func(z *bootedZone) {
			must(z.t, unix.Mknod(z.root+"/dev/zfd/1", unix.S_IFBLK|0o600, int(unix.Mkdev(240, 0))))
		}), 125, "", "FATAL (code: 52): console: open the console: three streams, stdin empty: /dev/zfd/1: not a character device"},
		{"a link in the folder's place", nil, func(z *bootedZone) { must(z.t, os.Symlink("/etc", z.root+"/dev/zfd")) }, 125, "",
			"FATAL (code: 52): console: open the console: three streams, stdin empty: /dev/zfd: not a directory"},
		{"stderr's is a file", nil, both(streams(0, 1), func(z *bootedZone) { z.write("dev/zfd/2", "", 0o600) }), 125, "",
			"FATAL (code: 52): console: open the console: three streams, stdin empty: /dev/zfd/2: a regular file, not a device"},
		{"a log driver without a device for its copies", drivers, streams(0, 1, 2), 125, "",
			"FATAL (code: 51): logger: start the log driver \"syslog\": /dev/zfd/3: not there, and a log driver reads /dev/zfd/1 by it: the platform gives zones of this brand no such device"},
		{"a log driver without a device for the second of its copies", drivers, streams(0, 1, 2, 3), 125, "",
			"FATAL (code: 51): logger: start the log driver \"syslog\": /dev/zfd/4: not there"},
		{"a file in the place of a copy's device", drivers, both(streams(0, 1, 2, 4), func(z *bootedZone) { z.write("dev/zfd/3", "", 0o600) }), 125, "",
			"FATAL (code: 52): logger: start the log driver \"syslog\": /dev/zfd/3: a regular file, not a device"},
		{"a log driver at a zone without a console", drivers, func(z *bootedZone) { z.otherConsole() }, 125, "",
			"FATAL (code: 52): logger: start the log driver \"syslog\": stat /dev/zfd/1: no such file or directory"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			all := map[string]any{"docker:cmd": script("echo up")}
			for key, value := range tt.internal {
				all[key] = value
			}
			z := newZone(t, scenario.Scenario{Brand: zone.JoyentMinimal, Payload: internal(all)})
			z.shell()
			tt.devices(z)
			e := z.boot()
			if out := strings.ReplaceAll(e.out[0]+e.out[1], "\r", ""); tt.status == 0 && out != tt.out || e.status != tt.status {
				t.Errorf("status %d, want %d, console %v, want %q", e.status, tt.status, e.out, tt.out)
			}
			if !strings.Contains(e.log, tt.log) {
				t.Errorf("the log has no %s", tt.log)
			}
			if t.Failed() {
				t.Log(e.log + e.model)
			}
		})
	}
}
