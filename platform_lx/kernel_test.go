//go:build linux

package lx

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
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

// S-12: an image may have planted another directory where /proc should be.
func TestAListThatIsNotOfOurDescriptors(t *testing.T) {
	planted := t.TempDir()
	for _, name := range []string{"0", "1", "2"} {
		if err := os.WriteFile(filepath.Join(planted, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := fmt.Sprint(closeOnExecIn(planted, 3)), planted+": does not list this process's descriptors"; got != want {
		t.Errorf("\n got %s\nwant %s", got, want)
	}
	fifo := filepath.Join(planted, "fifo")
	if err := unix.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := closeOnExecIn(fifo, 3); !errors.Is(err, unix.ENOTDIR) {
		t.Errorf("a FIFO: %v", err)
	}
	if err := closeOnExecIn("/proc/self/fd", 1<<20); err != nil {
		t.Error(err)
	}
}

// P2: /dev/null is everybody's, and a file becomes the user's.
func TestOwn(t *testing.T) {
	need.Root(t)
	f, err := os.Create(filepath.Join(t.TempDir(), "stdout"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := (kernel{}).Own(int(f.Fd()), 4711); err != nil {
		t.Error(err)
	}
	var st unix.Stat_t
	if err := unix.Fstat(int(f.Fd()), &st); err != nil || st.Uid != 4711 || st.Gid != 0 {
		t.Errorf("the file is of %d:%d (%v), want 4711:0", st.Uid, st.Gid, err)
	}
	null := filepath.Join(t.TempDir(), "null") // a node of our own: the machine's is not put at risk
	if err := unix.Mknod(null, unix.S_IFCHR|0o600, int(unix.Mkdev(1, 3))); err != nil {
		t.Skipf("mknod: %v", err)
	}
	fd, err := unix.Open(null, unix.O_PATH, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	if err := (kernel{}).Own(fd, 4711); err != nil {
		t.Error(err)
	}
	if err := unix.Stat(null, &st); err != nil || st.Uid != 0 {
		t.Errorf("/dev/null is of %d (%v), want root", st.Uid, err)
	}
}

func TestNullBlocksLikeAnyFile(t *testing.T) {
	fd, err := kernel{}.OpenNull()
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	if flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFL, 0); err != nil || flags&unix.O_NONBLOCK != 0 || flags&unix.O_ACCMODE != unix.O_RDWR {
		t.Errorf("flags %#x (%v)", flags, err)
	}
}
