//go:build linux

package lx

import (
	"fmt"
	"os"
	"os/signal"
	"sync"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"dockerinit/core/bootlog"
	"dockerinit/core/exit"
	"dockerinit/core/process"
	"dockerinit/platform_lx/resident"
)

// quickBoot is how long a boot may take before anybody could want to end it by a
// signal. Most have long become the command then.
const quickBoot = 100 * time.Millisecond

// bootSignals let a signal end a boot that takes long. Entered through the
// resident part it has all of them blocked, so that none is lost when it stays;
// without that Go's runtime ends it.
type bootSignals struct {
	log   *bootlog.Logger
	mu    sync.Mutex
	over  bool
	timer *time.Timer
	heard chan os.Signal
}

func newBootSignals(log *bootlog.Logger) *bootSignals {
	b := &bootSignals{log: log, heard: make(chan os.Signal, 1)}
	if resident.There() {
		b.timer = time.AfterFunc(quickBoot, b.begin)
	}
	return b
}

func (b *bootSignals) begin() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.over {
		return
	}
	signal.Notify(b.heard, unix.SIGHUP, unix.SIGINT, unix.SIGQUIT, unix.SIGTERM)
	go func() { b.endBy((<-b.heard).(unix.Signal)) }()
}

func (b *bootSignals) endBy(n unix.Signal) {
	b.log.Warn(fmt.Sprintf("signal %d (%v) ended the boot", n, n))
	os.Exit(exit.Signaled(int(n)))
}

// end is for when the command is about to begin: signals are its own.
func (b *bootSignals) end() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.over = true
	if b.timer != nil {
		b.timer.Stop()
		signal.Stop(b.heard)
	}
}

// bootProcesses are those at whose Exec a boot is over.
type bootProcesses struct {
	processes
	boot *bootSignals
}

// Exec becomes the command, if nobody has wanted the zone to end meanwhile: as
// PID 1 the command would not hear of it.
func (b bootProcesses) Exec(cmd process.Command) error {
	b.boot.end()
	var waiting resident.Signals
	_, _, errno := unix.RawSyscall(unix.SYS_RT_SIGPENDING, uintptr(unsafe.Pointer(&waiting)), unsafe.Sizeof(waiting), 0)
	for _, n := range []unix.Signal{unix.SIGHUP, unix.SIGINT, unix.SIGQUIT, unix.SIGTERM} {
		if errno == 0 && waiting.Has(n) {
			b.boot.endBy(n)
		}
	}
	return b.processes.Exec(cmd)
}
