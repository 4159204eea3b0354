//go:build linux

package main_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"dockerinit/cmd/internal/cmdtest"
	"dockerinit/platform_fake/need"
)

// tools is an image with busybox alone, for whoever is to boot it.
func tools(t *testing.T, who string) string {
	t.Helper()
	need.Program(t, "busybox", "busybox-static")
	dir := cmdtest.Folder(t)
	must(t, os.Chmod(dir, 0o755))
	program, err := os.ReadFile("/bin/busybox")
	must(t, err)
	must(t, os.WriteFile(filepath.Join(dir, "busybox"), program, 0o755))
	own(t, who, dir)
	return dir
}

// own gives an image to whoever is to boot it.
func own(t *testing.T, who, dir string) {
	t.Helper()
	if who == "root" {
		return
	}
	must(t, filepath.WalkDir(dir, func(name string, _ fs.DirEntry, err error) error {
		return errors.Join(err, os.Lchown(name, 65534, 65534))
	}))
}

func busybox(command ...string) []string { return append([]string{"--", "/busybox"}, command...) }

// Much output arrives whole, and a reader who leaves does not hold the zone up.
func TestRunMuchOutput(t *testing.T) {
	payload := zonePayload(t, shell(`head -c 5000000 /dev/zero | tr '\0' x; exit 3`))
	if r := cmdtest.Run(t, booting(t, cmdtest.Ordinary, payload)); r.Status != 3 || strings.Trim(r.Stdout, "x") != "" || len(r.Stdout) != 5000000 {
		t.Errorf("status %d, %d bytes\n%s", r.Status, len(r.Stdout), r.Stderr)
	}
	read, write, err := os.Pipe()
	must(t, err)
	cmd := booting(t, cmdtest.Ordinary, payload)
	cmd.Stdout = write
	p := cmdtest.Start(t, cmd)
	must(t, errors.Join(write.Close(), read.Close()))
	if r := p.Wait(); r.Status != 3 {
		t.Errorf("status %d\n%s", r.Status, r.Stderr)
	}
}

func TestRunMuchInput(t *testing.T) {
	input := strings.Repeat("a line of input\n", 20000)
	cmd := booting(t, cmdtest.Ordinary, zonePayload(t, with(shell("cat; echo end"), map[string]any{"docker:open_stdin": true})))
	cmd.Stdin = strings.NewReader(input)
	if r := cmdtest.Run(t, cmd); r.Status != 0 || r.Stdout != input+"end\n" {
		t.Errorf("status %d, %d bytes of %d\n%s", r.Status, len(r.Stdout), len(input), r.Stderr)
	}
}

