//go:build linux

package dhcp

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"time"

	"golang.org/x/sys/unix"

	"dockerinit/core/bootlog"
)

// A Link is the interface that wants a lease. It is up.
type Link struct {
	Index    int
	Name     string
	MAC      string
	Hostname string // what servers may call it; "": nothing
}

// A Client is one that can ask on a link.
type Client struct {
	socket   *socket
	exchange exchange
}

// Open opens the client's socket, in the network namespace of the calling thread.
func Open(log *bootlog.Logger, l Link) (*Client, error) {
	mac, err := parseHardware(l.MAC)
	if err != nil {
		return nil, err
	}
	s, err := openSocket(l.Index)
	if err != nil {
		return nil, fmt.Errorf("packet socket: %w", err)
	}
	return &Client{s, exchange{log: log, conn: s, link: l, mac: mac}}, nil
}

// Obtain gets a lease, or tells after half a minute that there is none to be had.
// The client is closed then.
func (c *Client) Obtain(ctx context.Context) (Lease, error) {
	defer c.socket.file.Close()
	c.socket.ctx = ctx
	stop := context.AfterFunc(ctx, func() { _ = c.socket.file.SetReadDeadline(time.Now()) })
	defer stop()
	return c.exchange.lease(ctx)
}

// A socket sends and receives IPv4 on a link that has no address.
type socket struct {
	file  *os.File
	index int
	buf   []byte
	ctx   context.Context // whose end interrupts a receive
	from  netip.Addr      // the link's address, where it has one
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
	return &socket{file: os.NewFile(uintptr(fd), "dhcp"), index: index, buf: make([]byte, 64<<10), ctx: context.Background()}, nil
}

func (s *socket) send(message []byte) error {
	raw, err := s.file.SyscallConn()
	if err != nil {
		return err
	}
	if err := s.file.SetWriteDeadline(time.Now().Add(first)); err != nil {
		return err
	}
	to := &unix.SockaddrLinklayer{Protocol: etherIP, Ifindex: s.index, Halen: 6, Addr: [8]byte{255, 255, 255, 255, 255, 255}}
	var sent error
	err = raw.Write(func(fd uintptr) bool {
		sent = unix.Sendto(int(fd), datagram(s.from, message), 0, to)
		return !errors.Is(sent, unix.EAGAIN)
	})
	if errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(sent, unix.ENOBUFS) {
		return nil // lost, as it may be on the way
	}
	return errors.Join(err, sent)
}

func (s *socket) receive(until time.Time) ([]byte, error) {
	if err := s.file.SetReadDeadline(until); err != nil {
		return nil, err
	}
	if s.ctx.Err() != nil { // it set the deadline before
		return nil, errLate
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
