package image

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"syscall"
	"testing"

	"dockerinit/platform_fake/need"
)

func TestMkdirAll(t *testing.T) {
	for _, test := range []struct {
		name  string
		image []string
		path  string
		want  string // what was made or the error, and the tree afterwards
	}{
		{"W2: what is missing", []string{"dir srv"}, "/srv/a/b", "made /srv/a /srv/a/b\ndir /srv 755\ndir /srv/a 755\ndir /srv/a/b 755\n"},
		{"what exists is left alone", []string{"file srv/f x"}, "/srv", "made\ndir /srv 755\nfile /srv/f 644 x\n"},
		{"the root", nil, "/", "made\n"},
		{"a slash at the end", nil, "/a/", "made /a\ndir /a 755\n"},
		{"W3: a file in its place", []string{"file srv/data x"}, "/srv/data", "/srv/data is not a directory\ndir /srv 755\nfile /srv/data 644 x\n"},
		{"W3: a file on the way", []string{"file srv x"}, "/srv/data", "/srv is not a directory\nfile /srv 644 x\n"},
		{"W3: a FIFO in its place", []string{"fifo srv"}, "/srv", "/srv is not a directory\na FIFO /srv\n"},
		{"through a link inside", []string{"link a /b", "dir b"}, "/a/c", "made /b/c\nlink /a /b\ndir /b 755\ndir /b/c 755\n"},
		{"a link to a directory is one", []string{"link a b", "dir b"}, "/a", "made\nlink /a b\ndir /b 755\n"},
		{"a link's missing target is made", []string{"link run /var/run"}, "/run/x", "made /var /var/run /var/run/x\nlink /run /var/run\ndir /var 755\ndir /var/run 755\ndir /var/run/x 755\n"},
		{"S-9: a link out of the root stays inside", []string{"link a ../outside/x"}, "/a/b", "made /outside /outside/x /outside/x/b\nlink /a ../outside/x\ndir /outside 755\ndir /outside/x 755\ndir /outside/x/b 755\n"},
		{"S-9: a link to a file", []string{"link a b", "file b x"}, "/a", "/b is not a directory\nlink /a b\nfile /b 644 x\n"},
		{"S-9: a loop", []string{"link a a"}, "/a/b", "mkdir /a/b: too many levels of symbolic links\nlink /a a\n"},
		{"halfway", []string{"link b/c /b/c"}, "/a/../b/c", "mkdir /a/../b/c: too many levels of symbolic links, made /a\ndir /a 755\ndir /b 755\nlink /b/c /b/c\n"},
		{"S-14: a NUL byte", nil, "/a\x00b", "mkdir /a\x00b: invalid argument\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			root, dir := plant(t, test.image...)
			soon(t, func() {
				made, err := root.MkdirAll(test.path, 0o755)
				got := strings.TrimSpace("made " + strings.Join(made, " "))
				if err != nil {
					got = err.Error()
					if len(made) > 0 {
						got += ", made " + strings.Join(made, " ")
					}
				}
				got += "\n" + tree(t, dir)
				if got != test.want {
					t.Errorf("\ngot  %s\nwant %s", got, test.want)
				}
				if wrong := strings.Contains(test.want, "not a directory"); wrong != errors.Is(err, syscall.ENOTDIR) {
					t.Errorf("is it ENOTDIR? %v", err)
				}
			})
			untouched(t, dir)
		})
	}
}

const logName = "/var/log/sdc-dockerinit.log"

