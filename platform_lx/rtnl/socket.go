//go:build linux

package rtnl

import (
	"encoding/binary"
	"errors"
	"fmt"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// patience is for a kernel that does not answer, where there is something wrong
// with it: it does all that it is sent before the sending returns.
const patience = 10 * time.Second

// A socket is a conversation with the kernel. It has room for the largest
// answer once and for all: made anew for each, for an acknowledgement too, that was
// half of the time of a thousand routes.
type socket struct {
	mu       sync.Mutex
	fd       int
	port     uint32
	sequence uint32
	buf      [64 << 10]byte // the kernel's messages are half of it at most
}

func openSocket() (*socket, error) {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.NETLINK_ROUTE)
	if err != nil {
		return nil, err
	}
	s := &socket{fd: fd}
	if err := unix.Bind(fd, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err != nil {
		s.close()
		return nil, err
	}
	name, err := unix.Getsockname(fd)
	if err != nil {
		s.close()
		return nil, err
	}
	if own, ok := name.(*unix.SockaddrNetlink); ok {
		s.port = own.Pid
	}
	// The kernel's own words for a refusal; one that has none is taken as it is.
	_ = unix.SetsockoptInt(fd, unix.SOL_NETLINK, unix.NETLINK_EXT_ACK, 1)
	return s, nil
}

func (s *socket) close() { _ = unix.Close(s.fd) }

// together is how many changes are sent at once. Each is answered, and the answers
// have to have room until they are read.
const together = 64

// change sends requests that are answered with success or a reason, and returns
// the reason of each.
func (s *socket) change(requests ...request) []error {
	s.mu.Lock()
	defer s.mu.Unlock()
	refused := make([]error, len(requests))
	for from := 0; from < len(requests); from += together {
		some := refused[from:min(from+together, len(requests))]
		if err := s.changeSome(requests[from:from+len(some)], some); err != nil {
			for i := range refused[from:] {
				refused[from+i] = err // nobody knows what was done
			}
			break
		}
	}
	return refused
}

func (s *socket) changeSome(requests []request, refused []error) error {
	first, err := s.send(requests...)
	if err != nil {
		return err
	}
	for left := len(requests); left > 0; {
		err := s.receive(func(m message) error {
			// Anything else is late, and for somebody who has given up.
			if i := m.sequence - first; m.kind == unix.NLMSG_ERROR && i < uint32(len(refused)) {
				refused[i] = m.refusal()
				left--
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// ask sends a request and returns all answers of that kind.
func (s *socket) ask(request request, kind uint16) (answers [][]byte, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	sequence, err := s.send(request)
	if err != nil {
		return nil, err
	}
	interrupted := false
	for done := false; !done; {
		err := s.receive(func(m message) error {
			if m.sequence != sequence || done {
				return nil
			}
			interrupted = interrupted || m.flags&unix.NLM_F_DUMP_INTR != 0
			switch m.kind {
			case unix.NLMSG_DONE, unix.NLMSG_ERROR:
				done = true
				return m.refusal()
			case kind:
				answers = append(answers, append([]byte(nil), m.data...))
			}
			done = m.flags&unix.NLM_F_MULTI == 0
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	if interrupted {
		return answers, errInterrupted
	}
	return answers, nil
}

// errInterrupted says that what was being listed has changed meanwhile.
var errInterrupted = errors.New("it changed while it was listed")

// send gives the requests numbers that follow each other, and sends them at once.
func (s *socket) send(requests ...request) (first uint32, err error) {
	first = s.sequence + 1
	var all []byte
	for _, r := range requests {
		s.sequence++
		all = append(all, r.numbered(s.sequence)...) // every attribute is aligned, and so is the whole
	}
	return first, unix.Sendto(s.fd, all, 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK})
}

// receive waits for the kernel's next datagram and passes on what it has for us.
func (s *socket) receive(each func(message) error) error {
	n, err := s.datagram()
	for rest := s.buf[:max(n, 0)]; err == nil && len(rest) > 0; {
		if len(rest) < unix.NLMSG_HDRLEN {
			return errShort
		}
		size := int(binary.NativeEndian.Uint32(rest))
		if size < unix.NLMSG_HDRLEN || size > len(rest) {
			return errShort
		}
		m := message{
			kind:     binary.NativeEndian.Uint16(rest[4:]),
			flags:    binary.NativeEndian.Uint16(rest[6:]),
			sequence: binary.NativeEndian.Uint32(rest[8:]),
			data:     rest[unix.NLMSG_HDRLEN:size],
		}
		if binary.NativeEndian.Uint32(rest[12:]) == s.port {
			err = each(m)
		}
		rest = rest[min((size+3)&^3, len(rest)):]
	}
	return err
}

// datagram reads one that the kernel has sent. Another process may send to the
// socket too, and is not heard.
func (s *socket) datagram() (n int, err error) {
	until := time.Now().Add(patience)
	for {
		n, from, err := unix.Recvfrom(s.fd, s.buf[:], unix.MSG_DONTWAIT)
		sender, ok := from.(*unix.SockaddrNetlink)
		switch {
		case err == nil && ok && sender.Pid == 0:
			return n, nil
		case err != nil && !errors.Is(err, unix.EAGAIN) && !errors.Is(err, unix.EINTR):
			return 0, err
		}
		left := time.Until(until)
		if left <= 0 {
			return 0, fmt.Errorf("the kernel has not answered for %s", patience)
		}
		if err != nil {
			_, _ = unix.Poll([]unix.PollFd{{Fd: int32(s.fd), Events: unix.POLLIN}}, int(left.Milliseconds())+1)
		}
	}
}

// A message is one of the kernel's.
type message struct {
	kind, flags uint16
	sequence    uint32
	data        []byte // valid until the next one is read
}

// refusal is what the end of a list, or an acknowledgement, has to say: nil where
// all went well. After the number comes what was asked, and after that attributes.
// Linux: include/uapi/linux/netlink.h, nlmsgerr
func (m message) refusal() error {
	if len(m.data) < 4 {
		if m.kind == unix.NLMSG_DONE {
			return nil
		}
		return errShort
	}
	number := int32(binary.NativeEndian.Uint32(m.data))
	if number == 0 || m.kind == unix.NLMSG_DONE && number > 0 {
		return nil
	}
	var err error = unix.Errno(-number)
	if m.flags&unix.NLM_F_ACK_TLVS == 0 || len(m.data) < 4+unix.NLMSG_HDRLEN {
		return err
	}
	asked := int(binary.NativeEndian.Uint32(m.data[4:]))
	if m.flags&unix.NLM_F_CAPPED != 0 {
		asked = unix.NLMSG_HDRLEN
	}
	if asked = (asked + 3) &^ 3; asked < 0 || 4+asked > len(m.data) {
		return err
	}
	var words string
	_ = eachAttribute(m.data[4+asked:], func(kind uint16, value []byte) {
		if kind == unix.NLMSGERR_ATTR_MSG {
			words = unix.ByteSliceToString(value)
		}
	})
	if words != "" {
		err = fmt.Errorf("%w: %s", err, words)
	}
	return err
}
