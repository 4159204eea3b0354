//go:build linux && amd64

package abi

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"dockerinit/core/metadata"
	"dockerinit/core/process"
	"dockerinit/core/zone"
	"dockerinit/platform_fake/host"
	"dockerinit/platform_fake/need"
	"dockerinit/platform_fake/scenario"
)

// A bootedZone is an illumos zone for the real programs: a root directory, the
// host's metadata socket and console, the model of its kernel, and namespaces in
// which dockerinit is PID 1.
type bootedZone struct {
	t          testing.TB
	programs   zonePrograms
	root       string
	native     string // where the native programs are: "" or /native
	store      *host.Store
	talks      *atomic.Int64 // conversations with the host that are not over
	console    *consoleHost
	tty, ttyAt string // what is mounted where
	proc       string // what is mounted on /native/proc
	null       string // what its /dev/null is; "": an empty file

	init *exec.Cmd
}

// ended is what came of a boot.
type ended struct {
	status int // 128 and the signal's number where one has ended it
	out    map[int]string
	log    string
	model  string // as text
	execs  []executed
}

// newZone lays a zone out as the scenario has it. It has no console yet.
func newZone(t testing.TB, s scenario.Scenario) *bootedZone {
	t.Helper()
	need.Root(t)
	need.Program(t, "go", "golang")
	need.Program(t, "gcc", "gcc")
	need.Program(t, "make", "make")
	need.Program(t, "busybox", "busybox-static")
	programs, err := zoneOnce()
	must(t, err)
	z := &bootedZone{t: t, programs: programs, root: s.Root(t), null: os.DevNull}
	z.console = newConsoleHost(t, z.root)
	if s.Brand == zone.LX || s.Brand == "" {
		z.native = "/native"
	}
	for _, dir := range []string{"lib/inet", "sbin", "usr/lib/inet", "usr/lib/fs/nfs", "lib/sdc/docker", "usr/vm/sbin", "etc/svc/volatile/ipadm", ".zonecontrol"} {
		must(t, os.MkdirAll(z.root+z.native+"/"+dir, 0o755))
	}
	for _, dir := range []string{zoneTools, "/proc", "/dev", z.native + "/proc"} {
		must(t, os.MkdirAll(z.root+dir, 0o755))
	}
	for _, name := range []string{"null", "urandom"} {
		must(t, os.WriteFile(z.root+"/dev/"+name, nil, 0o666))
	}
	for _, name := range []string{"lib/inet/ipmgmtd", "usr/lib/inet/in.ndpd", "usr/lib/fs/nfs/mount", "sbin/dhcpagent"} {
		must(t, os.Symlink(zoneTools+"/loader", z.root+z.native+"/"+name))
	}
	z.write(z.native+"/lib/sdc/docker/logger", "#!"+zoneTools+"/busybox sh\ncat <&3 >/dev/null &\ncat <&4 >/dev/null\nwait\n", 0o755)
	brand := string(s.Brand)
	if brand == "" {
		brand = string(zone.LX)
	}
	z.set("brand="+brand, "nroot="+z.native)
	if coverage != "" {
		must(t, os.Mkdir(z.root+coverageDir, 0o777))
		z.set("coverage=" + coverageDir)
	}
	z.serve(s)
	return z
}

// serve is the host's metadata agent.
func (z *bootedZone) serve(s scenario.Scenario) {
	z.t.Helper()
	payload, err := s.VM()
	must(z.t, err)
	z.store = host.NewStore(payload)
	if s.Host != nil {
		s.Host(z.store)
	}
	z.links(payload)
	l, err := host.Listen(z.root + z.native + "/.zonecontrol/metadata.sock")
	must(z.t, err)
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	server := &metadata.Server{Store: z.store, V1Only: s.V1Only}
	z.talks = new(atomic.Int64)
	go func() {
		served <- metadata.ServeListener(ctx, server, metadata.Listener[net.Conn](listener{l, z.talks}))
	}()
	z.t.Cleanup(func() {
		cancel()
		must(z.t, <-served)
	})
}

// A listener knows when all of its conversations are over: what a zone has
// written last, the host may hear when the zone has ended.
type listener struct {
	net.Listener
	open *atomic.Int64
}

func (l listener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	l.open.Add(1)
	return conversation{c, sync.OnceFunc(func() { l.open.Add(-1) })}, nil
}

type conversation struct {
	net.Conn
	over func()
}

func (c conversation) Close() error {
	defer c.over()
	return c.Conn.Close()
}

// set changes the model: brand=lx, fault=mount:1:16.
func (z *bootedZone) set(all ...string) {
	z.t.Helper()
	loader, err := loaderOnce()
	must(z.t, err)
	out, err := exec.Command(loader, append([]string{"--model", z.root + "/dev/.model"}, all...)...).CombinedOutput()
	if err != nil {
		z.t.Fatalf("%v\n%s", err, out)
	}
}