func TestCreateLog(t *testing.T) {
	const fresh = "dir /var 755\ndir /var/log 755\nfile /var/log/sdc-dockerinit.log 600 hello\n"
	for _, test := range []struct {
		name  string
		image []string
		want  string // the error, and the tree after "hello" was written
	}{
		{"a new file", []string{"dir var/log"}, fresh},
		{"missing parents are made", nil, fresh},
		{"S-3: the image's own, which all can read, is replaced", []string{"file var/log/sdc-dockerinit.log old and long"}, fresh},
		{"S-2: a link is replaced, its target left", []string{"file etc/passwd root", "link var/log/sdc-dockerinit.log /etc/passwd"}, "dir /etc 755\nfile /etc/passwd 644 root\n" + fresh},
		{"S-2: a link out of the root", []string{"link var/log/sdc-dockerinit.log ../../../outside/x"}, fresh},
		{"S-2: a second name of another file", []string{"file etc/passwd root", "dir var/log", "hard etc/passwd var/log/sdc-dockerinit.log"}, "dir /etc 755\nfile /etc/passwd 644 root\n" + fresh},
		{"S-2, L4: a FIFO", []string{"fifo var/log/sdc-dockerinit.log"}, fresh},
		{"S-2: a socket", []string{"socket var/log/sdc-dockerinit.log"}, fresh},
		{"S-2: a directory", []string{"dir var/log/sdc-dockerinit.log"}, "create /var/log/sdc-dockerinit.log: is a directory\ndir /var 755\ndir /var/log 755\ndir /var/log/sdc-dockerinit.log 755\n"},
		{"S-1: /var/log is a link", []string{"link var/log /etc", "dir etc"}, "create /var/log/sdc-dockerinit.log: is reached through a symbolic link\ndir /etc 755\ndir /var 755\nlink /var/log /etc\n"},
		{"S-1: /var is a link", []string{"link var etc", "dir etc/log"}, "create /var/log/sdc-dockerinit.log: is reached through a symbolic link\ndir /etc 755\ndir /etc/log 755\nlink /var etc\n"},
		{"S-1: a dangling link", []string{"link var ../outside"}, "create /var/log/sdc-dockerinit.log: is reached through a symbolic link\nlink /var ../outside\n"},
		{"L4: /var/log is a file", []string{"file var/log x"}, "/var/log is not a directory\ndir /var 755\nfile /var/log 644 x\n"},
		{"L4: /var/log is a FIFO", []string{"fifo var/log"}, "/var/log is not a directory\ndir /var 755\na FIFO /var/log\n"},
		{"what a cut-off boot has left", []string{"file var/log/.sdc-dockerinit.log.new x"}, fresh},
		{"a link at the temporary name", []string{"link var/log/.sdc-dockerinit.log.new ../../../outside/x"}, fresh},
		{"a full directory at the temporary name", []string{"dir var/log/.sdc-dockerinit.log.new/x"}, "create /var/log/sdc-dockerinit.log: file exists\ndir /var 755\ndir /var/log 755\ndir /var/log/.sdc-dockerinit.log.new 755\ndir /var/log/.sdc-dockerinit.log.new/x 755\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			root, dir := plant(t, test.image...)
			soon(t, func() {
				f, err := root.CreateLog(logName)
				got := ""
				if err != nil {
					got = err.Error() + "\n"
				} else {
					fmt.Fprint(f, "hello")
					if err := f.Close(); err != nil {
						t.Error(err)
					}
				}
				if got += tree(t, dir); got != test.want {
					t.Errorf("\ngot  %s\nwant %s", got, test.want)
				}
			})
			untouched(t, dir)
		})
	}
}

