//go:build linux

package resident

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"dockerinit/core/process"
)

// A Task is what the loop does, and what it keeps for its successor.
type Task struct {
	Target int            // to whom signals are passed on, as kill takes it: a negative one is a group
	Stop   syscall.Signal // what asks that to end, where there is no process left to do more
	Pids   []int          // the processes whose end is the program's business, at most seven; the first is the command
	All    Signals        // those to take; CHLD goes without saying
	Wake   Signals        // those of them that are the program's business; the others are passed on
	Within time.Duration  // when the program is due in any case; 0: it is not
	State  []byte         // the program's own
	Files  []*os.File     // what stays open; nil where one is
	Log    *os.File       // one of Files, for the loop's last words; nil: it has none
}

// Signals are a set, with number n as bit n-1.
type Signals uint64

// Add adds a signal.
func (s *Signals) Add(n syscall.Signal) { *s |= 1 << (n - 1) }

// Has tells whether a signal is in it.
func (s Signals) Has(n syscall.Signal) bool { return s&(1<<(n-1)) != 0 }

// A Return is what came when the loop executed the program again, and what it
// had kept. Both a signal and an end have come where the zone had no process for
// the program in between.
type Return struct {
	Signal syscall.Signal // 0: none
	Pid    int            // one of the Pids, which has ended and is reaped; 0: none
	Exit   process.Exit
	Unable bool // this kernel cannot wait as the loop does

	Pids   []int
	State  []byte
	Files  []*os.File
	Lasted time.Duration // since Become
}

// The names under which the loop and its successor are executed.
const (
	name       = "dockerinit"
	lean       = "resident"
	returned   = "returned"
	executable = "/proc/self/exe"
)

// With the tag and the linker's flags that follow it, dockerinit for amd64 has the
// resident part.
const (
	Tag    = "resident"
	Linker = "-E dockerinit/platform_lx/resident/blocked.entry -checklinkname=0"
)

// There tells whether this program is PID 1 and was entered through the loop.
// Then signals are blocked on every thread but the one of os/signal, where
// signal.Notify opens those that it is asked for.
func There() bool { return entered }

// Become executes the program anew as the loop. It returns only if it could not.
func Become(t Task) error {
	if !There() {
		return errors.ErrUnsupported
	}
	h := head{magic: magic, target: int64(t.Target), stop: int64(t.Stop), wake: uint64(t.Wake), all: uint64(t.All | t.Wake | 1<<(unix.SIGCHLD-1)), log: -1}
	if len(t.Pids) >= len(h.pids) {
		return fmt.Errorf("%d processes to look after are too many", len(t.Pids))
	}
	for i, pid := range t.Pids {
		h.pids[i] = int64(pid)
	}
	self, err := os.Open(executable)
	if err != nil {
		return err
	}
	defer self.Close()
	h.self = int64(self.Fd())
	if t.Log != nil {
		h.log = int64(t.Log.Fd())
	}
	now := monotonic()
	if t.Within > 0 {
		h.until = now + int64(t.Within)
	}
	inherited := []uintptr{self.Fd()}
	rest := words(nil, now, int64(len(t.Files)))
	for _, f := range t.Files {
		fd := int64(-1)
		if f != nil {
			fd = int64(f.Fd())
			inherited = append(inherited, f.Fd())
		}
		rest = words(rest, fd)
	}
	state, err := keep(slices.Concat(h.bytes()[:], rest, t.State))
	if err != nil {
		return fmt.Errorf("keep what is handed over: %w", err)
	}
	defer state.Close()
	inherited = append(inherited, state.Fd())

	// Nothing that is forked now may have them.
	syscall.ForkLock.Lock()
	defer syscall.ForkLock.Unlock()
	for _, fd := range inherited {
		defer syscall.CloseOnExec(int(fd))
		if _, err := unix.FcntlInt(fd, unix.F_SETFD, 0); err != nil {
			return fmt.Errorf("hand over descriptor %d: %w", fd, err)
		}
	}
	// Go's runtime leaves some open on every thread. What the loop begins with is the
	// mask of this one.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var before, all unix.Sigset_t
	for i := range all.Val {
		all.Val[i] = math.MaxUint64
	}
	if err := unix.PthreadSigmask(unix.SIG_SETMASK, &all, &before); err != nil {
		return fmt.Errorf("block all signals: %w", err)
	}
	err = syscall.Exec(executable, []string{name, lean, strconv.Itoa(int(state.Fd()))}, nil)
	_ = unix.PthreadSigmask(unix.SIG_SETMASK, &before, nil) // it has worked before
	return fmt.Errorf("execute the resident part: %w", err)
}

