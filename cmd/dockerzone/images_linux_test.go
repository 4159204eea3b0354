//go:build linux

package main_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"dockerinit/cmd/internal/cmdtest"
	"dockerinit/platform_fake/need"
)

// twoAddresses is a network with an address of each family.
var twoAddresses = map[string]any{"nics": []any{map[string]any{
	"interface": "eth0", "mac": "90:b8:d0:00:00:01", "primary": true,
	"ips": []string{"10.88.0.14/24", "fd00:88::14/64"}, "gateways": []string{"10.88.0.1"},
}}}

// fetch asks the zone's web server from the switch, at each of twoAddresses, until it
// answers.
func fetch(t *testing.T, cmd *exec.Cmd, want string) {
	t.Helper()
	self := visible(t)
	for _, host := range []string{"10.88.0.14", "[fd00:88::14]"} {
		var r cmdtest.Result
		if !cmdtest.Until(func() bool {
			r = inZone(t, cmd, "net", "z0", "--", self, "probe-get", "http://"+host+"/")
			return r.Status == 0
		}) || !strings.Contains(r.Stdout, want) {
			t.Errorf("asked at %s: status %d, want %q in\n%s%s", host, r.Status, want, r.Stdout, r.Stderr)
		}
	}
}

// A busybox image has a shell and programs, and neither /etc nor libraries.
func TestRunBusybox(t *testing.T) {
	busybox := need.Program(t, "busybox", "busybox-static")
	for who, as := range everybody {
		t.Run(who, func(t *testing.T) {
			t.Parallel()
			image := cmdtest.Folder(t)
			must(t, os.Chmod(image, 0o755))
			must(t, os.MkdirAll(filepath.Join(image, "bin"), 0o755))
			program, err := os.ReadFile(busybox)
			must(t, err)
			must(t, os.WriteFile(filepath.Join(image, "bin/busybox"), program, 0o755))
			for _, applet := range []string{"sh", "id", "httpd"} {
				must(t, os.Symlink("busybox", filepath.Join(image, "bin", applet)))
			}
			payload := zonePayload(t, with(
				shell(`echo "$(id -u) in $PWD" >index.html && echo up && exec httpd -f -p 80`),
				map[string]any{"docker:workdir": "/srv/www"}), twoAddresses)
			cmd := booting(t, as, "--rootfs", image, payload)
			p := cmdtest.Start(t, cmd)
			p.Await("up")
			fetch(t, cmd, "0 in /srv/www\n")
			stop(p)
			p.Wait()
			if left := files(t, image); left != "bin" {
				t.Errorf("the image has %s", left)
			}
		})
	}
}

// A Debian system as debootstrap makes it, and a server that its packages have.
func TestRunDebian(t *testing.T) {
	image := debian(t)
	t.Run("a user of the image", func(t *testing.T) {
		t.Parallel()
		r := cmdtest.Run(t, booting(t, root, "--rootfs", image, zonePayload(t, with(
			shell(`echo "$(id -un) $(id -Gn) in $PWD, home $HOME"; stat -fc %T /dev/shm; readlink /etc/mtab; dpkg-query -W -f '${Status}\n' nginx-light`),
			map[string]any{"docker:user": "www-data:games", "docker:workdir": "/var/www/html"}))))
		const want = "www-data games in /var/www/html, home /var/www\ntmpfs\n/proc/mounts\ninstall ok installed\n"
		if r.Status != 0 || r.Stdout != want {
			t.Errorf("status %d\n got\n%s\nwant\n%s\n%s", r.Status, r.Stdout, want, r.Stderr)
		}
	})
	t.Run("nginx", func(t *testing.T) {
		t.Parallel()
		cmd := booting(t, root, "--rootfs", image, zonePayload(t, map[string]any{"docker:cmd": `["nginx", "-g", "daemon off;"]`}, twoAddresses))
		p := cmdtest.Start(t, cmd)
		fetch(t, cmd, "<h1>Welcome to nginx!</h1>")
		// Its workers have become the image's user, below the first process.
		r := inZone(t, cmd, "exec", "z0", "sh", "-c", `cd /proc; for p in [0-9]*; do [ "$(readlink $p/exe)" = /usr/sbin/nginx ] && stat -c %U $p; done | sort -u`)
		if r.Stdout != "root\nwww-data\n" {
			t.Errorf("status %d, nginx runs as %q\n%s", r.Status, r.Stdout, r.Stderr)
		}
		p.Signal(syscall.SIGTERM)
		if r := p.Wait(); r.Status != 0 {
			t.Errorf("status %d\n%s", r.Status, r.Stderr)
		}
	})
	t.Cleanup(func() {
		if _, err := os.Lstat(filepath.Join(image, "var/log/sdc-dockerinit.log")); err == nil {
			t.Error("the image was written to")
		}
	})
}

// debian is the machine's own release of Debian with a web server and a database,
// made once and kept in the user's cache: making it takes a minute and the network.
func debian(t *testing.T) (dir string) {
	t.Helper()
	packages := []string{"nginx-light", "postgresql"}
	need.Root(t)
	debootstrap := need.Program(t, "debootstrap", "debootstrap")
	aptGet := need.Program(t, "apt-get", "apt")
	suite := release(t)
	cache, err := os.UserCacheDir()
	must(t, err)
	cache = filepath.Join(cache, "dockerinit-test")
	must(t, os.MkdirAll(cache, 0o755))
	dir = filepath.Join(cache, strings.Join(append([]string{"debian", suite}, packages...), "-"))

	// Others who test at this moment wait for the one who makes it.
	lock, err := os.OpenFile(dir+".lock", os.O_RDWR|os.O_CREATE, 0o600)
	must(t, err)
	defer lock.Close()
	must(t, unix.Flock(int(lock.Fd()), unix.LOCK_EX))
	if _, err := os.Stat(dir); err == nil {
		return dir
	}
	fresh := dir + ".new" // perhaps left by one who was killed
	must(t, os.RemoveAll(fresh))
	ctx, cancel := context.WithTimeout(t.Context(), 15*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, debootstrap, "--variant=minbase", "--include="+strings.Join(packages, ","), suite, fresh, mirror(t, aptGet, suite))
	// Its mounts and processes end with it.
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: unix.CLONE_NEWPID, Unshareflags: unix.CLONE_NEWNS, Pdeathsig: unix.SIGKILL}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", cmd, err, out)
	}
	must(t, os.Chmod(fresh, 0o755))
	must(t, os.Rename(fresh, dir))
	return dir
}

// release is the name of this machine's release, "bookworm".
func release(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("/etc/os-release")
	must(t, err)
	for line := range strings.Lines(string(text)) {
		if name, ok := strings.CutPrefix(line, "VERSION_CODENAME="); ok {
			return strings.Trim(strings.TrimSpace(name), `"`)
		}
	}
	t.Fatalf("no VERSION_CODENAME in\n%s", text)
	return ""
}

// mirror is where this machine's own packages of the release come from.
func mirror(t *testing.T, aptGet, suite string) string {
	t.Helper()
	cmd := exec.Command(aptGet, "indextargets", "--format", "$(RELEASE) $(REPO_URI)", "Created-By: Packages", "Component: main")
	out, err := cmd.Output()
	must(t, err)
	for line := range strings.Lines(string(out)) {
		var name, uri string
		if n, _ := fmt.Sscan(line, &name, &uri); n == 2 && name == suite {
			return uri
		}
	}
	t.Fatalf("apt has no source for %s:\n%s", suite, out)
	return ""
}
