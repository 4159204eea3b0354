package fake

import (
	"fmt"
	"os"
	"path/filepath"
)

// TemporaryRoot makes a root such as the host leaves it to a zone's init, of an
// image that has little more than its users. Whoever asked for it removes it.
func TemporaryRoot() (dir string, err error) {
	dir, err = os.MkdirTemp("", "dockerinit-root-")
	if err != nil {
		return "", err
	}
	if err := prepareRoot(dir); err != nil {
		_ = os.RemoveAll(dir)
		return "", fmt.Errorf("temporary root: %w", err)
	}
	return dir, nil
}

// rootDirs is what an image of the Docker world has, and what the host makes
// where it is missing.
var rootDirs = []struct {
	name string
	mode os.FileMode
}{
	{"dev/fd", 0o755},
	{"dev/shm", 0o755},
	{"etc", 0o755},
	{"home/alice", 0o755},
	{"proc", 0o555},
	{"root", 0o700},
	{"srv", 0o755},
	{"tmp", os.ModeSticky | 0o777},
	{"var/log", 0o755},
	{"var/run", 0o755},
	{"var/svc", 0o755},
	{"var/www", 0o755},
}

// rootFiles are the image's users, and what the host writes at the creation of a
// zone: the files that it mounts over the image's, and the marker.
var rootFiles = []struct{ name, content string }{
	{"etc/passwd", `root:x:0:0:root:/root:/bin/sh
daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin
bin:x:2:2:bin:/bin:/usr/sbin/nologin
www-data:x:33:33:www-data:/var/www:/usr/sbin/nologin
alice:x:1000:1000:Alice:/home/alice:/bin/sh
nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin
`},
	{"etc/group", `root:x:0:
daemon:x:1:
bin:x:2:
adm:x:4:alice
tty:x:5:
disk:x:6:
staff:x:50:alice,www-data
www-data:x:33:
users:x:100:
alice:x:1000:
nogroup:x:65534:
`},
	{"etc/hosts", "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n"},
	{"etc/hostname", "localhost\n"},
	{"etc/resolv.conf", ""},
	{"var/svc/provisioning", ""},
}

func prepareRoot(dir string) error {
	if err := os.Chmod(dir, 0o755); err != nil {
		return err
	}
	for _, d := range rootDirs {
		path := filepath.Join(dir, d.name)
		if err := os.MkdirAll(path, 0o755); err != nil {
			return err
		}
		if err := os.Chmod(path, d.mode); err != nil {
			return err
		}
	}
	for _, f := range rootFiles {
		if err := os.WriteFile(filepath.Join(dir, f.name), []byte(f.content), 0o644); err != nil {
			return err
		}
	}
	return nil
}
