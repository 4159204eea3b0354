//go:build linux

package lxkernel

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"
)

// uname is what LX says, and the host name that the program's zone has.
func (k *Kernel) uname(n notification) error {
	var name unix.Utsname
	if inZone(n.pid, func() error { return unix.Uname(&name) }) != nil {
		return unix.EFAULT
	}
	name.Release, name.Version = [65]byte{}, [65]byte{}
	copy(name.Release[:], "4.4.0")
	copy(name.Version[:], "BrandZ virtual linux")
	return memory(n.pid, n.args[0], unsafe.Slice((*byte)(unsafe.Pointer(&name)), unsafe.Sizeof(name)), true)
}

// setHostname takes the name up to its 0, however long it is said to be.
// illumos-joyent: usr/src/uts/common/syscall/systeminfo.c
func setHostname(n notification) error {
	var name []byte
	for letter := []byte{0}; ; name = append(name, letter[0]) {
		if err := memory(n.pid, n.args[0]+uint64(len(name)), letter, false); err != nil {
			return err
		}
		if letter[0] == 0 {
			break
		}
	}
	return inZone(n.pid, func() error { return unix.Sethostname(name) })
}

// inZone does something with the names of the process's zone.
func inZone(pid uint32, do func() error) error {
	done := make(chan error)
	go func() {
		runtime.LockOSThread() // for ever: this thread ends in another namespace
		ns, err := os.Open(fmt.Sprintf("/proc/%d/ns/uts", pid))
		if err == nil {
			err = errors.Join(unix.Setns(int(ns.Fd()), unix.CLONE_NEWUTS), do(), ns.Close())
		}
		done <- err
	}()
	return <-done
}