func TestWriteFile(t *testing.T) {
	for _, test := range []struct {
		name  string
		image []string
		want  string
	}{
		{"where there is none", nil, "dir /etc 755\nfile /etc/resolv.conf 644 new\n"},
		{"in the place of a file", []string{"file etc/resolv.conf old"}, "dir /etc 755\nfile /etc/resolv.conf 644 new\n"},
		{"S-33: a link is replaced and not followed", []string{"link etc/resolv.conf /run/resolv.conf", "file run/resolv.conf old"}, "dir /etc 755\nfile /etc/resolv.conf 644 new\ndir /run 755\nfile /run/resolv.conf 644 old\n"},
		{"S-33: a FIFO is replaced and not opened", []string{"fifo etc/resolv.conf"}, "dir /etc 755\nfile /etc/resolv.conf 644 new\n"},
		{"S-33: a link on the way", []string{"link etc /usr/etc", "dir usr/etc"}, "is reached through a symbolic link\nlink /etc /usr/etc\ndir /usr 755\ndir /usr/etc 755\n"},
		{"a directory in its place", []string{"dir etc/resolv.conf"}, "is a directory\ndir /etc 755\ndir /etc/resolv.conf 755\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			root, dir := plant(t, test.image...)
			soon(t, func() {
				got := ""
				if err := root.WriteFile("/etc/resolv.conf", []byte("new"), 0o644); err != nil {
					got = err.Error()[strings.LastIndex(err.Error(), ": ")+2:] + "\n"
					if i := strings.Index(err.Error(), "is reached"); i >= 0 {
						got = err.Error()[i:] + "\n"
					}
				}
				if got += tree(t, dir); got != test.want {
					t.Errorf("\ngot  %s\nwant %s", got, test.want)
				}
			})
			untouched(t, dir)
		})
	}
}

func TestCreateLogIsNotReadableByOthersWhateverTheUmask(t *testing.T) {
	root, dir := plant(t, "dir var/log")
	old := syscall.Umask(0o777)
	f, err := root.CreateLog(logName)
	syscall.Umask(old)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if got, want := tree(t, dir), "dir /var 755\ndir /var/log 755\nfile /var/log/sdc-dockerinit.log 600 \n"; got != want {
		t.Errorf("\ngot  %s\nwant %s", got, want)
	}
}

func TestRename(t *testing.T) {
	for _, test := range []struct {
		name  string
		image []string
		dir   string
		from  string
		want  string
	}{
		{"the marker", []string{"file var/svc/provisioning"}, "/var/svc", "provisioning", "dir /var 755\ndir /var/svc 755\nfile /var/svc/done 644 \n"},
		{"an older one is replaced", []string{"file var/svc/provisioning", "file var/svc/done old"}, "/var/svc", "provisioning", "dir /var 755\ndir /var/svc 755\nfile /var/svc/done 644 \n"},
		{"none there", []string{"dir var/svc"}, "/var/svc", "provisioning", "not there\ndir /var 755\ndir /var/svc 755\n"},
		{"no such directory", nil, "/var/svc", "provisioning", "not there\n"},
		{"S-41: the directory is a link", []string{"link var/svc /etc", "file etc/provisioning x"}, "/var/svc", "provisioning", "rename /var/svc/provisioning: is reached through a symbolic link\ndir /etc 755\nfile /etc/provisioning 644 x\ndir /var 755\nlink /var/svc /etc\n"},
		{"S-41: its parent is a link", []string{"link var etc", "file etc/svc/provisioning x"}, "/var/svc", "provisioning", "rename /var/svc/provisioning: is reached through a symbolic link\ndir /etc 755\ndir /etc/svc 755\nfile /etc/svc/provisioning 644 x\nlink /var etc\n"},
		{"S-41: the marker is a link, which moves itself", []string{"link var/svc/provisioning /etc/passwd", "file etc/passwd x"}, "/var/svc", "provisioning", "dir /etc 755\nfile /etc/passwd 644 x\ndir /var 755\ndir /var/svc 755\nlink /var/svc/done /etc/passwd\n"},
		{"a directory at the new name", []string{"file var/svc/provisioning", "dir var/svc/done"}, "/var/svc", "provisioning", "rename /var/svc/provisioning: to done: file exists\ndir /var 755\ndir /var/svc 755\ndir /var/svc/done 755\nfile /var/svc/provisioning 644 \n"},
		{"a file in the directory's place", []string{"file var/svc x"}, "/var/svc", "provisioning", "/var/svc is not a directory\ndir /var 755\nfile /var/svc 644 x\n"},
		{"a name with a slash", []string{"file f x"}, "/", "../f", "rename /f: invalid argument\nfile /f 644 x\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			root, dir := plant(t, test.image...)
			err := root.Rename(test.dir, test.from, "done")
			got := outcome("", err)
			if errors.Is(err, fs.ErrNotExist) {
				got = "not there"
			}
			if got = strings.TrimPrefix(got+"\n"+tree(t, dir), "\n"); got != test.want {
				t.Errorf("\ngot  %s\nwant %s", got, test.want)
			}
			untouched(t, dir)
		})
	}
}

