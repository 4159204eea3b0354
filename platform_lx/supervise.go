//go:build linux

package lx

import (
	"errors"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"dockerinit/core/process"
	"dockerinit/core/shim"
	"dockerinit/core/supervise"
	"dockerinit/core/zone"
	"dockerinit/platform_lx/resident"
)

// staying is what PID 1 needs while the command is its child. It asks for no
// pidfd and no subreaper, which the kernel of an LX zone does not have.
type staying struct {
	supervise.Children
	boot     *bootSignals
	returned *resident.Return // what the resident part has handed over; nil: this is a boot
}

func newStaying(p processes, boot *bootSignals, returned *resident.Return) *staying {
	s := &staying{boot: boot, returned: returned, Children: supervise.Children{
		Begin: p.Start,
		Hear:  func(cmd process.Command) (*shim.Heard, error) { return p.self.Hear(cmd, nil) },
		// A kernel that does not know how to wait without taking says so each time; that of
		// an LX zone has to be let say whom it has waited for.
		Await:   func() error { return unix.Waitid(unix.P_ALL, 0, new(unix.Siginfo), unix.WEXITED|unix.WNOWAIT, nil) },
		Decode:  exited,
		Blocked: resident.There(),
	}}
	if returned != nil {
		s.Adopted = returned.Pids[0]
	}
	return s
}

// Watch begins with what has ended a rest.
func (s *staying) Watch() <-chan supervise.Event {
	s.boot.end()
	s.Forwarded = signals(heard)
	if s.returned == nil {
		closeInherited()
	}
	var first []supervise.Event
	if r := s.returned; r != nil && r.Signal != 0 {
		first = append(first, supervise.Event{Signal: r.Signal})
	}
	if r := s.returned; r != nil && r.Pid != 0 {
		first = append(first, supervise.Event{Pid: r.Pid, Exit: r.Exit})
	}
	return s.WatchFrom(first...)
}

// closeInherited closes what this process was started with, but for its stdio: root
// of the zone has all that it holds, in /proc/1/fd, and a directory of the host's
// would be the way out. What Go has opened closes on exec, and so has not come over
// one.
func closeInherited() {
	list, err := os.OpenFile("/proc/self/fd", unix.O_DIRECTORY|unix.O_NONBLOCK, 0)
	if err != nil {
		return // of an image that has no /proc nobody is shown any
	}
	defer list.Close()
	names, _ := list.Readdirnames(-1)
	for _, name := range names {
		fd, err := strconv.Atoi(name)
		if err != nil || fd < 3 {
			continue
		}
		if flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0); err == nil && flags&unix.FD_CLOEXEC == 0 {
			_ = unix.Close(fd)
		}
	}
}

func exited(status syscall.WaitStatus) process.Exit {
	if status.Signaled() {
		return process.Exit{Signal: int(status.Signal())}
	}
	return process.Exit{Status: status.ExitStatus()}
}

// forwarded tells whether a signal is one for the command. Those that tini
// leaves out are told by the kernel to the one process that they are about.
func forwarded(n unix.Signal) bool {
	switch n {
	case unix.SIGFPE, unix.SIGILL, unix.SIGSEGV, unix.SIGBUS, unix.SIGABRT, unix.SIGTRAP, unix.SIGSYS,
		unix.SIGTTIN, unix.SIGTTOU, unix.SIGCHLD, unix.SIGKILL, unix.SIGSTOP:
		return false
	}
	return true
}

// heard tells whether this program can take the signal. PIPE, URG and PROF are
// told to it by its own writes and by Go's runtime, which would make them look as
// if they came from outside; 32 to 34 the runtime leaves alone. They wait for the
// resident part, where there is one, but for URG, which the runtime takes.
func heard(n unix.Signal) bool {
	return forwarded(n) && n != unix.SIGPIPE && n != unix.SIGURG && n != unix.SIGPROF && (n < 32 || n > 34)
}

// signals are all of a kind.
func signals(of func(unix.Signal) bool) (all []syscall.Signal) {
	for n := unix.Signal(1); n <= 64; n++ {
		if of(n) {
			all = append(all, n)
		}
	}
	return all
}

// KillAll is for every process but this one and the namespace's init, which are
// the same. man 2 kill
//
// The kernel of an LX zone counts the zone's scheduler too, so that somebody is
// always there; /proc does not show that one.
// illumos-joyent: usr/src/uts/common/brand/lx/syscall/lx_kill.c
func (s *staying) KillAll(n syscall.Signal, spared ...int) (any bool) {
	if len(spared) == 0 {
		err := unix.Kill(-1, n)
		return !errors.Is(err, unix.ESRCH) && (!isLX() || len(s.Sessions()) > 0)
	}
	// Those that begin meanwhile are children of some that are ending.
	others(func(pid, session int) {
		if !slices.Contains(spared, session) && unix.Kill(pid, n) == nil {
			any = true
		}
	})
	return any
}

// Sessions are those of whom /proc tells.
func (s *staying) Sessions() (all []int) {
	others(func(_, session int) { all = append(all, session) })
	return all
}

// others calls do for all processes but this one. In an image that has no /proc
// nobody is found.
func others(do func(pid, session int)) {
	proc, err := os.Open("/proc")
	if err != nil {
		return
	}
	defer proc.Close()
	names, _ := proc.Readdirnames(-1)
	for _, name := range names {
		pid, err := strconv.Atoi(name)
		if err != nil || pid == os.Getpid() {
			continue
		}
		if session, err := unix.Getsid(pid); err == nil {
			do(pid, session)
		}
	}
}

// Unread asks how much is in each. man 2 ioctl_list
func (s *staying) Unread(files ...*os.File) (all int) {
	for _, f := range files {
		if n, err := unix.IoctlGetInt(int(f.Fd()), unix.TIOCINQ); err == nil { // FIONREAD
			all += n
		}
	}
	return all
}

// Number knows the real-time signals as glibc has them: it keeps 32 and 33.
func (s *staying) Number(name zone.Signal) (syscall.Signal, bool) {
	if n, ok := name.Number(); ok {
		return syscall.Signal(n), true
	}
	const first, last = 34, 64
	text := string(name)
	if by, ok := strings.CutPrefix(text, "RTMIN"); ok {
		n, _ := strconv.Atoi(by) // "" or "+3": zone has checked that
		return syscall.Signal(first + n), true
	}
	if by, ok := strings.CutPrefix(text, "RTMAX"); ok {
		n, _ := strconv.Atoi(by)
		return syscall.Signal(last + n), true
	}
	// Linux: include/uapi/asm-generic/signal.h; amd64 and arm64 have them alike.
	for i, n := range strings.Fields("HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT " +
		"CHLD CONT STOP TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH IO PWR SYS") {
		if n == text {
			return syscall.Signal(i + 1), true
		}
	}
	return 0, false
}
