//go:build linux

package doctor_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"dockerinit/cmd/internal/doctor"
)

// A zone's files, as far as they are looked at.
type files map[string]string

func (f files) put(t *testing.T) (root string) {
	t.Helper()
	root = t.TempDir()
	all := files{
		"proc/1/stat":                "1 (app) S 0 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 1",
		"proc/1/status":              "Name:\tapp\nUid:\t0\t0\t0\t0\nSigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\nSigCgt:\t0000000000004000\n",
		"proc/1/limits":              "Limit                     Soft Limit           Hard Limit           Units\nMax processes             100                  100                  processes\nMax open files            1024                 4096                 files\n",
		"proc/1/fd/0":                "",
		"proc/meminfo":               "MemTotal:        1000000 kB\nMemFree:          100000 kB\nMemAvailable:     600000 kB\nSwapTotal:       1000000 kB\nSwapFree:        1000000 kB\n",
		"proc/self/mounts":           "",
		"etc/resolv.conf":            "nameserver not-an-address\n",
		"var/log/sdc-dockerinit.log": "2026-11-23T09:14:02.100Z INFO log: a (1ms)\n2026-11-23T09:14:02.110Z EXEC \"/app\"\n",
	}
	for name, text := range f {
		all[name] = text
	}
	for name, text := range all {
		if text == "none" {
			continue
		}
		file := filepath.Join(root, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, []byte(text), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func TestLook(t *testing.T) {
	well := map[string]string{"sdc:uuid": "x"}
	const record = `{"time":"2026-11-23T09:14:02Z","step":"nics","code":33,"text":"nics: in use","version":"v1"}`
	for _, tt := range []struct {
		name   string
		files  files
		values map[string]string
		err    error
		slow   time.Duration
		time   time.Duration // the host's clock, from now
		check  string
		want   string // of its findings, each with its hint
	}{
		{"memory that runs out", files{"proc/meminfo": "MemTotal: 1000000 kB\nMemAvailable: 40000 kB\n"}, well, nil, 0, 0, "limits", "grave 937 of the 976 MiB of memory are used → max_physical_memory"},
		{"memory of LX, which tells what is free alone", files{"proc/meminfo": "MemTotal: 1000000 kB\nMemFree: 190000 kB\n"}, well, nil, 0, 0, "limits", "odd 791 of the 976 MiB"},
		{"swap that runs out", files{"proc/meminfo": "SwapTotal: 1000000 kB\nSwapFree: 0 kB\n"}, well, nil, 0, 0, "limits", "grave 976 of the 976 MiB of swap are used → max_swap"},
		{"a control group", files{"sys/fs/cgroup/pids.max": "100\n", "sys/fs/cgroup/pids.current": "97\n", "sys/fs/cgroup/memory.max": "max\n", "sys/fs/cgroup/memory.current": "1\n"}, well, nil, 0, 0, "limits", "grave 97 of the 100 processes that the container may have are there"},
		{"numbers that are none", files{"proc/meminfo": "MemTotal: lots\nMemFree\n:::\n", "proc/1/limits": "Max open files\n"}, well, nil, 0, 0, "limits", ""},
		{"a process whose name looks like its end", files{"proc/7/stat": "7 (a) Z 1 (b) S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 1"}, well, nil, 0, 0, "zombies", ""},
		{"a zombie of a process that is not there", files{"proc/7/stat": "7 (a) Z 4711 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 1"}, well, nil, 0, 0, "zombies", "odd a process outside of the zone does not wait for its children"},
		{"a process that is cut off", files{"proc/7/stat": "7 (a"}, well, nil, 0, 0, "zombies", ""},
		{"TERM that is blocked", files{"proc/1/status": "SigBlk:\t0000000000004000\nSigIgn:\t0\nSigCgt:\t0000000000004000\n"}, well, nil, 0, 0, "process 1", "odd process 1 (app) blocks TERM"},
		{"a kernel that does not tell", files{"proc/1/status": "Name:\tapp\n"}, well, nil, 0, 0, "process 1", ""},
		{"a resolver that is no address", nil, well, nil, 0, 0, "resolvers", "grave the name server not-an-address does not answer: not an address"},
		{"more resolvers than are asked", files{"etc/resolv.conf": "nameserver a\nnameserver b\nnameserver c\nnameserver d\n"}, well, nil, 0, 0, "resolvers", "grave /etc/resolv.conf names 4 name servers, of which programs ask the first 3"},
		{"no resolv.conf", files{"etc/resolv.conf": "none"}, well, nil, 0, 0, "resolvers", "odd open /etc/resolv.conf"},
		{"a directory that cannot be looked at", files{"proc/self/mounts": "server:/x /gone nfs4 rw 0 0\n"}, well, nil, 0, 0, "mounts", "grave /gone of server:/x: stat "},
		{"a host that is slow", nil, well, nil, 150 * time.Millisecond, 0, "metadata", "odd a question to the host takes "},
		{"a host that is late", nil, well, nil, 1100 * time.Millisecond, 0, "metadata", "grave a question to the host takes "},
		{"a host that is not there", nil, nil, errors.New("no socket"), 0, 0, "metadata", "grave no socket → the metadata agent"},
		{"a clock behind the host's", nil, well, nil, 0, time.Hour, "clock", "grave the clock is 1h0m0s behind the host's"},
		{"a clock ahead of the host's", nil, well, nil, 0, -10 * time.Second, "clock", "odd the clock is 1"},
		{"a clock as the host's", nil, well, nil, 0, time.Millisecond, "clock", ""},
		{"a creation time that is none", nil, map[string]string{"sdc:create_timestamp": "soon"}, nil, 0, 0, "clock", ""},
		{"a boot that failed", nil, map[string]string{"__dockerinit_failure": record}, nil, 0, 0, "boot", "grave a boot failed at 2026-11-23T09:14:02Z with code 33: nics: in use → ips of the NIC"},
		{"a record that is none", nil, map[string]string{"__dockerinit_failure": "oops"}, nil, 0, 0, "boot", "odd __dockerinit_failure in the metadata is no failure record"},
		{"a log of a boot that is under way", files{"var/log/sdc-dockerinit.log": "2026-11-23T09:14:02.100Z INFO nics: configure net0: under way for 4s\n"}, well, nil, 0, 0, "boot", "grave it is not over after "},
		{"a log that is none", files{"var/log/sdc-dockerinit.log": "hello\n"}, well, nil, 0, 0, "boot", "odd /var/log/sdc-dockerinit.log: no line of it"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			root := tt.files.put(t)
			look := func(t *testing.T) {
				place := doctor.Place{Root: root, Metadata: func(context.Context, ...string) (map[string]string, error) {
					time.Sleep(tt.slow)
					return tt.values, tt.err
				}}
				if tt.time != 0 {
					place.HostTime = time.Now().Add(tt.slow + tt.time)
				}
				checks, err := doctor.Look(t.Context(), place)
				if err != nil {
					t.Fatal(err)
				}
				var got []string
				for _, c := range checks {
					for _, f := range c.Findings {
						if c.Name == tt.check {
							got = append(got, map[bool]string{true: "grave ", false: "odd "}[f.Grave]+f.What+" → "+f.Hint)
						}
					}
				}
				text := strings.Join(got, "\n")
				if (text == "") != (tt.want == "") || !strings.HasPrefix(text, tt.want) {
					t.Errorf("\n got %s\nwant %s", text, tt.want)
				}
			}
			if tt.slow != 0 {
				synctest.Test(t, look) // on a busy machine a host would be slower than it is to be
			} else {
				look(t)
			}
		})
	}
}

func TestLookWhereNothingIs(t *testing.T) {
	for name, root := range map[string]string{"no directory": "/no/such", "no /proc": t.TempDir(), "no processes": func() string {
		dir := t.TempDir()
		if err := os.Mkdir(dir+"/proc", 0o755); err != nil {
			t.Fatal(err)
		}
		return dir
	}()} {
		if _, err := doctor.Look(t.Context(), doctor.Place{Root: root}); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
