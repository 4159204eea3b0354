//go:build linux

package lx

import (
	"encoding/binary"
	"fmt"
	"io"
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

	"golang.org/x/sys/unix"

	"dockerinit/core/metadata"
	"dockerinit/platform_fake/bench"
	"dockerinit/platform_fake/need"
)

// busyPayload is a zone whose 20 keys mean something to it, with two NICs and
// three routes. Its command is stamp.
const busyPayload = `"alias": "web", "create_timestamp": "2026-03-02T09:14:31.204Z",
	"nics": [
		{"interface": "eth0", "mac": "90:b8:d0:00:00:05", "ips": ["10.88.0.14/24", "fd00:88::14/64"], "gateways": ["10.88.0.1"], "primary": true},
		{"interface": "eth1", "mac": "90:b8:d0:00:00:06", "ips": ["10.89.0.14/24"]}],
	"routes": {"10.90.0.0/16": "10.89.0.254", "192.0.2.53": "nics[0]"},
	"internal_metadata": {"docker:cmd": "[\"/stamp\"]", "docker:entrypoint": "[]", "docker:env": "[\"GREETING=hello\",\"LANG=C\"]",
		"docker:linkEnv": "[]", "docker:user": "web", "docker:workdir": "/tmp", "docker:id": "cecb6585953b50718c010b4abc10bd82",
		"docker:imageid": "sha256:b3feb69e", "docker:imagename": "alpine:3.21", "docker:logdriver": "json-file", "docker:logconfig": "{}",
		"docker:noipmgmtd": true, "docker:tty": false}`

// busyKeys are those 20 keys, which its host has all.
var busyKeys = []string{
	"sdc:brand", "sdc:internal_metadata_namespaces.0", "sdc:nics", "sdc:routes", "sdc:hostname", "sdc:alias", "sdc:create_timestamp",
	"docker:cmd", "docker:entrypoint", "docker:env", "docker:linkEnv", "docker:user", "docker:workdir", "docker:id",
	"docker:imageid", "docker:imagename", "docker:logdriver", "docker:logconfig", "docker:noipmgmtd", "docker:tty",
}

// execKeys are what the C dockerexec asks for.
var execKeys = []string{"docker:user", "docker:workdir", "docker:env", "docker:linkEnv"}

// busyLinks are the zone's NICs, as ip -batch makes them.
const busyLinks = `
link add eth0 address 90:b8:d0:00:00:05 type veth peer name far0
link set far0 up
link add eth1 address 90:b8:d0:00:00:06 type veth peer name far1
link set far1 up
`

// onebyone are the arguments of the C program that asks for the keys.
func onebyone(keys []string) []string {
	argv := []string{"/onebyone", "/stamp"}
	for i, key := range keys {
		line := metadata.AppendFrame(nil, fmt.Sprintf("%08x", i+1), "GET", key)
		argv = append(argv, strings.TrimSuffix(string(line), "\n"))
	}
	return argv
}

// peers builds, once, the programs that are measured.
var peers = sync.OnceValues(func() (dir string, err error) {
	program, err := dockerinit()
	if err != nil {
		return "", err
	}
	dir = filepath.Dir(program)
	// What dockerinit links, and none of what it does.
	source, err := os.ReadFile("../cmd/dockerinit/main.go")
	if err != nil {
		return "", err
	}
	const begin = "func main() {\n"
	idle := strings.Replace(string(source), begin, begin+"\t_ = syscall.Exec(\"/stamp\", []string{\"/stamp\"}, nil)\n", 1)
	where, err := filepath.Abs("../cmd/dockerinit/main.go")
	if err != nil {
		return "", err
	}
	overlay := fmt.Sprintf(`{"Replace": {%q: %q}}`, where, dir+"/idle.go")
	for name, text := range map[string]string{"idle.go": idle, "overlay.json": overlay} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			return "", err
		}
	}
	const hello = "testdata/bench/hello.go" // as anyone builds it
	for _, argv := range [][]string{
		{"gcc", "-O2", "-Wall", "-static", "-nostdlib", "-fno-stack-protector", "-o", dir + "/stamp", "testdata/bench/stamp.c"},
		{"gcc", "-O2", "-Wall", "-o", dir + "/onebyone", "testdata/bench/onebyone.c"},
		{"go", "build", "-trimpath", "-ldflags", "-s -w", "-o", dir + "/hello", hello},
		{"go", "build", "-trimpath", "-ldflags", "-s -w", "-overlay", dir + "/overlay.json", "-o", dir + "/idle", "dockerinit/cmd/dockerinit"},
	} {
		build := exec.Command(argv[0], argv[1:]...)
		build.Env = asMade()
		if argv[len(argv)-1] == hello {
			build.Env = append(os.Environ(), "CGO_ENABLED=0")
		}
		if out, err := build.CombinedOutput(); err != nil {
			return "", fmt.Errorf("%q: %w: %s", argv, err, out)
		}
	}
	return dir, nil
})

// A stamp is what the program stamp writes.
type stamp struct {
	At     time.Duration // monotonic
	Faults uint64
	CPU    time.Duration
}

func readStamp(r io.Reader) (s stamp, err error) {
	var raw [4]uint64
	if err := binary.Read(r, binary.NativeEndian, &raw); err != nil {
		return s, err
	}
	return stamp{time.Duration(raw[0]), raw[1], time.Duration(raw[2] + raw[3])}, nil
}

