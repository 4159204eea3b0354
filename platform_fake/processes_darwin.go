package fake

import (
	"os"
	"os/signal"
	"syscall"

	"dockerinit/core/process"
)

func (k *kernel) Dup2(from, to int) error { return syscall.Dup2(from, to) }

func (k *kernel) CloseOnExecFrom(lowest int) error { return eachOpen(lowest, syscall.CloseOnExec) }

// IDs cannot tell the saved ids, for which macOS has no call: RegainRoot does.
func (k *kernel) IDs() (i process.IDs, err error) {
	i.RUID, i.EUID = uint32(syscall.Getuid()), uint32(syscall.Geteuid())
	i.RGID, i.EGID = uint32(syscall.Getgid()), uint32(syscall.Getegid())
	i.SUID, i.SGID = i.EUID, i.EGID
	i.Groups, err = k.groups()
	return i, err
}

func (k *kernel) Setgid(gid uint32) error { return syscall.Setgid(int(gid)) }
func (k *kernel) Setuid(uid uint32) error { return syscall.Setuid(int(uid)) }
func (k *kernel) RegainRoot() bool        { return syscall.Seteuid(0) == nil }

// DefaultSignals catches what is ignored, since execve takes handlers off.
// Blocked signals stay blocked: package syscall has no call for a thread's mask
// here, and a program that a person starts at a terminal has none.
func (k *kernel) DefaultSignals() error {
	signal.Notify(make(chan os.Signal, 1))
	return nil
}

const infinity = 1<<63 - 1

var resources = map[string]int{
	"cpu": syscall.RLIMIT_CPU, "fsize": syscall.RLIMIT_FSIZE, "data": syscall.RLIMIT_DATA,
	"stack": syscall.RLIMIT_STACK, "core": syscall.RLIMIT_CORE, "nofile": syscall.RLIMIT_NOFILE,
	"memlock": 6, "nproc": 7, // sys/resource.h
}
