//go:build linux

package lx

import (
	"os"
	"runtime"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"

	"dockerinit/platform_fake/need"
)

// onThread runs do on a thread of its own, which ends with it: nothing else gets
// to run with what do has changed of it.
func onThread(do func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread()
		do()
	}()
	<-done
}

// S-25: a saved id is what root comes back by.
func TestRootThatCanBeRegained(t *testing.T) {
	need.Root(t)
	onThread(func() {
		if _, _, errno := unix.RawSyscall(unix.SYS_SETRESUID, 33, 33, 0); errno != 0 {
			t.Error(errno)
			return
		}
		if !(kernel{}).RegainRoot() {
			t.Error("root was not found, with the saved id still root's")
		}
		if err := (kernel{}).Setuid(33); err != nil {
			t.Error(err)
		}
		if (kernel{}).RegainRoot() {
			t.Error("root was regained with all ids another's")
		}
	})
	if os.Geteuid() != 0 {
		t.Error("another thread is not root any more")
	}
}

// P9: nothing that was set before sends the command a signal, and nothing is
// blocked for it.
func TestDefaultSignals(t *testing.T) {
	timers := []unix.ItimerWhich{unix.ITIMER_REAL, unix.ITIMER_VIRTUAL, unix.ITIMER_PROF}
	onThread(func() {
		for _, timer := range timers {
			if _, err := unix.Setitimer(timer, unix.Itimerval{Value: unix.Timeval{Sec: 3600}}); err != nil {
				t.Errorf("timer %d: %v", timer, err)
			}
		}
		if err := unix.Prctl(unix.PR_SET_PDEATHSIG, uintptr(unix.SIGUSR2), 0, 0, 0); err != nil {
			t.Error(err)
		}
		blocked := unix.Sigset_t{}
		blocked.Val[0] = 1 << (unix.SIGUSR1 - 1)
		if err := unix.PthreadSigmask(unix.SIG_BLOCK, &blocked, nil); err != nil {
			t.Error(err)
		}
		if err := (kernel{}).DefaultSignals(); err != nil {
			t.Error(err)
		}
		for _, timer := range timers {
			if left, err := unix.Getitimer(timer); err != nil || left.Value != (unix.Timeval{}) {
				t.Errorf("timer %d still has %v (%v)", timer, left.Value, err)
			}
		}
		death := int32(-1)
		err := unix.Prctl(unix.PR_GET_PDEATHSIG, uintptr(unsafe.Pointer(&death)), 0, 0, 0)
		if err != nil || death != 0 {
			t.Errorf("the parent's end sends signal %d (%v)", death, err)
		}
		var mask unix.Sigset_t
		if err := unix.PthreadSigmask(unix.SIG_BLOCK, nil, &mask); err != nil || mask != (unix.Sigset_t{}) {
			t.Errorf("signals %x are blocked (%v)", mask.Val[0], err)
		}
	})
}
