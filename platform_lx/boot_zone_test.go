//go:build linux

package lx

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"dockerinit/core/metadata"
	"dockerinit/platform_fake/host"
	"dockerinit/platform_fake/need"
	"dockerinit/platform_lx/entry"
	"dockerinit/platform_lx/lxkernel"
	"dockerinit/platform_lx/resident"
)

// A bootZone is a zone for the real dockerinit: a root directory with the
// machine's own programs, the host's metadata socket and FIFOs for the console,
// seen from namespaces of its own, in which dockerinit is PID 1.
type bootZone struct {
	t     testing.TB
	root  string
	store *host.Store
	out   map[int]*os.File // the host's side of zfd 1 and 2
	lx    *lxkernel.Kernel // the kernel that it boots on; nil: this machine's
	env   []string         // what the zone's host is to do otherwise

	speaks bool     // it has nowhere to speak but on the standard error that init was given
	leaks  *os.File // what the host has left open for the zone's init
}

// ended is what came of a boot.
type ended struct {
	status   int
	out, err string
	log      string
}

// built is where the real program is once a test has asked for it.
var built string

var dockerinit = sync.OnceValues(func() (program string, err error) {
	if built, err = os.MkdirTemp("", "dockerinit"); err != nil {
		return "", err
	}
	program = built + "/dockerinit"
	build := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-tags", resident.Tag, "-ldflags", "dockerinit/cmd/dockerinit=-s -w "+resident.Linker, "-ldflags", "dockerinit/cmd/dockerexec=-s -w -E "+entry.Exec, "-o", built+"/", "dockerinit/cmd/dockerinit", "dockerinit/cmd/dockerexec", "dockerinit/cmd/mdata",
		"dockerinit/platform_lx/lxkernel/nativetool")
	build.Env = asMade()
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	f, err := os.Open(program)
	if err != nil {
		return "", err
	}
	defer f.Close()
	return program, f.Sync() // else its pages count as dirty memory of whoever runs it
})

// asMade is the environment in which the Makefile builds the programs.
func asMade() []string {
	env := append(os.Environ(), "CGO_ENABLED=0")
	if strings.HasPrefix(runtime.Version(), "go1.26") {
		env = append(env, "GOEXPERIMENT=nogreenteagc")
	}
	return env
}

// newBootZone lays the zone out. internal is its internal_metadata, as JSON
// members; more are further members of its payload.
func newBootZone(t testing.TB, internal string, more ...string) *bootZone {
	t.Helper()
	return newBootZoneOf(t, `"internal_metadata": {`+internal+`}`+strings.Join(more, ""), func(l net.Listener) net.Listener { return l })
}

