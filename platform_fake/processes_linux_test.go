package fake

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"unsafe"

	"dockerinit/core/process"
	"dockerinit/platform_fake/need"
)

// dirty adds to a process what must not reach a command: descriptors, also high
// ones, blocked signals, a timer, and a signal for the end of its parent.
func dirty() {
	runtime.LockOSThread()
	null, err := syscall.Open(os.DevNull, syscall.O_RDWR, 0)
	for _, fd := range []int{10, 251, 700} {
		if err == nil {
			err = syscall.Dup3(null, fd, 0)
		}
	}
	if err != nil {
		panic(err)
	}
	blocked := uint64(1<<(syscall.SIGTERM-1) | 1<<(syscall.SIGUSR1-1) | 1<<(syscall.SIGCHLD-1) | 1<<40)
	_, _, e1 := syscall.RawSyscall6(syscall.SYS_RT_SIGPROCMASK, 0, uintptr(unsafe.Pointer(&blocked)), 0, 8, 0, 0)
	timer := [4]uintptr{0, 0, 1, 0} // in a second
	_, _, e2 := syscall.RawSyscall(syscall.SYS_SETITIMER, 0, uintptr(unsafe.Pointer(&timer)), 0)
	_, _, e3 := syscall.RawSyscall(syscall.SYS_PRCTL, syscall.PR_SET_PDEATHSIG, uintptr(syscall.SIGUSR2), 0)
	if e1|e2|e3 != 0 {
		panic(fmt.Sprint(e1, e2, e3))
	}
}

// look prints the shell's own state, which is the command's.
const look = `
sed -n -e 's/[[:blank:]][[:blank:]]*/ /g' -e 's/ $//' -e '/^Uid:\|^Gid:\|^Groups:\|^Umask:\|^SigIgn:/p' /proc/$$/status
echo nofile $(ulimit -Sn) $(ulimit -Hn) core $(ulimit -Sc) $(ulimit -Hc)
echo in $(readlink /proc/$$/cwd)
echo descriptors; ls /proc/$$/fd
echo env $(tr '\0' ' ' </proc/$$/environ)
set -- $(cut -d')' -f2 /proc/$$/stat)
if [ $4 = $$ ]; then echo session its own; else echo session inherited; fi
if [ $5 = 0 ]; then echo no terminal; elif [ $6 = $$ ]; then echo terminal in front; else echo terminal; fi
`

// soiled runs a role of this program from a shell that has soiled it: signals
// ignored, a umask, a lower limit, a descriptor. uid is who the shell is.
func soiled(t *testing.T, role string, uid int, do task) string {
	t.Helper()
	shellPath := need.Program(t, "sh", "dash")
	path, err := os.Executable()
	must(t, err)
	if uid != os.Getuid() {
		path = reachable(t, path)
	}
	raw, err := json.Marshal(do)
	must(t, err)
	cmd := exec.Command(shellPath, "-c", "trap '' HUP INT PIPE QUIT USR2 WINCH; umask 077; ulimit -Sn 900; exec 9</dev/null; exec "+path)
	cmd.Env = []string{roleVariable + "=" + role, taskVariable + "=" + string(raw), "LEAK=1", "PATH=" + os.Getenv("PATH")}
	cmd.Dir = "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: false}
	if uid != os.Getuid() {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(uid)}
	}
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("%v", err)
	}
	return string(out)
}

// reachable is a copy of the program where every user may execute it.
func reachable(t *testing.T, path string) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "dockerinit-test")
	must(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	must(t, os.Chmod(dir, 0o755))
	program, err := os.ReadFile(path)
	must(t, err)
	copied := filepath.Join(dir, "program")
	must(t, os.WriteFile(copied, program, 0o755))
	return copied
}

