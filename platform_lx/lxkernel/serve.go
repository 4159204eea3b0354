//go:build linux

package lxkernel

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// struct seccomp_notif, seccomp_notif_resp and seccomp_notif_addfd.
type notification struct {
	id         uint64
	pid, flags uint32
	nr         int32
	arch       uint32
	ip         uint64
	args       [6]uint64
}

type response struct {
	id    uint64
	value int64
	errno int32
	flags uint32
}

type addFD struct {
	id                         uint64
	flags, from, to, withFlags uint32
}

// Serve answers the calls of the process, and of all that it starts, until they
// have ended. listener is what Enter has told there.
func (k *Kernel) Serve(pid, listener int) error {
	process, err := unix.PidfdOpen(pid, 0)
	if err != nil {
		return fmt.Errorf("pidfd_open: %w", err)
	}
	defer unix.Close(process)
	fd, err := unix.PidfdGetfd(process, listener, 0)
	if err != nil {
		return fmt.Errorf("pidfd_getfd: %w", err)
	}
	go k.serve(fd)
	return nil
}

func (k *Kernel) serve(fd int) {
	defer unix.Close(fd)
	for {
		poll := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
		if _, err := unix.Poll(poll, -1); errors.Is(err, unix.EINTR) {
			continue
		} else if err != nil || poll[0].Revents&unix.POLLIN == 0 {
			return // nobody is left
		}
		var n notification
		if ioctl(fd, notifyReceive, unsafe.Pointer(&n)) != nil {
			continue // it has gone
		}
		if errno, done := k.socketCall(fd, n); done {
			if errno == 0 {
				continue // the descriptor was the answer
			}
			_ = ioctl(fd, notifySend, unsafe.Pointer(&response{id: n.id, errno: -int32(errno)}))
			continue
		}
		r := k.answer(n)
		r.id = n.id
		_ = ioctl(fd, notifySend, unsafe.Pointer(&r)) // who asked may have died
	}
}

func ioctl(fd int, request uintptr, arg unsafe.Pointer) error {
	if _, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), request, uintptr(arg)); errno != 0 {
		return errno
	}
	return nil
}

// socketCall makes a netlink socket: one end of a pair, on which its reader can
// wait as on any.
func (k *Kernel) socketCall(listener int, n notification) (errno syscall.Errno, done bool) {
	if n.nr != unix.SYS_SOCKET {
		return 0, false
	}
	if protocol := n.args[2]; protocol != unix.NETLINK_ROUTE {
		return unix.EPROTONOSUPPORT, true
	}
	kind := int(n.args[1]) & (unix.SOCK_NONBLOCK | unix.SOCK_CLOEXEC)
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC|kind&unix.SOCK_NONBLOCK, 0)
	if err != nil {
		return unix.ENFILE, true
	}
	var st unix.Stat_t
	if err := unix.Fstat(pair[0], &st); err != nil {
		return unix.ENFILE, true
	}
	add := addFD{id: n.id, flags: addFDSend, from: uint32(pair[0]), withFlags: uint32(kind & unix.SOCK_CLOEXEC)}
	if err := ioctl(listener, notifyAddFD, unsafe.Pointer(&add)); err != nil {
		return unix.EINTR, true
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.sockets[st.Ino] = &socket{program: pair[0], kernel: pair[1]}
	return 0, true
}

