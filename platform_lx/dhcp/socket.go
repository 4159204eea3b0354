//go:build linux

package dhcp

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// A Link is the interface that wants a lease. It is up.
type Link struct {
	Index    int
	Name     string
	MAC      string
	Hostname string // what the server is told, if anything
}

// Obtain gets a lease, or tells after half a minute that there is none to be had.
func Obtain(ctx context.Context, log *slog.Logger, l Link) (Lease, error) {
	mac, err := net.ParseMAC(l.MAC)
	if err != nil {
		return Lease{}, err
	}
	s, err := openSocket(l.Index)
	if err != nil {
		return Lease{}, fmt.Errorf("packet socket: %w", err)
	}
	defer s.file.Close()
	stop := context.AfterFunc(ctx, func() { _ = s.file.SetReadDeadline(time.Now()) })
	defer stop()
	return exchange{log: log, conn: s, name: l.Name, mac: mac, hostname: l.Hostname}.lease(ctx)
}

// A socket sends and receives IPv4 on a link that has no address.
type socket struct {
	file  *os.File
	index int
	buf   []byte
}

// etherIP is ETH_P_IP in network order, which is what the kernel wants.
var etherIP = binary.NativeEndian.Uint16([]byte{0x08, 0x00})

func openSocket(index int) (*socket, error) {
	// No protocol yet: nothing of another link shall come in before the bind.
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	if err := unix.Bind(fd, &unix.SockaddrLinklayer{Protocol: etherIP, Ifindex: index}); err != nil {
		_ = unix.Close(fd)
		return nil, err
	}
	return &socket{os.NewFile(uintptr(fd), "dhcp"), index, make([]byte, 64<<10)}, nil
}

func (s *socket) send(message []byte) error {
	raw, err := s.file.SyscallConn()
	if err != nil {
		return err
	}
	to := &unix.SockaddrLinklayer{Protocol: etherIP, Ifindex: s.index, Halen: 6, Addr: [8]byte{255, 255, 255, 255, 255, 255}}
	var sent error
	err = raw.Write(func(fd uintptr) bool {
		sent = unix.Sendto(int(fd), datagram(message), 0, to)
		return !errors.Is(sent, unix.EAGAIN)
	})
	return errors.Join(err, sent)
}

func (s *socket) receive(until time.Time) ([]byte, error) {
	if err := s.file.SetReadDeadline(until); err != nil {
		return nil, err
	}
	for {
		n, err := s.file.Read(s.buf)
		if errors.Is(err, os.ErrDeadlineExceeded) {
			return nil, errLate
		}
		if errors.Is(err, unix.ENETDOWN) && time.Now().Before(until) {
			continue // told once, of what was; the link comes up
		}
		if err != nil {
			return nil, err
		}
		if body, ok := payload(s.buf[:n]); ok {
			return body, nil
		}
	}
}
