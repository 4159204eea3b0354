//go:build linux

package lx

import (
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"sync"
	"time"

	"golang.org/x/sys/unix"

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
	mu    sync.Mutex
	over  bool
	timer *time.Timer
	heard chan os.Signal
}

func newBootSignals(log *slog.Logger) *bootSignals {
	b := &bootSignals{heard: make(chan os.Signal, 1)}
	if resident.There() {
		b.timer = time.AfterFunc(quickBoot, func() { b.begin(log) })
	}
	return b
}

func (b *bootSignals) begin(log *slog.Logger) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.over {
		return
	}
	signal.Notify(b.heard, unix.SIGHUP, unix.SIGINT, unix.SIGQUIT, unix.SIGTERM)
	go func() {
		n := (<-b.heard).(unix.Signal)
		log.Warn(fmt.Sprintf("signal %d (%v) ended the boot", n, n))
		os.Exit(exit.Signaled(int(n)))
	}()
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

func (b bootProcesses) Exec(cmd process.Command) error {
	b.boot.end()
	return b.processes.Exec(cmd)
}