func TestEnsureSymlink(t *testing.T) {
	const right = "dir /etc 755\nlink /etc/mtab /proc/mounts\n"
	for _, test := range []struct {
		name  string
		image []string
		want  string
	}{
		{"a new one", []string{"dir etc"}, "changed\n" + right},
		{"the right one is left alone", []string{"link etc/mtab /proc/mounts"}, "left\n" + right},
		{"another one is replaced", []string{"link etc/mtab /etc/passwd", "file etc/passwd x"}, "changed\ndir /etc 755\nlink /etc/mtab /proc/mounts\nfile /etc/passwd 644 x\n"},
		{"a file is replaced", []string{"file etc/mtab x"}, "changed\n" + right},
		{"a FIFO is replaced", []string{"fifo etc/mtab"}, "changed\n" + right},
		{"S-8: a directory", []string{"dir etc/mtab/x"}, "link /etc/mtab: is a directory\ndir /etc 755\ndir /etc/mtab 755\ndir /etc/mtab/x 755\n"},
		{"S-8: /etc is a link", []string{"link etc ../outside"}, "link /etc/mtab: is reached through a symbolic link\nlink /etc ../outside\n"},
		{"no /etc", nil, "link /etc/mtab: no such file or directory\n"},
		{"what a cut-off boot has left", []string{"link etc/.mtab.new x"}, "changed\n" + right},
	} {
		t.Run(test.name, func(t *testing.T) {
			root, dir := plant(t, test.image...)
			changed, err := root.EnsureSymlink("/etc/mtab", "/proc/mounts")
			got := map[bool]string{true: "changed", false: "left"}[changed]
			if got = outcome(got, err) + "\n" + tree(t, dir); got != test.want {
				t.Errorf("\ngot  %s\nwant %s", got, test.want)
			}
			untouched(t, dir)
		})
	}
}

func TestTheRootItselfIsNeverReplaced(t *testing.T) {
	root, dir := plant(t, "file f x")
	if _, err := root.CreateLog("/"); err == nil {
		t.Error("a log was created in the place of the root")
	}
	if _, err := root.EnsureSymlink("/..", "x"); err == nil {
		t.Error("a link was created in the place of the root")
	}
	if got, want := tree(t, dir), "file /f 644 x\n"; got != want {
		t.Errorf("\ngot  %s\nwant %s", got, want)
	}
}

func TestMkdirAllS9MagicLinks(t *testing.T) {
	need.System(t, "linux")
	root, err := Open("/")
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	_, dir := plant(t, "dir d")
	f, err := os.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, name := range []string{
		fmt.Sprintf("/proc/self/fd/%d/made", f.Fd()), fmt.Sprintf("/dev/fd/%d/d", f.Fd()),
		"/proc/self/cwd/made", "/proc/self/root" + dir + "/made", fmt.Sprintf("/proc/%d/task/%d/cwd/made", os.Getpid(), os.Getpid()),
	} {
		if made, err := root.MkdirAll(name, 0o755); !errors.Is(err, ErrMagicLink) || len(made) > 0 {
			t.Errorf("%s: made %q, %v", name, made, err)
		}
		if path, err := root.Resolve(name); !errors.Is(err, ErrMagicLink) {
			t.Errorf("%s is %s, %v", name, path, err)
		}
	}
	if got, want := tree(t, dir), "dir /d 755\n"; got != want {
		t.Errorf("\ngot  %s\nwant %s", got, want)
	}
}
