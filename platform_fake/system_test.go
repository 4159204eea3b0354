package fake

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"dockerinit/core/zone"
)

func TestMountRefuses(t *testing.T) {
	shm := zone.Mount{Type: "tmpfs", Source: "shm", Target: "/dev/shm", Options: []string{"mode=1777"}}
	tmpfs := func(target string, options ...string) zone.Mount {
		return zone.Mount{Type: "tmpfs", Source: "tmpfs", Target: target, Options: options}
	}
	nfs := func(source string) zone.Mount { return zone.Mount{Type: "nfs", Source: source, Target: "/srv"} }
	for _, test := range []struct {
		name  string
		first []zone.Mount
		last  zone.Mount
		want  string
		errno syscall.Errno
	}{
		{"tmpfs", nil, shm, "", 0},
		{"all of Docker's options", nil, tmpfs("/tmp", "rw", "noexec", "nosuid", "nodev", "size=64m", "size=1048576", "uid=33", "gid=33", "mode=0755"), "", 0},
		{"the same again", []zone.Mount{shm}, shm, "", 0},
		{"fd", nil, zone.Mount{Type: "fd", Source: "fd", Target: "/dev/fd"}, "", 0},
		{"another one over it", []zone.Mount{shm}, tmpfs("/dev/shm"), "there is tmpfs on /dev/shm (mode=1777) already", syscall.EBUSY},
		{"no such target", nil, tmpfs("/data"), `target "/data"`, syscall.ENOENT},
		{"a target that is a file", nil, tmpfs("/etc/passwd"), `target "/etc/passwd"`, syscall.ENOTDIR},
		{"S-31 a target through a symbolic link", nil, tmpfs("/link/shm"), `target "/link/shm": through a symbolic link`, syscall.ELOOP},
		{"a relative target", nil, tmpfs("data"), `target "data": not a clean absolute path`, syscall.EINVAL},
		{"a target that leads out of the root", nil, tmpfs("/../etc"), `target "/../etc": not a clean absolute path`, syscall.EINVAL},
		{"unknown option", nil, tmpfs("/tmp", "colour=red"), `option "colour=red"`, syscall.EINVAL},
		{"size that is no number", nil, tmpfs("/tmp", "size=big"), `option "size=big"`, syscall.EINVAL},
		{"mode that is not octal", nil, tmpfs("/tmp", "mode=999"), `option "mode=999"`, syscall.EINVAL},
		{"unknown type", nil, zone.Mount{Type: "ext4", Target: "/srv"}, `type "ext4"`, syscall.ENODEV},
		{"nfs from a neighbour", nil, nfs("10.0.0.9:/exports"), "", 0},
		{"nfs from a name", nil, nfs("nas.example.com:/exports"), "", 0},
		{"nfs from an IPv6 neighbour", nil, nfs("[fd00::9]:/exports"), "", 0},
		{"nfs from where no route leads", nil, nfs("192.0.2.1:/exports"), "server 192.0.2.1", syscall.ENETUNREACH},
		{"nfs from nowhere", nil, nfs("/exports"), `source "/exports": not HOST:/path`, syscall.EINVAL},
	} {
		t.Run(test.name, func(t *testing.T) {
			root := temporaryRoot(t)
			if err := os.Symlink("dev", filepath.Join(root, "link")); err != nil {
				t.Fatal(err)
			}
			n := newTestNetwork()
			for _, step := range []do{up(), configure(nic("net0", "10.0.0.5/24", "fd00::5/64"))} {
				if err := step(t, n); err != nil {
					t.Fatal(err)
				}
			}
			s := &System{Root: root, Network: n}
			for _, m := range test.first {
				if err := s.Mount(t.Context(), m); err != nil {
					t.Fatal(err)
				}
			}
			before := s.String()
			err := s.Mount(t.Context(), test.last)
			switch {
			case test.errno == 0 && err != nil:
				t.Errorf("refused: %v", err)
			case test.errno == 0:
				if want := "mount " + test.last.String() + "\n"; s.String() != want {
					t.Errorf("got %q, want %q", s.String(), want)
				}
			case !errors.Is(err, test.errno) || !strings.Contains(err.Error(), test.want):
				t.Errorf("got %v, want %q and %v", err, test.want, test.errno)
			case s.String() != before:
				t.Errorf("refused, and yet it has become\n%s", s)
			}
		})
	}
}

func TestSetHostname(t *testing.T) {
	for _, test := range []struct {
		name     string
		brand    zone.Brand
		hostname string
		ok       bool
	}{
		{"a name", zone.LX, "web0", true},
		{"none", zone.LX, "", false},
		{"64 bytes in lx", zone.LX, strings.Repeat("a", 64), true},
		{"65 bytes in lx", zone.LX, strings.Repeat("a", 65), false},
		{"256 bytes natively", zone.JoyentMinimal, strings.Repeat("a", 256), true},
		{"257 bytes natively", zone.JoyentMinimal, strings.Repeat("a", 257), false},
		{"a zero byte", zone.LX, "a\x00b", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := &System{brand: test.brand}
			err := s.SetHostname(t.Context(), test.hostname)
			if test.ok != (err == nil) || err != nil && !errors.Is(err, syscall.EINVAL) {
				t.Errorf("got %v", err)
			}
			want := ""
			if test.ok {
				want = "hostname " + test.hostname + "\n"
			}
			if s.String() != want {
				t.Errorf("got %q, want %q", s, want)
			}
		})
	}
}