// A zone that reads nothing of a lot of input still hears that it is to stop.
func TestRunIsInterruptedWithInput(t *testing.T) {
	cmd := booting(t, root, zonePayload(t, shell("echo up; sleep 60")))
	cmd.Stdin = endless{}
	p := cmdtest.Start(t, cmd)
	p.Await("up")
	exec := dockerzone("exec", "z0", "sh", "-c", "echo up; sleep 60")
	exec.Env, exec.Stdin = cmd.Env, endless{}
	e := cmdtest.Start(t, exec)
	e.Await("up")
	time.Sleep(100 * time.Millisecond) // for the input to fill what it can
	e.Signal(syscall.SIGINT)
	if r := e.Wait(); r.Status != 2 || !strings.Contains(r.Stderr, "interrupted") {
		t.Errorf("exec: status %d\n%s", r.Status, r.Stderr)
	}
	stop(p)
	if r := p.Wait(); r.Status != 137 {
		t.Errorf("run: status %d\n%s", r.Status, r.Stderr)
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

// What an image has in place of directories of the host is told, and nothing
// outside of it is touched.
func TestRunHostileImages(t *testing.T) {
	for name, spoil := range map[string]func(image, outside string) error{
		"dev is a link to outside":   func(image, outside string) error { return os.Symlink(outside, image+"/dev") },
		"proc is a link upwards":     func(image, outside string) error { return os.Symlink("../../../.."+outside, image+"/proc") },
		"native is a file":           func(image, _ string) error { return os.WriteFile(image+"/native", nil, 0o644) },
		"var is a loop":              func(image, _ string) error { return os.Symlink("var", image+"/var") },
		"resolv.conf is a directory": func(image, _ string) error { return os.MkdirAll(image+"/etc/resolv.conf", 0o755) },
		"a FIFO is the hosts file": func(image, _ string) error {
			return errors.Join(os.Mkdir(image+"/etc", 0o755), syscall.Mkfifo(image+"/etc/hosts", 0o644))
		},
		"a FIFO is the marker of vmadm": func(image, _ string) error {
			return errors.Join(os.MkdirAll(image+"/var/svc", 0o755), syscall.Mkfifo(image+"/var/svc/provisioning", 0o644))
		},
		"a link is the marker of vmadm": func(image, outside string) error {
			return errors.Join(os.MkdirAll(image+"/var/svc", 0o755), os.Symlink(outside+"/made", image+"/var/svc/provisioning"))
		},
		"a FIFO is the boot log": func(image, _ string) error {
			return errors.Join(os.MkdirAll(image+"/var/log", 0o755), syscall.Mkfifo(image+"/var/log/sdc-dockerinit.log", 0o644))
		},
		"a link is the hosts file": func(image, outside string) error {
			return errors.Join(os.Mkdir(image+"/etc", 0o755), os.Symlink(outside+"/made", image+"/etc/hosts"))
		},
	} {
		for who, as := range everybody {
			t.Run(name+" "+who, func(t *testing.T) {
				t.Parallel()
				image, outside := tools(t, who), cmdtest.Folder(t)
				must(t, spoil(image, outside))
				own(t, who, image)
				status := map[string]int{ // the host refuses: 2; dockerinit does: 125
					"native is a file": 2, "var is a loop": 2, "resolv.conf is a directory": 2, "dev is a link to outside": 125,
				}[name]
				before := tree(t, image)
				r := cmdtest.Run(t, booting(t, as, append([]string{"--rootfs", image, zonePayload(t, nil)}, busybox("true")...)...))
				if r.Status != status || status == 2 && strings.Count(r.Stderr, "\n") != 1 {
					t.Errorf("status %d, want %d\n%s", r.Status, status, r.Stderr)
				}
				if got := files(t, outside); got != "" {
					t.Errorf("outside are %s", got)
				}
				if after := tree(t, image); after != before {
					t.Errorf("the image was\n%s\nand is\n%s", before, after)
				}
			})
		}
	}
}

func tree(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	must(t, filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err == nil {
			fmt.Fprintln(&b, d.Type(), name)
		}
		return err
	}))
	return b.String()
}

// An ordinary user's zone cannot have what belongs to somebody else: told at once.
func TestRunAnImageOfSomebodyElse(t *testing.T) {
	for _, tt := range []struct {
		name  string
		spoil func(image string) error
		want  string
	}{
		{"a directory that the host writes to", func(image string) error {
			return errors.Join(os.Mkdir(image+"/etc", 0o755), os.Lchown(image+"/etc", 1, 1))
		}, "open /etc/hosts: permission denied: files of the image belong to users that the zone has not"},
		{"a file that the host covers", func(image string) error {
			return errors.Join(os.Mkdir(image+"/etc", 0o755), os.Lchown(image+"/etc", 65534, 65534), os.WriteFile(image+"/etc/hosts", nil, 0o600), os.Lchown(image+"/etc/hosts", 1, 1))
		}, "exit_status 0"},
		{"its root", func(image string) error { return os.Lchown(image, 1, 1) }, "exit_status 0"},
		{"its root, which is private", func(image string) error {
			return errors.Join(os.Lchown(image, 1, 1), os.Chmod(image, 0o700))
		}, "--rootfs: open "},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			image := tools(t, "an ordinary user")
			must(t, tt.spoil(image))
			r := cmdtest.Run(t, booting(t, cmdtest.Ordinary, append([]string{"--rootfs", image, zonePayload(t, nil)}, busybox("true")...)...))
			if strings.Count(r.Stderr, "\n") != 1 || !strings.Contains(r.Stderr, tt.want) {
				t.Errorf("status %d, want %s\n%s", r.Status, tt.want, r.Stderr)
			}
		})
	}
}