// newBootZoneOf lays out the zone with these members of its payload. through is
// what its host listens with.
func newBootZoneOf(t testing.TB, members string, through func(net.Listener) net.Listener) *bootZone {
	t.Helper()
	need.Root(t)
	need.Program(t, "sh", "dash")
	need.Program(t, "go", "golang")
	// The name of a socket must be short.
	dir, err := os.MkdirTemp("", "zone")
	must(t, err)
	t.Cleanup(func() { must(t, os.RemoveAll(dir)) })
	must(t, os.Chmod(dir, 0o755)) // the container's user goes through it
	z := &bootZone{t: t, root: dir, out: map[int]*os.File{}}
	for name, mode := range map[string]fs.FileMode{
		"etc": 0o755, "proc": 0o755, "dev/zfd": 0o755, "tmp": 0o777 | fs.ModeSticky, "var/svc": 0o755,
		"native/.zonecontrol": 0o755, "sbin.zone": 0o755,
	} {
		must(t, os.MkdirAll(filepath.Join(dir, name), 0o755))
		must(t, os.Chmod(filepath.Join(dir, name), mode))
	}
	z.write("etc/passwd", "root:x:0:0::/root:/bin/sh\nweb:x:1500:1600::/srv/web:/bin/sh\n")
	z.write("etc/group", "web:x:1600:\nlogs:x:1700:web\n")
	z.write("var/svc/provisioning", "")
	for _, file := range []string{"dev/null", "dev/zero", "sbin.zone/dockerinit"} {
		z.write(file, "")
	}

	if !strings.Contains(members, `"brand"`) {
		members += `, "brand": "lx"`
	}
	payload, err := host.Read(strings.NewReader(`{"uuid": "9c214964-5ea3-5861-9992-12919b0d4ba8", "hostname": "web0", "docker": true,
		"internal_metadata_namespaces": ["docker"], ` + members + `}`))
	must(t, err)
	z.store = host.NewStore(payload)
	l, err := host.Listen(dir + "/native/.zonecontrol/metadata.sock")
	must(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() {
		served <- metadata.ServeListener(ctx, &metadata.Server{Store: z.store}, metadata.Listener[net.Conn](through(l)))
	}()
	t.Cleanup(func() {
		cancel()
		must(t, <-served)
	})
	return z
}

func (z *bootZone) write(name, content string) {
	z.t.Helper()
	must(z.t, os.WriteFile(filepath.Join(z.root, name), []byte(content), 0o644))
}

// streams makes zfd 0, 1 and 2. What is written to them is read while the zone
// runs.
func (z *bootZone) streams(stdin string) {
	z.t.Helper()
	in := fifo(z.t, z.root+"/dev/zfd/0")
	_, err := in.WriteString(stdin)
	must(z.t, err)
	for n := 1; n <= 2; n++ {
		name := fmt.Sprintf("%s/dev/zfd/%d", z.root, n)
		must(z.t, unix.Mkfifo(name, 0o600))
		f, err := os.OpenFile(name, os.O_RDONLY|unix.O_NONBLOCK, 0)
		must(z.t, err)
		z.t.Cleanup(func() { f.Close() })
		z.out[n] = f
	}
}

// boot runs the zone to its end. terminal is what zfd 0 is to be, if any.
func (z *bootZone) boot(terminal string) ended {
	z.t.Helper()
	return z.bootWith(terminal, nil)
}

// bootWith calls with for the zone while it runs, with the pid that its first
// process has here.
func (z *bootZone) bootWith(terminal string, with func(pid int)) (e ended) {
	z.t.Helper()
	program, err := dockerinit()
	must(z.t, err)
	ctx, cancel := context.WithTimeout(z.t.Context(), 5*time.Minute) // of 10,000 orphans, where a fork takes milliseconds
	defer cancel()
	cmd := exec.CommandContext(ctx, "/proc/self/exe")
	cmd.Env = []string{"LX_TEST_ZONE=" + z.root, "LX_TEST_DOCKERINIT=" + program, "LX_TEST_TERMINAL=" + terminal}
	cmd.Env = append(cmd.Env, z.env...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: unix.CLONE_NEWPID | unix.CLONE_NEWNS | unix.CLONE_NEWUTS | unix.CLONE_NEWIPC | unix.CLONE_NEWNET}
	if z.leaks != nil {
		cmd.ExtraFiles = []*os.File{z.leaks}
	}
	stdout, stderr := z.read(1), z.read(2)
	own, err := z.run(cmd, with) // of what is no part of the zone
	e.out, e.err = stdout(), stderr()
	need.That(z.t, !errors.Is(err, fs.ErrPermission), "the right to make namespaces", "run it outside of a container")
	if _, ok := errors.AsType[*exec.ExitError](err); err != nil && !ok {
		z.t.Fatal(err)
	}
	if len(own) > 0 && !z.speaks {
		z.t.Errorf("on the standard error that init was given:\n%s", own)
	}
	e.status = cmd.ProcessState.ExitCode()
	log, err := os.ReadFile(z.root + "/var/log/sdc-dockerinit.log")
	must(z.t, err)
	e.log = string(log)
	return e
}

// read reads a stream as the host does, until all is asked for.
func (z *bootZone) read(n int) (all func() string) {
	z.t.Helper()
	f := z.out[n]
	if f == nil {
		return func() string { return "" }
	}
	// Without a writer of the test's own there is an end before the zone opens it.
	held, err := os.OpenFile(f.Name(), os.O_WRONLY, 0)
	must(z.t, err)
	text := make(chan string)
	go func() {
		read, err := io.ReadAll(f)
		if err != nil {
			z.t.Error(err)
		}
		text <- string(read)
	}()
	return func() string {
		must(z.t, held.Close())
		return <-text
	}
}

// run runs the zone on its kernel.
func (z *bootZone) run(cmd *exec.Cmd, with func(pid int)) (own []byte, err error) {
	z.t.Helper()
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if with == nil {
		with = func(int) {}
	}
	if z.lx == nil {
		if err := cmd.Start(); err != nil {
			return nil, err
		}
		with(cmd.Process.Pid)
		err := cmd.Wait()
		return out.Bytes(), err
	}
	heard, tell, err := os.Pipe()
	must(z.t, err)
	defer heard.Close()
	wait, served, err := os.Pipe()
	must(z.t, err)
	defer served.Close()
	cmd.ExtraFiles = []*os.File{tell, wait}
	cmd.Env = append(cmd.Env, "LX_TEST_KERNEL=lx")
	if err := errors.Join(cmd.Start(), tell.Close(), wait.Close()); err != nil {
		return nil, err
	}
	var listener byte
	if err = binary.Read(heard, binary.NativeEndian, &listener); err == nil {
		err = z.lx.Serve(cmd.Process.Pid, int(listener))
	}
	if err == nil {
		_, err = served.Write([]byte{0})
	}
	if err != nil {
		_ = cmd.Process.Kill()
		z.t.Errorf("the LX kernel: %s", err)
	}
	with(cmd.Process.Pid)
	err = cmd.Wait()
	return out.Bytes(), err
}

// enterLX puts this thread onto the kernel of an LX zone: see run.
func enterLX() error {
	return lxkernel.Enter(func(listener int) error {
		if _, err := unix.Write(3, []byte{byte(listener)}); err != nil {
			return err
		}
		if n, err := unix.Read(4, make([]byte, 1)); n != 1 {
			return fmt.Errorf("nobody serves the kernel's calls: %w", err)
		}
		return errors.Join(unix.Close(3), unix.Close(4))
	})
}

// nativeTools mounts what the host mounts below /native.
func nativeTools(root, tool string) error {
	text, err := os.ReadFile(tool)
	if err != nil {
		return err
	}
	// /native/dev is there in a zone.
	if err := errors.Join(os.MkdirAll(root+"/native/dev", 0o755), os.WriteFile(root+"/native/dev/null", nil, 0o666),
		unix.Mount("/dev/null", root+"/native/dev/null", "", unix.MS_BIND, "")); err != nil {
		return err
	}
	for _, dir := range []string{"/native/lib", "/native/sbin", "/native/usr"} {
		if err := os.MkdirAll(root+dir, 0o755); err != nil {
			return err
		}
		if err := unix.Mount("native", root+dir, "tmpfs", 0, "mode=755"); err != nil {
			return err
		}
		for _, path := range lxkernel.Paths {
			file := root + "/native" + path
			if !strings.HasPrefix(file, root+dir+"/") || os.Getenv("LX_TEST_WITHOUT") == path {
				continue
			}
			if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, text, 0o755)); err != nil {
				return err
			}
		}
		if writable := os.Getenv("LX_TEST_WRITABLE"); writable == dir || writable == "all" {
			continue
		}
		if err := unix.Mount("", root+dir, "", unix.MS_REMOUNT|unix.MS_BIND|unix.MS_RDONLY, ""); err != nil {
			return err
		}
	}
	return nil
}