// write puts a file into the zone.
func (z *bootedZone) write(name, content string, mode fs.FileMode) {
	z.t.Helper()
	path := filepath.Join(z.root, name)
	must(z.t, os.MkdirAll(filepath.Dir(path), 0o755))
	must(z.t, os.WriteFile(path, []byte(content), 0o600))
	must(z.t, os.Chmod(path, mode))
}

// streams makes the devices of a console of streams, and those of a log driver.
func (z *bootedZone) streams() {
	for n := range 5 {
		z.console.stream(n)
	}
}

// terminal makes zfd 0 a terminal, with the device that a log driver reads.
func (z *bootedZone) terminal() {
	z.tty = z.console.terminal(33, 99)
	z.ttyAt = "/dev/zfd/0"
	z.console.device(1, false)
}

// helper puts a script in the place of the program that mounts NFS.
func (z *bootedZone) helper(text string) {
	must(z.t, os.Remove(z.root+z.native+"/usr/lib/fs/nfs/mount"))
	z.write(z.native+"/usr/lib/fs/nfs/mount", "#!"+zoneTools+"/busybox sh\n"+text+"\n", 0o755)
}

// otherConsole makes the zone's own console a terminal: what it has where it was
// given no zfd devices. In a native zone the name that everybody knows is a link.
// illumos-joyent: usr/src/lib/brand/joyent-minimal/zone/platform.xml
func (z *bootedZone) otherConsole() {
	z.tty = z.console.terminal(24, 80)
	must(z.t, os.RemoveAll(z.root+"/dev/zfd"))
	z.ttyAt = "/dev/console"
	if z.native == "" {
		z.ttyAt = "/dev/zconsole"
		must(z.t, os.Symlink("zconsole", z.root+"/dev/console"))
	}
	z.write(z.ttyAt, "", 0o600)
}

// coverageDir is where a zone has the folder of coverage.
const coverageDir = "/.coverage"

// limit is how long a boot may take here, on a machine that is busy.
const limit = 2 * time.Minute

// boot runs the zone to its end.
func (z *bootedZone) boot() ended {
	z.t.Helper()
	z.start()
	return z.wait()
}

func (z *bootedZone) start() {
	z.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	z.t.Cleanup(cancel)
	z.init = exec.CommandContext(ctx, "/proc/self/exe")
	z.init.Env = []string{zoneVariable + "=" + z.root, "ZONE_NATIVE=" + z.native, "ZONE_NULL=" + z.null, "ZONE_PROC=" + z.proc, "ZONE_TTY=" + z.tty, "ZONE_TTY_AT=" + z.ttyAt,
		"ZONE_COVERAGE=" + coverage, "ZONE_TOOLS=" + z.programs.tools, "ZONE_ILLUMOS=" + z.programs.illumos}
	z.init.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags: unix.CLONE_NEWPID | unix.CLONE_NEWNS | unix.CLONE_NEWUTS | unix.CLONE_NEWIPC | unix.CLONE_NEWNET,
		Pdeathsig:  unix.SIGKILL,
	}
	z.init.Stderr = &strings.Builder{}
	err := z.init.Start()
	need.That(z.t, !errors.Is(err, fs.ErrPermission), "the right to make namespaces", "run it outside of a container")
	must(z.t, err)
}

// initPid is init's number on this machine.
func (z *bootedZone) initPid() string { return strconv.Itoa(z.init.Process.Pid) }

func (z *bootedZone) wait() (e ended) {
	z.t.Helper()
	err := z.init.Wait()
	if _, exited := errors.AsType[*exec.ExitError](err); err != nil && !exited {
		z.t.Fatal(err)
	}
	if own := z.init.Stderr.(*strings.Builder).String(); own != "" {
		z.t.Error(own)
	}
	status := z.init.ProcessState.Sys().(syscall.WaitStatus)
	if e.status = status.ExitStatus(); status.Signaled() {
		e.status = 128 + int(status.Signal())
	}
	z.console.end()
	until(z.t, "the host has heard all", func() bool { return z.talks.Load() == 0 })
	e.out = map[int]string{}
	for n := range 3 {
		e.out[n] = z.console.text(n)
	}
	log := z.root + "/var/log/sdc-dockerinit.log"
	if info, err := os.Lstat(log); err == nil && info.Mode().IsRegular() { // an image may have had something else in its place
		text, err := os.ReadFile(log)
		must(z.t, err)
		e.log = string(text)
	}
	e.model = z.ask("--state")
	e.execs = parseExecuted(z.t, z.ask("--executed"))
	return e
}

// ask is what the model says.
func (z *bootedZone) ask(what string) string {
	z.t.Helper()
	loader, err := loaderOnce()
	must(z.t, err)
	out, err := exec.Command(loader, what, z.root+"/dev/.model").Output()
	must(z.t, err)
	return string(out)
}