// Two zones of one payload have all names in common, and each a number of its own.
func TestTwoZonesOfOneName(t *testing.T) {
	payload := zonePayload(t, shell("echo up; sleep 60"))
	cmd := booting(t, root, payload)
	second := dockerzone("run", payload)
	second.Env = cmd.Env
	zones := []*cmdtest.Process{cmdtest.Start(t, cmd), cmdtest.Start(t, second)}
	for _, p := range zones {
		p.Await("up")
	}
	r := inZone(t, cmd, "exec", "z0", "true")
	m := regexp.MustCompile(`2 zones are called so; name one by its number, (\d+) or (\d+)\n`).FindStringSubmatch(r.Stderr)
	if r.Status != 2 || m == nil {
		t.Fatalf("status %d\n%s", r.Status, r.Stderr)
	}
	for _, number := range m[1:] {
		if r := inZone(t, cmd, "exec", number, "hostname"); r.Stdout != "zone\n" {
			t.Errorf("status %d\n%s", r.Status, r.Stderr)
		}
	}
	for _, p := range zones {
		stop(p)
		p.Wait()
	}
}

// An ordinary user's zone has as many users as newuidmap gives it. /etc/subuid is
// another one for this user alone.
func TestRunWithARangeOfIDs(t *testing.T) {
	cmd := booting(t, root, zonePayload(t, with(shell("id -u; id -g; id -G; touch /tmp/mine && exec sleep 60"), map[string]any{"docker:user": "4711:4712"})))
	p := cmdtest.Start(t, withRanges(t, cmd))
	p.Await("4711\n4712\n4712\n")
	init := onlyChild(t, onlyChild(t, p.Process.Pid))
	if status := proc(t, init, "status"); !regexp.MustCompile(`(?m)^Uid:\t204710\t`).MatchString(status) {
		t.Errorf("outside the user is not 200000+4710:\n%s", status)
	}
	stop(p)
	if r := p.Wait(); r.Status != 137 {
		t.Errorf("status %d\n%s", r.Status, r.Stderr)
	}
}

// withRanges makes cmd that of an ordinary user who has a range of ids.
func withRanges(t *testing.T, cmd *exec.Cmd) *exec.Cmd {
	t.Helper()
	need.Root(t)
	need.Program(t, "newuidmap", "uidmap")
	unshare := need.Program(t, "unshare", "util-linux")
	need.Program(t, "setpriv", "util-linux")
	ranges := cmdtest.File(t, "subid", "65534:200000:65536\n")
	cmd.Args = append([]string{"unshare", "-m", "sh", "-c", `mount --bind "$0" /etc/subuid && mount --bind "$0" /etc/subgid &&
		exec setpriv --reuid 65534 --regid 65534 --clear-groups "$@"`, ranges, cmd.Path}, cmd.Args[1:]...)
	cmd.Path = unshare
	return cmd
}

func proc(t *testing.T, pid int, name string) string {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/%s", pid, name))
	must(t, err)
	return string(text)
}