// enterZone is what a zone's kernel has done before init: it makes z.root the
// root, with the machine's programs in it, and executes init, or what else a
// benchmark wants to have there.
func enterZone(root, program string, argv ...string) error {
	if err := enterCgroup(); err != nil {
		return err
	}
	private := uintptr(unix.MS_REC | unix.MS_PRIVATE)
	if err := unix.Mount("", "/", "", private, ""); err != nil {
		return err
	}
	bind := func(from, to string) error {
		if err := unix.Mount(from, to, "", unix.MS_BIND|unix.MS_REC, ""); err != nil {
			return fmt.Errorf("bind %s: %w", from, err)
		}
		return nil
	}
	if err := bind(root, root); err != nil {
		return err
	}
	if links := os.Getenv("LX_TEST_LINKS"); links != "" {
		ip := exec.Command("ip", "-batch", "-")
		ip.Stdin = strings.NewReader(links)
		if out, err := ip.CombinedOutput(); err != nil {
			return fmt.Errorf("ip: %w: %s", err, out)
		}
	}
	for _, dir := range []string{"/bin", "/sbin", "/lib", "/lib64", "/usr"} {
		if to, err := os.Readlink(dir); err == nil {
			if err := os.Symlink(to, root+dir); err != nil && !errors.Is(err, fs.ErrExist) {
				return err
			}
			continue
		}
		if _, err := os.Stat(dir); err != nil {
			continue
		}
		if err := errors.Join(os.MkdirAll(root+dir, 0o755), bind(dir, root+dir)); err != nil {
			return err
		}
	}
	if err := errors.Join(bind("/dev/null", root+"/dev/null"), bind("/dev/zero", root+"/dev/zero"), bind(program, root+"/sbin.zone/dockerinit"),
		unix.Mount("proc", root+"/proc", "proc", 0, "")); err != nil {
		return err
	}
	if terminal := os.Getenv("LX_TEST_TERMINAL"); terminal != "" {
		if err := bind(terminal, root+"/dev/zfd/0"); err != nil {
			return err
		}
	}
	lx := os.Getenv("LX_TEST_KERNEL") != ""
	if lx {
		if err := nativeTools(root, filepath.Dir(program)+"/nativetool"); err != nil {
			return fmt.Errorf("native tools: %w", err)
		}
	}
	// The new root over the old one, which is then let go.
	if err := errors.Join(os.Chdir(root), unix.PivotRoot(".", "."), unix.Unmount(".", unix.MNT_DETACH), os.Chdir("/")); err != nil {
		return err
	}
	if len(argv) > 0 {
		return syscall.Exec(argv[0], argv, nil)
	}
	if lx {
		if err := enterLX(); err != nil {
			return err
		}
	}
	if os.Getenv("LX_TEST_PIPE") != "" {
		if err := brokenPipe(); err != nil {
			return err
		}
	}
	return syscall.Exec("/sbin.zone/dockerinit", []string{"dockerinit"}, nil)
}