func (k *Kernel) answer(n notification) response {
	switch n.nr {
	case unix.SYS_UNAME:
		return result(0, k.uname(n))
	case unix.SYS_SETHOSTNAME:
		return result(0, setHostname(n))
	case unix.SYS_KILL:
		return result(0, killAll(n))
	case unix.SYS_WAITID:
		k.mu.Lock()
		defer k.mu.Unlock()
		k.Refused++
		return result(0, unix.EFAULT) // LX waits before
	}
	s := k.socketOf(n)
	if s == nil {
		return response{flags: responseGoAhead}
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	switch n.nr {
	case unix.SYS_BIND:
		s.port = inner(n.pid)
		return response{}
	case unix.SYS_GETSOCKNAME:
		return result(0, putAddress(n.pid, n.args[1], n.args[2], s.port))
	case unix.SYS_SETSOCKOPT:
		return result(0, socketOption(n))
	case unix.SYS_SENDTO:
		text := make([]byte, min(n.args[2], 1<<16))
		if err := memory(n.pid, n.args[1], text, false); err != nil {
			return result(0, err)
		}
		s.queue(k.serveNetlink(text, s.port))
		return response{value: int64(len(text))}
	case unix.SYS_RECVFROM:
		return k.receive(s, n)
	}
	return result(0, unix.EOPNOTSUPP) // sendmsg, recvmsg
}

func result(value int64, err error) response {
	if errno, ok := errors.AsType[syscall.Errno](err); ok {
		return response{errno: -int32(errno)}
	} else if err != nil {
		return response{errno: -int32(unix.EFAULT)}
	}
	return response{value: value}
}

// socketOption: membership and the like succeed as lies, and unknown ones fail.
// illumos-joyent: usr/src/uts/common/brand/lx/io/lx_netlink.c
func socketOption(n notification) error {
	if n.args[1] != unix.SOL_NETLINK {
		return nil
	}
	switch n.args[2] {
	case unix.NETLINK_ADD_MEMBERSHIP, unix.NETLINK_DROP_MEMBERSHIP, unix.NETLINK_PKTINFO, unix.NETLINK_NO_ENOBUFS:
		return nil
	}
	return unix.EINVAL
}

// A socket is a netlink socket of some program.
type socket struct {
	program, kernel int // both ends; in the program's hands is another name of the first
	port            uint32
	waiting         [][]byte // datagrams; as long as there are any, a byte is in the pair
}

func (s *socket) queue(datagrams [][]byte) {
	if len(s.waiting) == 0 && len(datagrams) > 0 {
		_, _ = unix.Write(s.kernel, []byte{0})
	}
	s.waiting = append(s.waiting, datagrams...)
}

func (k *Kernel) receive(s *socket, n notification) response {
	if len(s.waiting) == 0 {
		return result(0, unix.EAGAIN)
	}
	text := s.waiting[0]
	length := int(min(n.args[2], uint64(len(text))))
	if err := memory(n.pid, n.args[1], text[:length], true); err != nil {
		return result(0, err)
	}
	if n.args[4] != 0 {
		if err := putAddress(n.pid, n.args[4], n.args[5], 0); err != nil {
			return result(0, err)
		}
	}
	value := int64(length)
	if n.args[3]&unix.MSG_TRUNC != 0 {
		value = int64(len(text))
	}
	if n.args[3]&unix.MSG_PEEK == 0 {
		if s.waiting = s.waiting[1:]; len(s.waiting) == 0 {
			_, _ = unix.Read(s.program, make([]byte, 1))
		}
	}
	return response{value: value}
}

// socketOf finds the socket by what the descriptor is, so that it matters not who
// has it under which number.
func (k *Kernel) socketOf(n notification) *socket {
	name, err := os.Readlink(fmt.Sprintf("/proc/%d/fd/%d", n.pid, int32(n.args[0])))
	if err != nil {
		return nil
	}
	inode, err := strconv.ParseUint(strings.TrimSuffix(strings.TrimPrefix(name, "socket:["), "]"), 10, 64)
	if err != nil {
		return nil
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.sockets[inode]
}

// putAddress writes a struct sockaddr_nl and its length.
func putAddress(pid uint32, at, lengthAt uint64, port uint32) error {
	address := make([]byte, unix.SizeofSockaddrNetlink)
	binary.NativeEndian.PutUint16(address, unix.AF_NETLINK)
	binary.NativeEndian.PutUint32(address[4:], port)
	var length [4]byte
	if err := memory(pid, lengthAt, length[:], false); err != nil {
		return err
	}
	room := min(int(binary.NativeEndian.Uint32(length[:])), len(address))
	binary.NativeEndian.PutUint32(length[:], uint32(len(address)))
	return errors.Join(memory(pid, at, address[:room], true), memory(pid, lengthAt, length[:], true))
}

// memory reads or writes the memory of who made the call.
func memory(pid uint32, at uint64, text []byte, write bool) error {
	f, err := os.OpenFile(fmt.Sprintf("/proc/%d/mem", pid), os.O_RDWR, 0)
	if err != nil {
		return unix.EFAULT
	}
	defer f.Close()
	if write {
		_, err = f.WriteAt(text, int64(at))
	} else {
		_, err = f.ReadAt(text, int64(at))
	}
	if err != nil {
		return unix.EFAULT
	}
	return nil
}