// zoneVariable is the environment's, of what becomes a zone's init: its root.
const zoneVariable = "DOCKERINIT_ILLUMOS_ZONE"

// enterZone is what a zone's kernel has done before init.
func enterZone(root string) error {
	native := os.Getenv("ZONE_NATIVE")
	bind := func(from, to string, flags uintptr) error {
		if err := unix.Mount(from, root+to, "", unix.MS_BIND, ""); err != nil {
			return &os.PathError{Op: "bind", Path: to, Err: err}
		}
		if flags == 0 {
			return nil
		}
		return unix.Mount("", root+to, "", unix.MS_REMOUNT|unix.MS_BIND|flags, "")
	}
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return err
	}
	if err := errors.Join(
		bind(root, "", 0),
		bind(os.Getenv("ZONE_TOOLS"), zoneTools, unix.MS_RDONLY),
		bind(os.Getenv("ZONE_ILLUMOS"), native+"/usr/vm/sbin", unix.MS_RDONLY),
		mountControl(root+native+"/.zonecontrol"),
		bind("/dev/urandom", "/dev/urandom", 0),
		unix.Mount("proc", root+"/proc", "proc", 0, ""),
	); err != nil {
		return err
	}
	if null := os.Getenv("ZONE_NULL"); null != "" {
		if err := bind(null, "/dev/null", 0); err != nil {
			return err
		}
	}
	if proc := os.Getenv("ZONE_PROC"); proc != "" {
		if err := bind(root+proc, native+"/proc", 0); err != nil {
			return err
		}
	} else if native != "" {
		if err := unix.Mount("proc", root+native+"/proc", "proc", 0, ""); err != nil {
			return err
		}
	}
	if dir := os.Getenv("ZONE_COVERAGE"); dir != "" {
		if err := bind(dir, coverageDir, 0); err != nil {
			return err
		}
	}
	if tty := os.Getenv("ZONE_TTY"); tty != "" {
		if err := bind(tty, os.Getenv("ZONE_TTY_AT"), 0); err != nil {
			return err
		}
	}
	if err := errors.Join(os.Chdir(root), unix.PivotRoot(".", "."), unix.Unmount(".", unix.MNT_DETACH), os.Chdir("/")); err != nil {
		return err
	}
	syscall.Umask(0o022)
	if err := unix.CloseRange(0, ^uint(0), unix.CLOSE_RANGE_CLOEXEC); err != nil { // init is given no descriptor
		return err
	}
	init := native + "/usr/vm/sbin/dockerinit"
	return syscall.Exec(zoneTools+"/loader", []string{"loader", init}, nil)
}

// mountControl mounts the host's file system that has the metadata socket. Nobody in
// a zone can tell that it is read-only there.
func mountControl(dir string) error {
	const socket = "/metadata.sock"
	host, err := unix.Open(dir+socket, unix.O_PATH|unix.O_CLOEXEC, 0)
	if err != nil {
		return &os.PathError{Op: "open", Path: dir + socket, Err: err}
	}
	if err := unix.Mount("control", dir, "tmpfs", 0, "mode=755"); err != nil {
		return &os.PathError{Op: "mount", Path: dir, Err: err}
	}
	return errors.Join(
		os.WriteFile(dir+socket, nil, 0o600),
		unix.Mount(fmt.Sprintf("/proc/self/fd/%d", host), dir+socket, "", unix.MS_BIND, ""),
	)
}

// executed is one paragraph of what the model has of it: see executed.c.
type executed struct {
	path, dir string
	args, env []string
	lines     map[string]string // the others, by their first word
	fds       map[int]string
	limits    map[string]process.Limit
}

func parseExecuted(t testing.TB, text string) (all []executed) {
	t.Helper()
	for paragraph := range strings.SplitSeq(strings.TrimSpace(text), "\n\n") {
		if paragraph == "" {
			continue
		}
		e := executed{lines: map[string]string{}, fds: map[int]string{}, limits: map[string]process.Limit{}}
		for line := range strings.Lines(paragraph) {
			word, rest, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
			plain, err := strconv.Unquote(rest)
			if word == "path" || word == "directory" || word == "arg" || word == "env" {
				must(t, err)
			}
			switch word {
			case "path":
				e.path = plain
			case "directory":
				e.dir = plain
			case "arg":
				e.args = append(e.args, plain)
			case "env":
				e.env = append(e.env, plain)
			case "limit":
				var l process.Limit
				_, err := fmt.Sscan(rest, &l.Name, &l.Soft, &l.Hard)
				must(t, err)
				e.limits[l.Name] = l
			case "descriptor":
				number, what, _ := strings.Cut(rest, " ")
				n, err := strconv.Atoi(number)
				must(t, err)
				e.fds[n] = what
			default:
				e.lines[word] = rest
			}
		}
		all = append(all, e)
	}
	return all
}
