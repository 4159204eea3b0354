//go:build linux || darwin

package fake

import (
	"syscall"
	"unsafe"
)

func (k *kernel) DupAbove(fd, lowest int) (int, error) {
	return fcntl(fd, syscall.F_DUPFD_CLOEXEC, lowest)
}

func (k *kernel) Inherit(fd int) error {
	flags, err := fcntl(fd, syscall.F_GETFD, 0)
	if err == nil && flags&syscall.FD_CLOEXEC != 0 {
		_, err = fcntl(fd, syscall.F_SETFD, flags&^syscall.FD_CLOEXEC)
	}
	return err
}

func fcntl(fd, command, arg int) (int, error) {
	n, _, errno := syscall.Syscall(syscall.SYS_FCNTL, uintptr(fd), uintptr(command), uintptr(arg))
	if errno != 0 {
		return 0, errno
	}
	return int(n), nil
}

func newSession() error {
	sid, _, errno := syscall.Syscall(syscall.SYS_GETSID, 0, 0, 0)
	if errno == 0 && int(sid) == syscall.Getpid() {
		return nil
	}
	_, err := syscall.Setsid()
	return err
}

func controllingTerminal(fd int) error {
	_, _, errno := syscall.Syscall(syscall.SYS_IOCTL, uintptr(fd), uintptr(syscall.TIOCSCTTY), 0)
	return result(errno)
}

func foreground(fd int) error {
	group := int32(syscall.Getpgrp())
	_, _, errno := syscall.Syscall(syscall.SYS_IOCTL, uintptr(fd), uintptr(syscall.TIOCSPGRP), uintptr(unsafe.Pointer(&group)))
	return result(errno)
}

func result(errno syscall.Errno) error {
	if errno != 0 {
		return errno
	}
	return nil
}
