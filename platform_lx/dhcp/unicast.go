//go:build linux

package dhcp

import (
	"net/netip"

	"golang.org/x/sys/unix"
)

// A direct conn sends to one server, which takes a route and the server's MAC, and
// so the kernel. It hears as a socket does: what a server refuses it tells to all.
type direct struct {
	*socket
	fd int
	to unix.SockaddrInet4
}

func (d *direct) send(message []byte) error {
	return unix.Sendto(d.fd, message, unix.MSG_DONTWAIT, &d.to)
}

// openFor opens the link for a Keeper.
func openFor(link Link, from, to netip.Addr) (c conn, done func(), err error) {
	s, err := openSocket(link.Index)
	if err != nil {
		return nil, nil, err
	}
	s.from = from
	if !to.IsValid() {
		return s, func() { s.file.Close() }, nil
	}
	fd, err := openUDP(link.Name, from)
	if err != nil {
		s.file.Close()
		return nil, nil, err
	}
	return &direct{s, fd, unix.SockaddrInet4{Port: serverPort, Addr: to.As4()}}, func() {
		_ = unix.Close(fd)
		s.file.Close()
	}, nil
}

func openUDP(link string, from netip.Addr) (fd int, err error) {
	fd, err = unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return -1, err
	}
	if err = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEADDR, 1); err == nil {
		err = unix.BindToDevice(fd, link)
	}
	if err == nil {
		err = unix.Bind(fd, &unix.SockaddrInet4{Port: clientPort, Addr: from.As4()})
	}
	if err != nil {
		_ = unix.Close(fd)
		return -1, err
	}
	return fd, nil
}