// The state of the command is the same by both ways, whatever the process was.
func TestStateOfTheCommand(t *testing.T) {
	const clean = `Umask: 0022
Uid: 33 33 33 33
Gid: 44 44 44 44
Groups: 7 44 55
SigIgn: 0000000000000000
nofile 900 HARD core 0 0
in /usr
descriptors
0
1
2
env A=1 PATH=/usr/bin:/bin
session its own
no terminal
`
	looking := shell(look)
	looking.Env, looking.Dir, looking.Session = []string{"A=1", "PATH=/usr/bin:/bin"}, "/usr", true
	looking.Limits = []process.Limit{{Name: "core"}}
	hard := regexp.MustCompile(`nofile (\d+) \w+ `)
	for _, role := range []string{"exec", "start"} {
		t.Run("S-22 S-25 P3 P4 P5 P6 as root by "+role, func(t *testing.T) {
			need.Root(t)
			cmd := looking
			cmd.Credentials = process.Credentials{UID: 33, GID: 44, Groups: []uint32{44, 7, 55}}
			got := hard.ReplaceAllString(soiled(t, role, 0, task{Command: cmd}), "nofile $1 HARD ")
			if got != clean {
				t.Errorf("got\n%s\nwant\n%s", got, clean)
			}
		})
		t.Run("as root without any group, by "+role, func(t *testing.T) {
			need.Root(t)
			cmd := looking
			cmd.Credentials = process.Credentials{}
			got := soiled(t, role, 0, task{Command: cmd})
			if !strings.Contains(got, "Uid: 0 0 0 0\nGid: 0 0 0 0\nGroups: 0\n") {
				t.Errorf("got\n%s", got)
			}
		})
		t.Run("an ordinary user's is resolved and not applied, and that is said, by "+role, func(t *testing.T) {
			uid := os.Getuid()
			if uid == 0 {
				uid = 65534
			}
			cmd := looking
			cmd.Credentials = process.Credentials{UID: 33, GID: 44}
			cmd.Limits = []process.Limit{{Name: "core"}, {Name: "nofile", Soft: 1 << 40, Hard: 1 << 40}, {Name: "odd"}}
			got := soiled(t, role, uid, task{Command: cmd})
			for _, want := range []string{
				"without root's rights the command runs as", "not as 33:44", fmt.Sprintf("\nUid: %d %[1]d %[1]d %[1]d\n", uid),
				"limit nofile: not raised without root's rights", "limit odd: this system has none of that name",
				"SigIgn: 0000000000000000", "\ndescriptors\n0\n1\n2\nenv", "env A=1 PATH=/usr/bin:/bin\n", "session its own",
			} {
				if !strings.Contains(got, want) {
					t.Errorf("no %q in\n%s", want, got)
				}
			}
		})
		t.Run("a limit of open files is its own, by "+role, func(t *testing.T) {
			cmd := looking
			cmd.Credentials = me()
			cmd.Limits = []process.Limit{{Name: "nofile", Soft: 100, Hard: 200}}
			if got := soiled(t, role, os.Getuid(), task{Command: cmd}); !strings.Contains(got, "nofile 100 200 ") {
				t.Errorf("got\n%s", got)
			}
		})
		t.Run("an error has its code, by "+role, func(t *testing.T) {
			missing := looking
			missing.Path, missing.Limits, missing.Credentials = "/none", nil, me()
			got := soiled(t, role, os.Getuid(), task{Command: missing})
			if !strings.HasPrefix(got, `error 3 127 execute "/none": no such file or directory`) {
				t.Errorf("got %s", got)
			}
		})
	}
}

// P4: a shell changes its mask when it starts and when it forks; grep does not.
func TestSignalsOfTheCommand(t *testing.T) {
	cat := shell("")
	cat.Path, cat.Args = need.Program(t, "grep", "grep"), []string{"grep", "^Sig[BI]", "/proc/self/status"}
	for _, role := range []string{"exec", "start"} {
		const want = "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n"
		if got := soiled(t, role, os.Getuid(), task{Command: cat}); got != want {
			t.Errorf("by %s: got\n%swant\n%s", role, got, want)
		}
	}
}

// P9: a timer of ours does not end the command, nor does the end of its parent.
func TestTimersAreOff(t *testing.T) {
	out, end := run(t, &Processes{Self: self}, shell("sleep 0.01; echo on"))
	if out != "on\n" || end != (process.Exit{}) {
		t.Errorf("%q %v", out, end)
	}
	if got := soiled(t, "exec", os.Getuid(), task{Command: shell("sleep 1.2; echo on")}); !strings.HasSuffix(got, "on\n") {
		t.Errorf("got %q", got)
	}
}

