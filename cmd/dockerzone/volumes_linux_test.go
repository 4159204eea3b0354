//go:build linux

package main_test

import (
	"cmp"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"dockerinit/cmd/internal/cmdtest"
)

// helper is the script in the place of mount.nfs: of a server "up" it mounts what
// has a file of the source's name, "down" refuses in its own words, and "gone" says
// nothing. It has no environment.
const helper = `#!/busybox sh
PATH=/
case $1 in
up:*) mount -t tmpfs -o "mode=755" none "$2" && echo "$1" >"$2/source" && case $4 in *,ro) mount -o remount,bind,ro "$2";; esac;;
down:*) echo "mount.nfs: Connection refused for $1" >&2; exit 32;;
gone:*) exit 1;;
slow:*) echo "mount.nfs: trying $1"; sleep 60;;
esac
`

type volume struct {
	Source   string `json:"nfsvolume"`
	Target   string `json:"mountpoint"`
	ReadOnly bool   `json:"readonly"`
}

func volumesOf(t *testing.T, all ...volume) map[string]any {
	t.Helper()
	text, err := json.Marshal(all)
	must(t, err)
	return map[string]any{"docker:nfsvolumes": string(text)}
}

func TestRunWithVolumes(t *testing.T) {
	for _, tt := range []struct {
		name    string
		volumes []volume
		spoil   func(image, outside string) error
		script  string
		status  int
		stdout  string
		stderr  []string // each is in it
		limit   string
	}{
		{name: "they are mounted, with what is missing above them", volumes: []volume{{"up:/a", "/srv/a/b/c", false}, {"up:/b", "/srv/b", true}},
			script: "cat /srv/a/b/c/source /srv/b/source; echo x >/srv/a/b/c/x && echo written; echo x >/srv/b/x; stat -c %a:%u /srv/a",
			stdout: "up:/a\nup:/b\nwritten\n755:0\n", stderr: []string{"can't create /srv/b/x: Read-only file system"}},
		{name: "one below another", volumes: []volume{{"up:/a", "/srv", false}, {"up:/b", "/srv/deep/in", false}},
			script: "cat /srv/source /srv/deep/in/source", stdout: "up:/a\nup:/b\n"},
		{name: "each that fails is named, and all are tried", volumes: []volume{{"down:/a", "/srv/a", false}, {"gone:/b", "/srv/b", false}, {"up:/c", "/srv/c", false}},
			status: 125, stderr: []string{
				"ERROR volumes: mount down:/a on /srv/a: mount.nfs: Connection refused for down:/a (status 32)\n",
				"ERROR volumes: mount gone:/b on /srv/b: /sbin/mount.nfs: ended with status 1 and no word\n",
				"INFO volumes: mount up:/c on /srv/c (",
				"FATAL (code: 58): volumes: mount down:/a on /srv/a: mount.nfs: Connection refused for down:/a (status 32) (and 1 more)\n"}},
		{name: "no helper", volumes: []volume{{"up:/a", "/srv/a", false}}, spoil: func(image, _ string) error { return os.Remove(image + "/sbin/mount.nfs") },
			status: 125, stderr: []string{"FATAL (code: 58): volumes: mount up:/a on /srv/a: /sbin/mount.nfs: not there, and only it can mount NFS"}},
		{name: "a slow one is told while it is", volumes: []volume{{"slow:/a", "/srv/a", false}}, limit: "6s",
			status: 2, stderr: []string{"INFO volumes: mount slow:/a on /srv/a: under way for 1s\n", "--timeout ended the zone"}},
		{name: "S-31 a link to outside leads to a place of that name inside", volumes: []volume{{"up:/a", "/data", false}}, spoil: func(image, outside string) error { return os.Symlink(outside, image+"/data") },
			script: "cat /data/source", stdout: "up:/a\n"},
		{name: "S-31 a link upwards, on the way, does too", volumes: []volume{{"up:/a", "/srv/data/in", false}}, spoil: func(image, outside string) error {
			return errors.Join(os.Mkdir(image+"/srv", 0o755), os.Symlink("../../../../.."+outside, image+"/srv/data"))
		}, script: "cat /srv/data/in/source", stdout: "up:/a\n"},
		{name: "S-31 a link to the platform", volumes: []volume{{"up:/a", "/data", false}}, spoil: func(image, _ string) error { return os.Symlink("/native/usr/vm/sbin", image+"/data") },
			status: 125, stderr: []string{"FATAL (code: 58): volumes: mount up:/a on /data: /data is a link to /native/usr/vm/sbin in this image\n"}},
		{name: "a file is in the way", volumes: []volume{{"up:/a", "/data/in", false}}, spoil: func(image, _ string) error { return os.WriteFile(image+"/data", nil, 0o644) },
			status: 125, stderr: []string{"FATAL (code: 49): volumes: mount up:/a on /data/in: ", "not a directory"}},
		{name: "a FIFO is in the way", volumes: []volume{{"up:/a", "/data", false}}, spoil: func(image, _ string) error { return syscall.Mkfifo(image+"/data", 0o644) },
			status: 125, stderr: []string{"FATAL (code: 49): volumes: mount up:/a on /data: "}},
		{name: "what no volume can cover", volumes: []volume{{"up:/a", "/proc/x", false}, {"up:/b", "srv", false}, {"up:/c", "/srv/../etc", false}, {"-o:/d", "/d", false}, {"up", "/e", false}},
			status: 125, stderr: []string{`FATAL (code: 57): docker:nfsvolumes: volume 1: mountpoint "/proc/x": nothing is mounted under /proc, which is the platform's (and 4 more)`,
				`volume 2: mountpoint "srv": an absolute path`, `volume 3: mountpoint "/srv/../etc": a path without ..`, `volume 4: nfsvolume "-o:/d": a host does not begin with -`, `volume 5: nfsvolume "up": HOST:/path`}},
	} {
		for who, as := range everybody {
			t.Run(tt.name+" "+who, func(t *testing.T) {
				t.Parallel()
				image, outside := tools(t, who), cmdtest.Folder(t)
				must(t, os.Mkdir(image+"/sbin", 0o755))
				must(t, os.WriteFile(image+"/sbin/mount.nfs", []byte(helper), 0o755))
				if tt.spoil != nil {
					must(t, tt.spoil(image, outside))
				}
				own(t, who, image)
				limit := cmp.Or(tt.limit, "1m")
				r := cmdtest.Run(t, booting(t, as, append([]string{"--log", "--timeout", limit, "--rootfs", image, zonePayload(t, volumesOf(t, tt.volumes...))},
					busybox("sh", "-c", "alias cat='/busybox cat' stat='/busybox stat'\n"+tt.script)...)...))
				if r.Status != tt.status || r.Stdout != tt.stdout {
					t.Errorf("status %d, want %d; stdout %q, want %q\n%s", r.Status, tt.status, r.Stdout, tt.stdout, r.Stderr)
				}
				for _, want := range tt.stderr {
					if !strings.Contains(r.Stderr, want) {
						t.Errorf("no %q in\n%s", want, r.Stderr)
					}
				}
				if strings.Contains(r.Stderr, " WARN ") || len(files(t, outside)) > 0 {
					t.Errorf("outside are %q\n%s", files(t, outside), r.Stderr)
				}
				if _, err := os.Lstat(filepath.Join(image, "srv/a")); err == nil {
					t.Error("the image was written to")
				}
			})
		}
	}
}