// brokenPipe has init come upon a SIGPIPE that waits, as illumos tells one that the
// kernel itself has sent: of nobody, and with a code that is no kernel's of Linux.
// illumos-joyent: usr/src/uts/common/syscall/sigtimedwait.c, SI_NOINFO
//
// Who starts the zone blocks it, so that nobody takes it here.
func brokenPipe() error {
	info := [32]int32{int32(unix.SIGPIPE), 0, 32767}
	if _, _, errno := unix.RawSyscall(unix.SYS_RT_SIGQUEUEINFO, uintptr(unix.Getpid()), uintptr(unix.SIGPIPE), uintptr(unsafe.Pointer(&info))); errno != 0 {
		return errno
	}
	return nil
}

// told is what the zone has told the host, which may hear it when the zone has
// ended.
func (z *bootZone) told(key string) string {
	z.t.Helper()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		value, ok, err := z.store.Get(key)
		must(z.t, err)
		if ok {
			return value
		}
	}
	z.t.Fatalf("the host was never told %s", key)
	return ""
}

// files are the names in a directory of the zone.
func (z *bootZone) files(dir string) string {
	z.t.Helper()
	entries, err := os.ReadDir(filepath.Join(z.root, dir))
	must(z.t, err)
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return strings.Join(names, " ")
}

// list is a list of texts as JSON within JSON.
func list(texts ...string) string {
	escape := strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\t", `\t`)
	for i, text := range texts {
		texts[i] = `"` + escape.Replace(text) + `"`
	}
	return `"` + escape.Replace("["+strings.Join(texts, ",")+"]") + `"`
}