// Returned is what came when the loop executed this program; nil where it was not
// the loop. An error is that what was handed over is not whole.
func Returned() (*Return, error) {
	if !There() || len(os.Args) != 4 || os.Args[1] != returned {
		return nil, nil
	}
	fd, err := strconv.ParseUint(os.Args[2], 10, 31)
	if err != nil {
		return nil, nil // the host's own words to an init
	}
	state := os.NewFile(uintptr(fd), "what was handed over")
	defer state.Close()
	raw, err := io.ReadAll(io.NewSectionReader(state, 0, math.MaxInt64))
	var h head
	if copy(h.bytes()[:], raw) < len(h.bytes()) || h.magic != magic {
		return nil, nil // neither
	}
	_ = unix.Close(int(h.self))
	var r Return
	for _, pid := range h.pids {
		if pid != 0 {
			r.Pids = append(r.Pids, int(pid))
		}
	}
	if err == nil {
		err = r.came(os.Args[3])
	}
	if err == nil {
		err = r.handed(raw[len(h.bytes()):])
	}
	return &r, err
}

// came takes apart the loop's word, a letter for each four bits.
func (r *Return) came(word string) error {
	var n uint64
	for _, letter := range []byte(word) {
		n = n<<4 | uint64(letter-'a')
	}
	if len(word) != 16 || strings.Trim(word, "abcdefghijklmnop") != "" {
		return fmt.Errorf("the resident part says %q, which is no word of its", word)
	}
	if n == math.MaxUint64 {
		r.Unable = true
		return nil
	}
	r.Signal = syscall.Signal(n >> 16 & 0xff)
	status := syscall.WaitStatus(n & 0xffff)
	switch pid := n >> 32; {
	case pid != 0 && status.Signaled():
		r.Pid, r.Exit = int(pid), process.Exit{Signal: int(status.Signal())}
	case pid != 0:
		r.Pid, r.Exit = int(pid), process.Exit{Status: status.ExitStatus()}
	}
	return nil
}

// handed takes apart what stands after the head.
func (r *Return) handed(raw []byte) error {
	next := func() (n int64) {
		if len(raw) < 8 {
			raw = nil
			return 0
		}
		n = int64(binary.NativeEndian.Uint64(raw))
		raw = raw[8:]
		return n
	}
	r.Lasted = time.Duration(monotonic() - next())
	files := next()
	if files < 0 || files > int64(len(raw)/8) {
		return errors.New("what was handed over is cut short")
	}
	for range files {
		fd := next()
		if fd < 0 {
			r.Files = append(r.Files, nil)
			continue
		}
		syscall.CloseOnExec(int(fd))
		r.Files = append(r.Files, os.NewFile(uintptr(fd), fmt.Sprintf("descriptor %d", fd)))
	}
	r.State = raw
	return nil
}

// bytes is the head as it lies in memory, where the loop reads it.
func (h *head) bytes() *[unsafe.Sizeof(head{})]byte {
	return (*[unsafe.Sizeof(head{})]byte)(unsafe.Pointer(h))
}

func words(b []byte, all ...int64) []byte {
	for _, n := range all {
		b = binary.NativeEndian.AppendUint64(b, uint64(n))
	}
	return b
}

func monotonic() int64 {
	var t unix.Timespec
	_ = unix.ClockGettime(unix.CLOCK_MONOTONIC, &t) // every kernel has it
	return t.Nano()
}
