//go:build linux

package lx

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

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
	processes
	boot     *bootSignals
	returned *resident.Return // what the resident part has handed over; nil: this is a boot
	events   chan supervise.Event
	signals  *ears
	child    chan os.Signal // SIGCHLD

	mu      sync.Mutex          // held while somebody starts, reaps or sends
	started map[int]*shim.Heard // what was started and is not reaped; nil: the command
	reaped  int                 // events of those that nobody has received yet
}

func newStaying(p processes, boot *bootSignals, returned *resident.Return) *staying {
	s := &staying{
		processes: p, boot: boot, returned: returned, events: make(chan supervise.Event),
		child: make(chan os.Signal, 1), started: map[int]*shim.Heard{},
	}
	if returned != nil && len(returned.Pids) > 0 {
		s.started[returned.Pids[0]] = nil
	}
	return s
}

// Watch begins to take signals and to reap. Both go on until this process ends,
// and the container with it.
func (s *staying) Watch() <-chan supervise.Event {
	s.boot.end()
	var first []supervise.Event
	if r := s.returned; r != nil && r.Pid != 0 {
		delete(s.started, r.Pid)
		first = append(first, supervise.Event{Pid: r.Pid, Exit: r.Exit})
	} else if r != nil && r.Signal != 0 {
		first = append(first, supervise.Event{Signal: r.Signal})
	}
	signal.Notify(s.child, unix.SIGCHLD)
	signal.Notify(make(chan os.Signal, 1), mistakes...) // nobody listens
	s.signals = listen(s.events, first)
	go s.reap()
	return s.events
}

// mistakes are the signals of a process's own, of which Go's runtime dies, also
// where somebody has sent one. One that is asked for is dropped instead (STKFLT is
// forwarded, too); those of mistakes that are really ours end in a panic all the same.
var mistakes = []os.Signal{unix.SIGFPE, unix.SIGILL, unix.SIGSEGV, unix.SIGBUS, unix.SIGABRT, unix.SIGTRAP, unix.SIGSYS, unix.SIGSTKFLT}

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

// blindPause is between two looks at children of which nothing is heard.
const blindPause = 100 * time.Millisecond

// reap waits until there is something to reap, and takes it while nobody starts
// a process: Start waits for its own when it fails.
func (s *staying) reap() {
	for {
		switch err := unix.Waitid(unix.P_ALL, 0, nil, unix.WEXITED|unix.WNOWAIT, nil); {
		case errors.Is(err, unix.ECHILD):
			// Whoever comes into the zone from outside may leave us children.
			<-s.child
		case errors.Is(err, unix.EINTR):
			continue
		case err != nil:
			// A kernel that does not know how to wait without taking: look when it
			// says that something has ended, and in case it has said so before.
			select {
			case <-s.child:
			case <-time.After(blindPause):
			}
		}
		for _, e := range s.reapAll() {
			s.events <- e
			s.mu.Lock()
			s.reaped--
			s.mu.Unlock()
		}
	}
}

// reapAll takes all that have ended, so many at a time that the rest need not
// wait long.
func (s *staying) reapAll() (ended []supervise.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer func() { s.reaped += len(ended) }()
	for len(ended) < 64 {
		var status unix.WaitStatus
		pid, err := unix.Wait4(-1, &status, unix.WNOHANG, nil)
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if err != nil || pid <= 0 {
			break
		}
		e := supervise.Event{Pid: pid, Exit: process.Exit{Status: status.ExitStatus()}}
		if status.Signaled() {
			e.Exit = process.Exit{Signal: int(status.Signal())}
		}
		heard := s.started[pid]
		delete(s.started, pid)
		if heard == nil {
			ended = append(ended, e)
			continue
		}
		go func() { // something may hold its output still
			e.Said = heard.End()
			s.events <- e
		}()
	}
	return ended
}

// Start keeps the reaping away until it knows how the start went.
func (s *staying) Start(ctx context.Context, cmd process.Command) (pid int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if pid, err = s.processes.Start(ctx, cmd); err == nil {
		s.has(pid, nil)
	}
	return pid, err
}

// Check keeps the reaping away from the fork alone.
func (s *staying) Check(cmd process.Command) (pid int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	heard, err := s.self.Hear(cmd, nil)
	if err != nil {
		return 0, err
	}
	s.has(heard.Pid, heard)
	return heard.Pid, nil
}

func (s *staying) has(pid int, heard *shim.Heard) {
	s.started[pid] = heard
	select { // where there were no children there is one now
	case s.child <- unix.SIGCHLD:
	default:
	}
}

func (s *staying) Kill(pid int, group bool, n syscall.Signal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, there := s.started[pid]; !there {
		return // reaped: the number may be another's
	}
	if group {
		pid = -pid
	}
	_ = unix.Kill(pid, n) // it cannot be gone, and PID 1 may
}

// KillAll is for every process but this one and the namespace's init, which are
// the same. man 2 kill
func (s *staying) KillAll(n syscall.Signal, spared ...int) (any bool) {
	if len(spared) == 0 {
		return !errors.Is(unix.Kill(-1, n), unix.ESRCH)
	}
	// Those that begin meanwhile are children of some that are ending.
	entries, _ := os.ReadDir("/proc") // of an image that has no /proc nobody is found
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil || pid == os.Getpid() {
			continue
		}
		session, err := unix.Getsid(pid)
		if err == nil && !slices.Contains(spared, session) && unix.Kill(pid, n) == nil {
			any = true
		}
	}
	return any
}

// Unread asks how much is in each. man 2 ioctl_list
func (s *staying) Unread(files ...*os.File) bool {
	for _, f := range files {
		if n, err := unix.IoctlGetInt(int(f.Fd()), unix.TIOCINQ); err == nil && n > 0 { // FIONREAD
			return true
		}
	}
	return false
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
