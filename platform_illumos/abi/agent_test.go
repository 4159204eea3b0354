//go:build linux && amd64

package abi

import (
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"dockerinit/core/zone"
	"dockerinit/platform_fake/need"
	"dockerinit/platform_fake/scenario"
)

// What is not the host's for sure is asked nothing.
func TestUntrustedAgents(t *testing.T) {
	t.Parallel()
	// The folder as the zone has it: what is mounted there.
	control := func(z *bootedZone) string { return "/proc/" + z.initPid() + "/root/.zonecontrol" }
	var all sync.WaitGroup
	var zones []*bootedZone
	for _, tt := range []struct {
		name  string
		setup func(z *bootedZone)
		log   string
	}{
		{"others may write to its directory", func(z *bootedZone) { must(z.t, os.Chmod(control(z), 0o777)) },
			"not trusted: /.zonecontrol has mode 0777, others than root can write to it"},
		{"its directory is a user's", func(z *bootedZone) { must(z.t, os.Chown(control(z), 1000, 1000)) },
			"not trusted: /.zonecontrol belongs to user 1000, not to root"},
		{"its directory and the socket are the image's", func(z *bootedZone) {
			umount := exec.Command(need.Program(z.t, "nsenter", "util-linux"), "--mount", "--root", "--target", z.initPid(), zoneTools+"/busybox", "umount", "/.zonecontrol/metadata.sock", "/.zonecontrol")
			out, err := umount.CombinedOutput()
			if err != nil {
				z.t.Fatalf("%v: %s", err, out)
			}
		}, "not trusted: /.zonecontrol is no mount of the host's"},
		{"who serves it is not known", func(z *bootedZone) { z.set("fault=libc.getpeerucred:0:5") }, "not trusted: who serves it is not known: I/O error"},
		{"it is served by a user", func(z *bootedZone) { z.set("fault=libc.ucred_geteuid:0:1") }, "not trusted: it is served by user -1, not by root"},
		{"it does not listen", func(z *bootedZone) { z.set("fault=libc.__xnet_connect:0:146") }, "connect /.zonecontrol/metadata.sock: connection refused"},
		{"no sockets", func(z *bootedZone) { z.set("fault=libc.__xnet_socket:0:12") }, "socket: not enough space"},
	} {
		z := newZone(t, scenario.Scenario{Brand: zone.JoyentMinimal, Payload: internal(map[string]any{
			"docker:cmd": script(": >/tmp/up; " + waitFor("/tmp/down")),
		})})
		z.shell()
		z.streams()
		z.start()
		z.until("/tmp/up")
		tt.setup(z)
		// dockerexec tries for a while, in all zones at once.
		all.Go(func() {
			out, said, status := z.run("dockerexec", "true")
			if out != "" || status != 125 || !strings.Contains(said, "FATAL (code: 9): ") || !strings.Contains(said, tt.log) {
				t.Errorf("%s: status %d, stdout %q\n got %s\nwant %s", tt.name, status, out, said, tt.log)
			}
		})
		zones = append(zones, z)
	}
	all.Wait()
	for _, z := range zones {
		z.write("tmp/down", "", 0o644)
		z.wait()
	}
}
