//go:build linux

package rtnl

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/hashicorp/go-multierror"
	"golang.org/x/sys/unix"

	"dockerinit/core/bootlog"
	"dockerinit/core/zone"
	"dockerinit/platform_lx/dhcp"
)

// A Stack is the network of the namespace in which it was opened.
type Stack struct {
	log    *bootlog.Logger
	socket *socket
	links  []link
	// names are the links of the NICs that were configured, under the names that
	// the host gave them: a NIC that was found by its MAC has another one here.
	names map[string]link
	asked map[string]*asking // by the NIC, until Configure has waited
	kept  []keptLease
	root  string // the image's, for the name servers of a lease

	hostname string // what DHCP's servers may call this zone
}

// Open opens the socket and looks which links there are.
func Open(log *bootlog.Logger) (*Stack, error) {
	socket, err := openSocket()
	if err != nil {
		return nil, fmt.Errorf("netlink socket: %w", err)
	}
	s := &Stack{log: log, socket: socket, names: make(map[string]link), asked: make(map[string]*asking), root: "/"}
	if err := s.look(); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// Close closes the socket. What was configured stays.
func (s *Stack) Close() error {
	for _, a := range s.asked {
		a.end()
	}
	s.socket.close()
	return nil
}

// Configure sets the link's MTU, brings it up, and gives it its addresses. They
// can be used when it returns. All is tried; what fails is told together.
func (s *Stack) Configure(ctx context.Context, nic zone.NIC) error {
	l, err := s.find(nic)
	if err != nil {
		return err
	}
	s.names[nic.Interface] = l
	locked := s.routerAdvertisements(l, nic.Addrconf) // before it is up, and hears them
	failed := multierror.Append(nil, s.setMTU(l, nic.MTU), s.up(l))
	var got dhcp.Lease
	if nic.DHCP {
		if got, err = s.lease(ctx, l, nic); err != nil {
			failed = multierror.Append(failed, err)
		} else {
			nic.Addresses = append(slices.Clone(nic.Addresses), got.Address)
			s.leasedMTU(l, nic, got.MTU)
		}
	}
	failed = multierror.Append(failed, s.addresses(ctx, l, nic), locked)
	if got.Address.IsValid() {
		s.leased(ctx, nic, got)
	}
	if nic.Addrconf && locked == nil {
		failed = multierror.Append(failed, s.awaitAddrconf(ctx, l))
	}
	return failed.ErrorOrNil()
}

// change sends a request that is answered with success or a reason.
func (s *Stack) change(req request) error { return s.socket.change(req)[0] }

// dump asks for all that there is of a kind. The kernel says when it changed
// while it was being listed; then it is listed once more.
func (s *Stack) dump(kind uint16, head []byte, answer uint16) (messages [][]byte, err error) {
	for range 5 {
		req := newRequest(kind, unix.NLM_F_REQUEST|unix.NLM_F_DUMP, head)
		if messages, err = s.socket.ask(req, answer); !errors.Is(err, errInterrupted) {
			break
		}
	}
	return messages, err
}
