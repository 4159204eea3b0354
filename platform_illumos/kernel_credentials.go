//go:build illumos && amd64

package illumos

import (
	"errors"
	"fmt"
	"syscall"

	"golang.org/x/sys/unix"

	"dockerinit/core/process"
	"dockerinit/platform_illumos/libc"
)

// IDs takes the effective ids for the saved ones, which illumos does not tell:
// RegainRoot tries whether there was more.
func (kernel) IDs() (process.IDs, error) {
	groups, err := unix.Getgroups()
	if err != nil {
		return process.IDs{}, err
	}
	ids := process.IDs{
		RUID: uint32(unix.Getuid()), EUID: uint32(unix.Geteuid()),
		RGID: uint32(unix.Getgid()), EGID: uint32(unix.Getegid()),
	}
	ids.SUID, ids.SGID = ids.EUID, ids.EGID
	for _, g := range groups {
		ids.Groups = append(ids.Groups, uint32(g))
	}
	return ids, nil
}

func (kernel) Setgroups(gids []uint32) error {
	ids := make([]int, len(gids))
	for i, g := range gids {
		ids[i] = int(g)
	}
	return unix.Setgroups(ids)
}

// Setgid and Setuid set all three ids, as root's calls do.
func (kernel) Setgid(gid uint32) error { return unix.Setgid(int(gid)) }
func (kernel) Setuid(uid uint32) error { return unix.Setuid(int(uid)) }
func (kernel) RegainRoot() bool        { return unix.Setuid(0) == nil }

func (kernel) Unprivileged(process.Credentials) error {
	return fmt.Errorf("this process is not root: %w", unix.EPERM)
}

// DefaultSignals leaves none that is caught or ignored. That of another system's
// number is EINVAL.
func (kernel) DefaultSignals() error {
	// Go's preemption sends SIGURG, whose default is to be discarded; so nothing
	// that comes in after this does harm.
	for signal := 1; signal <= libc.LastSignal; signal++ {
		switch syscall.Signal(signal) {
		case syscall.SIGKILL, syscall.SIGSTOP:
			continue
		}
		if err := libc.DefaultSignal(signal); err != nil && !errors.Is(err, unix.EINVAL) {
			return fmt.Errorf("signal %d: %w", signal, err)
		}
	}
	for _, timer := range []int{libc.TimerReal, libc.TimerVirtual, libc.TimerProf} {
		if err := libc.StopTimer(timer); err != nil && !errors.Is(err, unix.EINVAL) {
			return fmt.Errorf("timer %d: %w", timer, err)
		}
	}
	return libc.UnblockSignals()
}
