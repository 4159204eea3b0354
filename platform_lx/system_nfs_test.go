//go:build linux

package lx

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dockerinit/core/bootlog"
	"dockerinit/core/zone"
	"dockerinit/platform_fake/need"
)

// The helper of these tests is a script, whose words are what the mount is.
func TestMountNFS(t *testing.T) {
	need.Program(t, "sh", "dash")
	need.Root(t) // it runs as root
	volume := zone.Mount{Type: "nfs", Source: "10.0.0.5:/data", Target: "/data", Options: []string{"ro"}}
	const tell = "#!/bin/sh\necho \"$0 $*\"; "
	for _, tt := range []struct {
		name, script string
		native       bool
		limit        time.Duration
		want         string
	}{
		{"the image's own helper has Linux's arguments", tell + "exit 32", false, time.Minute,
			"HELPER 10.0.0.5:/data /data -o vers=3,sec=sys,ro (status 32)"},
		{"the native one has illumos'", tell + "exit 1", true, time.Minute,
			"HELPER -o vers=3,sec=sys,ro 10.0.0.5:/data /data (status 1)"},
		{"it has no environment", "#!/bin/sh\ntr '\\0' ' ' </proc/$$/environ | wc -c; exit 1", false, time.Minute,
			"0 (status 1)"},
		{"P5 a server that does not answer has a bound", "#!/bin/sh\necho retrying; sleep 60", false, time.Second,
			"HELPER: no end after 1s: killed; it said: retrying"},
		{"silence is said", "#!/bin/sh\nexit 3", false, time.Minute,
			"HELPER: ended with status 3 and no word"},
		{"no helper", "", false, time.Minute,
			"HELPER: not there, and only it can mount NFS"},
		{"success is silent", "#!/bin/sh\necho warning >&2", false, time.Minute, "<nil>"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			helper := filepath.Join(t.TempDir(), "helper")
			if tt.script != "" {
				if err := os.WriteFile(helper, []byte(tt.script), 0o755); err != nil {
					t.Fatal(err)
				}
			}
			s := &system{log: slog.New(slog.DiscardHandler), processes: processes{self: self}, nfsTime: tt.limit,
				nfs: nfsHelper{native: tt.native, paths: []string{helper}}}
			err := s.Mount(context.Background(), volume)
			if got := strings.ReplaceAll(fmt.Sprint(err), helper, "HELPER"); got != tt.want {
				t.Errorf("\n got %s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestTheLockDaemonIsWarnedOfOnce(t *testing.T) {
	need.Root(t)
	truth := need.Program(t, "true", "coreutils")
	for _, native := range []bool{true, false} {
		var log strings.Builder
		s := &system{log: slog.New(bootlog.NewText(&log)), processes: processes{self: self}, nfsTime: time.Minute,
			nfs: nfsHelper{native: native, paths: []string{"/no such helper", truth}}}
		for range 2 {
			if err := s.Mount(context.Background(), zone.Mount{Type: "nfs", Source: "h:/d", Target: "/d"}); err != nil {
				t.Fatal(err)
			}
		}
		want := 0
		if native {
			want = 1
		}
		if got := strings.Count(log.String(), " WARN volumes: NFS volumes are mounted without the lock daemon"); got != want {
			t.Errorf("native %t: %d warnings, want %d, in\n%s", native, got, want, &log)
		}
	}
}