// What can be seen of the zone's first process from outside.
func TestRunFromOutside(t *testing.T) {
	for who, as := range everybody {
		t.Run(who, func(t *testing.T) {
			t.Parallel()
			cmd := booting(t, as, zonePayload(t, with(shell("echo up; exec sleep 60"), map[string]any{"docker:env": `["A=b c"]`, "docker:workdir": "/srv/data"})))
			p := cmdtest.Start(t, cmd)
			p.Await("up\n")
			pid := onlyChild(t, onlyChild(t, p.Process.Pid))
			if !cmdtest.Until(func() bool { return strings.HasPrefix(proc(t, pid, "cmdline"), "sleep") }) {
				t.Fatalf("the command is %q", proc(t, pid, "cmdline"))
			}
			if env := proc(t, pid, "environ"); !strings.Contains(env, "A=b c\x00") || !strings.Contains(env, "HOSTNAME=zone\x00") || strings.Contains(env, "TMPDIR") {
				t.Errorf("environment %q", env)
			}
			for _, want := range []string{`(?m)^NSpid:\t\d+\t\d+\t1$`, `(?m)^SigBlk:\t0+$`, `(?m)^SigIgn:\t0+$`} {
				if !regexp.MustCompile(want).MatchString(proc(t, pid, "status")) {
					t.Errorf("no %s in\n%s", want, proc(t, pid, "status"))
				}
			}
			if cwd, err := os.Readlink(fmt.Sprintf("/proc/%d/cwd", pid)); cwd != "/srv/data" {
				t.Errorf("in %q, %v", cwd, err)
			}
			// While it starts it opens its locale.
			if fds := fmt.Sprintf("/proc/%d/fd", pid); !cmdtest.Until(func() bool { return files(t, fds) == "0 1 2" }) {
				t.Errorf("descriptors %s", files(t, fds))
			}
			for _, want := range []string{` /proc rw,nosuid,nodev,noexec,\S+ - proc`, ` /native/usr/vm ro,nosuid,nodev`, ` /native/.zonecontrol ro,nosuid,nodev`, ` /etc/resolv.conf `, ` /dev/shm `} {
				if !regexp.MustCompile(want).MatchString(proc(t, pid, "mountinfo")) {
					t.Errorf("no %s in\n%s", want, proc(t, pid, "mountinfo"))
				}
			}
			if r := inZone(t, cmd, "exec", "z0", "sh", "-c", "echo >/native/usr/vm/sbin/dockerinit || rm /native/.zonecontrol/metadata.sock"); r.Status == 0 {
				t.Error("the host's programs can be written to")
			}
			stop(p)
			p.Wait()
		})
	}
}

// At whatever moment dockerzone is killed, its zone goes with it; and what it left
// with the next run.
func TestRunIsKilledAtAnyMoment(t *testing.T) {
	cmd := booting(t, cmdtest.Ordinary, zonePayload(t, shell("sleep 4711")))
	for after := time.Duration(0); after < 80*time.Millisecond; after += 2 * time.Millisecond {
		one := exec.Command(cmd.Path, cmd.Args[1:]...)
		one.Env = cmd.Env
		p := cmdtest.Start(t, cmdtest.Ordinary(one))
		time.Sleep(after)
		p.Signal(syscall.SIGKILL)
		p.Wait()
	}
	_, temporary, _ := strings.Cut(cmd.Env[len(cmd.Env)-2], "=")
	if !cmdtest.Until(func() bool { return len(keepers(temporary)) == 0 }) {
		t.Errorf("still there: %v", keepers(temporary))
	}
	last := exec.Command(cmd.Path, "run", cmd.Args[2], "--", "true")
	last.Env = cmd.Env
	if r := cmdtest.Run(t, cmdtest.Ordinary(last)); r.Status != 0 {
		t.Errorf("status %d\n%s", r.Status, r.Stderr)
	}
}

// A keeper that is killed takes the zone with it, and the next run what it left.
func TestRunWhenItsKeeperIsKilled(t *testing.T) {
	cmd := booting(t, root, zonePayload(t, shell("echo up; sleep 60")))
	p := cmdtest.Start(t, cmd)
	p.Await("up\n")
	keeper := onlyChild(t, p.Process.Pid)
	init := onlyChild(t, keeper)
	must(t, syscall.Kill(keeper, syscall.SIGKILL))
	if r := p.Wait(); r.Status != 2 || !strings.Contains(r.Stderr, "keeper is gone") {
		t.Errorf("status %d\n%s", r.Status, r.Stderr)
	}
	if !cmdtest.Until(func() bool { return errors.Is(syscall.Kill(init, 0), syscall.ESRCH) }) {
		t.Errorf("init, process %d, is still there", init)
	}
	again := exec.Command(cmd.Path, "run", cmd.Args[2], "--", "true")
	again.Env = cmd.Env
	if r := cmdtest.Run(t, again); r.Status != 0 {
		t.Errorf("status %d\n%s", r.Status, r.Stderr)
	}
}

