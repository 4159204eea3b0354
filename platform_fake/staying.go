package fake

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"syscall"

	"dockerinit/core/process"
	"dockerinit/core/supervise"
	"dockerinit/core/zone"
)

// RecordedStaying is supervise.OS in memory: the command ends as soon as it has
// been started, and there is nobody else. One that has been started twice is to
// stop: no test shall wait for what always begins again.
type RecordedStaying struct {
	Recorder *Recorder
	events   chan supervise.Event
	starts   int
}

// Watch begins to tell of ends.
func (s *RecordedStaying) Watch() <-chan supervise.Event {
	s.events = make(chan supervise.Event, 3) // more is not told: nobody need be listening
	return s.events
}

// Start records the command, with an end as Exits has it.
func (s *RecordedStaying) Start(ctx context.Context, cmd process.Command) (pid int, err error) {
	pid, end, err := s.Recorder.child(ctx, cmd)
	if err != nil {
		return 0, err
	}
	s.events <- supervise.Event{Pid: pid, Exit: end}
	if s.starts++; s.starts == 2 {
		s.events <- supervise.Event{Signal: syscall.SIGTERM}
	}
	return pid, nil
}

// Check is never due: the command has ended.
func (s *RecordedStaying) Check(cmd process.Command) (pid int, err error) {
	return 0, fmt.Errorf("check %q: the command has ended", cmd.Args)
}

// Kill finds what has ended.
func (*RecordedStaying) Kill(int, bool, syscall.Signal) {}

// KillAll finds nobody.
func (*RecordedStaying) KillAll(syscall.Signal, ...int) (any bool) { return false }

// Sessions are none.
func (*RecordedStaying) Sessions() []int { return nil }

// Unread finds nothing.
func (*RecordedStaying) Unread(...*os.File) int { return 0 }

// Number is this machine's.
func (*RecordedStaying) Number(s zone.Signal) (syscall.Signal, bool) { return SignalNumber(s) }

// SignalNumber is this machine's number of a signal.
func SignalNumber(s zone.Signal) (syscall.Signal, bool) {
	if n, ok := s.Number(); ok {
		return syscall.Signal(n), true
	}
	if by, ok := strings.CutPrefix(string(s), "RTMIN"); ok && runtime.GOOS == "linux" {
		const firstRealTime = 34 // as glibc has it
		n, _ := strconv.Atoi(by) // "" or "+3": zone has checked that
		return syscall.Signal(firstRealTime + n), true
	}
	n, ok := signals[s]
	return n, ok
}

// signals are those that all systems have which this runs on.
var signals = map[zone.Signal]syscall.Signal{
	"HUP": syscall.SIGHUP, "INT": syscall.SIGINT, "QUIT": syscall.SIGQUIT, "ILL": syscall.SIGILL, "TRAP": syscall.SIGTRAP,
	"ABRT": syscall.SIGABRT, "BUS": syscall.SIGBUS, "FPE": syscall.SIGFPE, "KILL": syscall.SIGKILL, "USR1": syscall.SIGUSR1,
	"SEGV": syscall.SIGSEGV, "USR2": syscall.SIGUSR2, "PIPE": syscall.SIGPIPE, "ALRM": syscall.SIGALRM, "TERM": syscall.SIGTERM,
	"CHLD": syscall.SIGCHLD, "CONT": syscall.SIGCONT, "STOP": syscall.SIGSTOP, "TSTP": syscall.SIGTSTP, "TTIN": syscall.SIGTTIN,
	"TTOU": syscall.SIGTTOU, "URG": syscall.SIGURG, "XCPU": syscall.SIGXCPU, "XFSZ": syscall.SIGXFSZ, "VTALRM": syscall.SIGVTALRM,
	"PROF": syscall.SIGPROF, "WINCH": syscall.SIGWINCH, "IO": syscall.SIGIO, "SYS": syscall.SIGSYS,
}
