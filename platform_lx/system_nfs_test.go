//go:build linux

package lx

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dockerinit/core/bootlog"
	"dockerinit/core/zone"
	"dockerinit/platform_fake/need"
)

// The helper of these tests is a script, whose words are what the mount is. The
// native one is seen where zones boot on an LX kernel.
func TestMountNFS(t *testing.T) {
	need.Program(t, "sh", "dash")
	need.Root(t) // it runs as root
	volume := zone.Mount{Type: "nfs", Source: "10.0.0.5:/data", Target: "/data", Options: []string{"ro"}}
	const tell = "#!/bin/sh\necho \"$0 $*\"; "
	for _, tt := range []struct {
		name, script string
		limit        time.Duration
		want         string
	}{
		{"the image's own helper has Linux's arguments", tell + "exit 32", time.Minute,
			"HELPER 10.0.0.5:/data /data -o vers=3,sec=sys,ro (status 32)"},
		{"it has no environment", "#!/bin/sh\ntr '\\0' ' ' </proc/$$/environ | wc -c; exit 1", time.Minute,
			"0 (status 1)"},
		{"P5 a server that does not answer has a bound", "#!/bin/sh\necho retrying; sleep 60", time.Second,
			"HELPER: no end after 1s: killed; it said: retrying"},
		{"silence is said", "#!/bin/sh\nexit 3", time.Minute,
			"HELPER: ended with status 3 and no word"},
		{"no helper", "", time.Minute,
			"HELPER: not there, and only it can mount NFS"},
		{"success is silent", "#!/bin/sh\necho warning >&2", time.Minute, "<nil>"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			helper := filepath.Join(t.TempDir(), "helper")
			if tt.script != "" {
				if err := os.WriteFile(helper, []byte(tt.script), 0o755); err != nil {
					t.Fatal(err)
				}
			}
			s := &system{log: bootlog.NewLogger(), processes: processes{self: self}, nfsTime: tt.limit,
				nfs: nfsHelper{paths: []string{helper}}}
			err := s.Mount(context.Background(), volume)
			if got := strings.ReplaceAll(fmt.Sprint(err), helper, "HELPER"); got != tt.want {
				t.Errorf("\n got %s\nwant %s", got, tt.want)
			}
		})
	}
}