// What is to become of a zone says nothing where dockerzone was interrupted before it
// could tell what to do.
func TestAKeeperWithoutAnOrder(t *testing.T) {
	order, parent, err := os.Pipe()
	must(t, errors.Join(err, parent.Close()))
	defer order.Close()
	cmd := dockerzone()
	cmd.Args, cmd.ExtraFiles = []string{"dockerzone-keeper"}, []*os.File{order}
	if r := cmdtest.Run(t, cmd); r.Status != 1 || r.Stdout+r.Stderr != "" {
		t.Errorf("status %d\n%s%s", r.Status, r.Stdout, r.Stderr)
	}
}

// A socket's path is short.
func TestRunWithALongRuntimeDirectory(t *testing.T) {
	cmd := booting(t, root, zonePayload(t, shell("exit 0")))
	dir := filepath.Join(cmdtest.Folder(t), strings.Repeat("d", 100))
	must(t, os.Mkdir(dir, 0o700))
	cmd.Env = append(cmd.Env, "XDG_RUNTIME_DIR="+dir)
	if r := cmdtest.Run(t, cmd); r.Status != 2 || strings.Count(r.Stderr, "\n") != 1 || !strings.Contains(r.Stderr, "XDG_RUNTIME_DIR") {
		t.Errorf("status %d\n%s", r.Status, r.Stderr)
	}
}

func TestZoneUsage(t *testing.T) {
	payload := cmdtest.Payload(t, nil, nil)
	for _, tt := range []struct {
		args   []string
		status int
		want   string
	}{
		{[]string{"run"}, 3, "a payload is missing"},
		{[]string{"run", "--rots", "x", payload}, 3, "not defined: -rots"},
		{[]string{"run", payload, "true"}, 3, `unexpected argument "true"`},
		{[]string{"run", "--write", payload}, 3, "--write is for a --rootfs directory"},
		{[]string{"run", "--write", "--keep", "--rootfs", "/", payload}, 3, "--keep is for what is thrown away"},
		{[]string{"run", "--timeout", "soon", payload}, 3, "soon"},
		{[]string{"run", "--timeout", "-1s", payload}, 3, "a time is not negative"},
		{[]string{"run", "--rootfs", "/none", payload}, 2, "open /none: no such file"},
		{[]string{"run", "--rootfs", "/proc", payload}, 2, "overlay of /proc: "},
		{[]string{"run", "--dockerinit", "/none", payload}, 2, "/none: not there: make build puts it beside dockerzone"},
		{[]string{"run", "/none.json"}, 2, "/none.json: no such file"},
		{[]string{"exec", "--user", "x", "z0"}, 3, "a zone and a command are needed"},
		{[]string{"attach"}, 3, "a zone is missing"},
		{[]string{"attach", "a", "b"}, 3, `unexpected argument "b"`},
		{[]string{"net"}, 3, "a zone is missing"},
		{[]string{"attach", ""}, 2, "no such zone runs"},
	} {
		t.Run(strings.Join(tt.args[:min(3, len(tt.args))], " "), func(t *testing.T) {
			cmd := booting(t, cmdtest.Ordinary)
			cmd.Args = append(cmd.Args[:1], tt.args...)
			r := cmdtest.Run(t, cmd)
			if r.Status != tt.status || !strings.Contains(r.Stderr, tt.want) || r.Stdout != "" || tt.status == 2 && strings.Count(r.Stderr, "\n") != 1 {
				t.Errorf("status %d, want %d and %q\n%s%s", r.Status, tt.status, tt.want, r.Stdout, r.Stderr)
			}
		})
	}
}
