package fake

import (
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"dockerinit/core/process"
)

// errNative stands for the calls that package syscall lacks on illumos. There
// the real backend is the one to use; this one is for its plan and its network.
var errNative = fmt.Errorf("the fake zone cannot do this on illumos: %w", errors.ErrUnsupported)

func (k *kernel) DupAbove(int, int) (int, error) { return 0, errNative }
func (k *kernel) Dup2(int, int) error            { return errNative }
func (k *kernel) Inherit(int) error              { return nil } // stdio that is in place

func (k *kernel) CloseOnExecFrom(lowest int) error { return eachOpen(lowest, syscall.CloseOnExec) }

func newSession() error {
	_, err := syscall.Setsid()
	return err
}

func controllingTerminal(int) error { return errNative }
func foreground(int) error          { return errNative }

// IDs takes the effective ids for the saved ones, which it cannot ask for.
func (k *kernel) IDs() (i process.IDs, err error) {
	i.RUID, i.EUID = uint32(syscall.Getuid()), uint32(syscall.Geteuid())
	i.RGID, i.EGID = uint32(syscall.Getgid()), uint32(syscall.Getegid())
	i.SUID, i.SGID = i.EUID, i.EGID
	i.Groups, err = k.groups()
	return i, err
}

func (k *kernel) Setgid(gid uint32) error { return syscall.Setgid(int(gid)) }
func (k *kernel) Setuid(uid uint32) error { return syscall.Setuid(int(uid)) }
func (k *kernel) RegainRoot() bool        { return syscall.Setuid(0) == nil }

func (k *kernel) DefaultSignals() error {
	signal.Notify(make(chan os.Signal, 1)) // what is caught becomes the default in execve
	return nil
}

const infinity = ^uint64(2) // RLIM_INFINITY: (rlim_t)-3

var resources = map[string]int{
	"cpu": syscall.RLIMIT_CPU, "fsize": syscall.RLIMIT_FSIZE, "data": syscall.RLIMIT_DATA,
	"stack": syscall.RLIMIT_STACK, "core": syscall.RLIMIT_CORE, "nofile": syscall.RLIMIT_NOFILE,
}
