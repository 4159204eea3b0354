//go:build illumos && amd64

package illumos

import (
	"encoding/binary"
	"os"
	"slices"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"

	"dockerinit/core/process"
	"dockerinit/core/supervise"
	"dockerinit/core/zone"
	"dockerinit/platform_illumos/libc"
)

// staying is what a zone's init needs while the command is its child. The kernel
// sends no SIGCHLD for what Go has forked (FORK_NOSIGCHLD), but for the orphans
// that init has adopted: so a thread waits in the kernel for both.
type staying struct {
	supervise.Children
	native string // where the native programs are, "" in a native zone
}

func newStaying(p *processes, native string) *staying {
	return &staying{native: native, Children: supervise.Children{
		Begin: p.startAbandoned, Hear: p.hear,
		Await:     libc.AwaitChild,
		Decode:    func(status syscall.WaitStatus) process.Exit { return decodeFor(native != "", uint32(status)) },
		Forwarded: forwarded(),
	}}
}

// decodeFor has the number of a signal as the zone's own programs know it: the
// container's status is made of it.
func decodeFor(lx bool, status uint32) process.Exit {
	end := decodeStatus(status)
	if lx && end.Signal != 0 {
		end.SignalName = syscall.Signal(end.Signal).String()
		end.Signal = toLinux(end.Signal)
	}
	return end
}

// KillAll goes by the kernel's list. What init's own session has, init and the
// zone's scheduler, is no process of the container's.
func (s *staying) KillAll(n syscall.Signal, spared ...int) (any bool) {
	// Those that begin meanwhile are children of some that are ending.
	s.others(func(pid, session int) {
		if !slices.Contains(spared, session) && unix.Kill(pid, n) == nil {
			any = true
		}
	})
	return any
}

// Sessions are those of the same list.
func (s *staying) Sessions() (all []int) {
	s.others(func(_, session int) { all = append(all, session) })
	return all
}

// others calls do for each of the container's processes. In an LX zone /proc is
// Linux's, and the native one is below /native; of an image that has none nobody
// is found.
func (s *staying) others(do func(pid, session int)) {
	own, err := unix.Getsid(0)
	if err != nil {
		return
	}
	proc, err := os.Open(s.native + "/proc")
	if err != nil {
		return
	}
	defer proc.Close()
	names, _ := proc.Readdirnames(-1)
	for _, name := range names {
		pid, err := strconv.Atoi(name)
		if err != nil {
			continue
		}
		if session, err := unix.Getsid(pid); err == nil && session != own {
			do(pid, session)
		}
	}
}

// Unread asks how much is in each.
func (s *staying) Unread(files ...*os.File) (all int) {
	for _, f := range files {
		count := libc.Bytes(4)
		if libc.Ioctl(int(f.Fd()), libc.UnreadBytes, count) == nil {
			all += int(binary.LittleEndian.Uint32(count))
		}
	}
	return all
}

func (s *staying) Number(name zone.Signal) (syscall.Signal, bool) {
	return signalNumber(name, s.native != "")
}