func TestManyGroups(t *testing.T) {
	need.Root(t)
	cmd := shell("id -G")
	cmd.Credentials = process.Credentials{UID: 33, GID: 44}
	var want []string
	for g := range uint32(300) {
		cmd.Credentials.Groups = append(cmd.Credentials.Groups, 1000-g)
		want = append(want, fmt.Sprint(1000-g))
	}
	out, _ := run(t, &Processes{Self: self}, cmd)
	got := strings.Fields(out)
	slices.Sort(got)
	want = append(want, "44")
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("got %s", out)
	}
	cmd.Credentials.Groups = nil
	for g := range uint32(70_000) {
		cmd.Credentials.Groups = append(cmd.Credentials.Groups, g)
	}
	_, err := (&Processes{Self: self}).Start(t.Context(), cmd)
	if got := fmt.Sprint(err); !strings.Contains(got, "set the 70000 groups of 33:44") {
		t.Errorf("got %.200s", got)
	}
}

// P7: the command leads a session, whose terminal is its stdio and the user's.
func TestTerminal(t *testing.T) {
	master, slave := openTerminal(t)
	cmd := shell(look + "echo shown >/dev/tty\nstat -L -c 'owner %u' /proc/$$/fd/0\n")
	cmd.Session, cmd.Terminal = true, true
	if os.Getuid() == 0 {
		cmd.Credentials = process.Credentials{UID: 33, GID: 44}
	}
	cmd.Stdio = process.Stdio{In: slave, Out: slave, Err: slave}
	p := &Processes{Self: self}
	pid, err := p.Start(t.Context(), cmd)
	must(t, err)
	_, err = p.Wait(t.Context(), pid)
	must(t, err)
	must(t, slave.Close())
	out, _ := io.ReadAll(master) // ends with EIO when the other end is closed
	got := string(bytes.ReplaceAll(out, []byte("\r"), nil))
	for _, want := range []string{"session its own\n", "terminal in front\n", "shown\n", fmt.Sprintf("owner %d\n", cmd.Credentials.UID)} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
}

// A terminal that is borrowed stays whose it is.
func TestTerminalThatIsBorrowed(t *testing.T) {
	master, slave := openTerminal(t)
	cmd := shell(look + "stat -L -c 'owner %u' /proc/$$/fd/0\n")
	cmd.Session, cmd.Terminal = true, true
	if os.Getuid() == 0 {
		cmd.Credentials = process.Credentials{UID: 33, GID: 44}
	}
	cmd.Stdio = process.Stdio{In: slave, Out: slave, Err: slave}
	p := &Processes{Self: self, Borrowed: true}
	pid, err := p.Start(t.Context(), cmd)
	must(t, err)
	_, err = p.Wait(t.Context(), pid)
	must(t, err)
	must(t, slave.Close())
	out, _ := io.ReadAll(master)
	got := string(bytes.ReplaceAll(out, []byte("\r"), nil))
	for _, want := range []string{"session inherited\n", fmt.Sprintf("owner %d\n", os.Getuid())} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
}

func openTerminal(t *testing.T) (master, slave *os.File) {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	must(t, err)
	t.Cleanup(func() { _ = master.Close() })
	var number, unlock int32
	_, _, e1 := syscall.Syscall(syscall.SYS_IOCTL, master.Fd(), syscall.TIOCGPTN, uintptr(unsafe.Pointer(&number)))
	_, _, e2 := syscall.Syscall(syscall.SYS_IOCTL, master.Fd(), syscall.TIOCSPTLCK, uintptr(unsafe.Pointer(&unlock)))
	if e1|e2 != 0 {
		t.Fatal(e1, e2)
	}
	slave, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|syscall.O_NOCTTY, 0)
	must(t, err)
	t.Cleanup(func() { _ = slave.Close() })
	return master, slave
}