// now is the clock that stamps show.
func now() time.Duration {
	var t unix.Timespec
	_ = unix.ClockGettime(unix.CLOCK_MONOTONIC, &t)
	return time.Duration(t.Nano())
}

// A benchZone is a zone whose command is stamp. It may be started again and
// again: each time in new namespaces.
type benchZone struct {
	*bootZone
	host *bench.Turns
}

func newBenchZone(b *testing.B, turn time.Duration) *benchZone {
	b.Helper()
	return newBenchZoneOf(b, turn, busyPayload)
}

func newBenchZoneOf(b *testing.B, turn time.Duration, payload string) *benchZone {
	b.Helper()
	need.Root(b)
	need.Program(b, "gcc", "gcc")
	need.Program(b, "ip", "iproute2")
	need.That(b, runtime.GOARCH == "amd64", "an amd64 processor", "run it on one")
	dir, err := peers()
	must(b, err)
	z := &benchZone{host: &bench.Turns{Each: turn}}
	z.bootZone = newBootZoneOf(b, payload, func(l net.Listener) net.Listener {
		z.host.Listener = l
		return z.host
	})
	for _, name := range []string{"stamp", "onebyone", "hello", "idle", "dockerexec"} {
		program, err := os.ReadFile(filepath.Join(dir, name))
		must(b, err)
		must(b, os.WriteFile(filepath.Join(z.root, name), program, 0o755))
	}
	z.streams("")
	return z
}

// A start is one program under way in the zone, which will become stamp.
type start struct {
	z     *benchZone
	cmd   *exec.Cmd
	begun *os.File // where the program's beginning is told
	out   *os.File // the standard output of what is no init
	errs  *os.File
}

// begin starts the program in new namespaces, as their first process; gate is
// what it waits for the end of, if anything.
func (z *benchZone) begin(gate *os.File, argv ...string) *start {
	z.t.Helper()
	_ = os.Remove(z.root + "/var/svc/provision_success")
	z.write("var/svc/provisioning", "")
	program, err := dockerinit()
	must(z.t, err)
	begun, told, err := os.Pipe()
	must(z.t, err)
	defer told.Close()
	out, err := os.OpenFile(z.root+"/dev/zfd/1", os.O_RDWR, 0)
	must(z.t, err)
	errs, err := os.OpenFile(z.root+"/errors", os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
	must(z.t, err)
	s := &start{z: z, begun: begun, out: out, errs: errs}
	s.cmd = exec.Command("/proc/self/exe", append([]string{"/stamp"}, argv...)...)
	s.cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "LX_TEST_ZONE=" + z.root, "LX_TEST_DOCKERINIT=" + program, "LX_TEST_LINKS=" + busyLinks}
	s.cmd.Stdout, s.cmd.Stderr, s.cmd.ExtraFiles = out, errs, []*os.File{told}
	if gate != nil {
		s.cmd.ExtraFiles = append(s.cmd.ExtraFiles, gate)
	}
	s.cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags: unix.CLONE_NEWPID | unix.CLONE_NEWNS | unix.CLONE_NEWUTS | unix.CLONE_NEWIPC | unix.CLONE_NEWNET,
		Pdeathsig:  unix.SIGKILL,
	}
	must(z.t, s.cmd.Start())
	return s
}

// patience is for a program that never comes to its command.
const patience = 10 * time.Second

// A course is what it took from a program's first instruction to the command's.
type course struct {
	from, to stamp
}

func (c course) took() time.Duration { return c.to.At - c.from.At }

// end waits for the command's end.
func (s *start) end() course {
	s.z.t.Helper()
	// Not Wait first: a thread that sleeps in a system call keeps Go's scheduler from
	// the host's sockets, for up to 10 ms.
	must(s.z.t, s.begun.SetReadDeadline(time.Now().Add(patience)))
	from, err := readStamp(s.begun)
	if err != nil {
		s.failed(err)
	}
	return s.endFrom(from)
}

// awaitGate waits until the program waits for the gate.
func (s *start) awaitGate() {
	s.z.t.Helper()
	must(s.z.t, s.begun.SetReadDeadline(time.Now().Add(patience)))
	if _, err := s.begun.Read(make([]byte, 1)); err != nil {
		s.failed(err)
	}
}

// endFrom is end where the beginning is known.
func (s *start) endFrom(from stamp) course {
	t := s.z.t
	t.Helper()
	must(t, s.z.out[1].SetReadDeadline(time.Now().Add(patience)))
	to, err := readStamp(s.z.out[1])
	if err == nil {
		err = s.cmd.Wait()
	}
	if err != nil {
		s.failed(err)
	}
	s.close()
	return course{from, to}
}

func (s *start) close() {
	for _, f := range []*os.File{s.begun, s.out, s.errs} {
		f.Close()
	}
}

// failed ends the benchmark, with what the zone has said.
func (s *start) failed(err error) {
	s.z.t.Helper()
	_ = s.cmd.Process.Kill()
	_ = s.cmd.Wait()
	s.close()
	errs, _ := os.ReadFile(s.errs.Name())
	log, _ := os.ReadFile(s.z.root + "/var/log/sdc-dockerinit.log")
	s.z.t.Fatalf("%q: %v\n%s\n%s", s.cmd.Args, err, errs, log)
}

// once runs the program, and what it becomes, to the end.
func (z *benchZone) once(argv ...string) course { return z.begin(nil, argv...).end() }
