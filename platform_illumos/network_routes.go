//go:build illumos && amd64

package illumos

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"

	"golang.org/x/sys/unix"

	"dockerinit/core/zone"
	"dockerinit/platform_illumos/rtsock"
)

// AddRoute adds one route. A gateway that no address of the zone is beside cannot
// be reached; where the NIC is known that it is on, it gets a route of its own
// first, as on Linux.
func (n *network) AddRoute(_ context.Context, r zone.Route) error {
	m := rtsock.Route{Dst: r.Dst, Gateway: r.Gateway, OnLink: r.OnLink}
	if r.Interface != "" && !r.OnLink {
		index, err := interfaceIndex(r.Interface, r.Gateway.Is6())
		if err != nil {
			return fmt.Errorf("interface %q: %w", r.Interface, err)
		}
		m.Index = index
	}
	err := sendRoute(m)
	if !errors.Is(err, unix.ENETUNREACH) || r.OnLink {
		return err
	}
	own, ok := n.ownAddress(r.Interface, r.Gateway)
	if !ok {
		return err
	}
	beside := rtsock.Route{Dst: netip.PrefixFrom(r.Gateway, r.Gateway.BitLen()), Gateway: own, OnLink: true}
	if err := sendRoute(beside); err != nil {
		return fmt.Errorf("gateway %s is in the prefix of no address; on-link from %s: %w", r.Gateway, own, err)
	}
	return sendRoute(m)
}

// ownAddress is one that the interface has of the gateway's family.
func (n *network) ownAddress(name string, gateway netip.Addr) (netip.Addr, bool) {
	for _, a := range n.own[name] {
		if a.Is4() == gateway.Is4() {
			return a, true
		}
	}
	return netip.Addr{}, false
}

// sendRoute asks the kernel, which answers the write itself. A route that is
// there already is no error.
func sendRoute(r rtsock.Route) error {
	family := rtsock.Inet
	if r.Dst.Addr().Is6() {
		family = rtsock.Inet6
	}
	fd, err := unix.Socket(rtsock.Family, rtsock.Raw, family)
	if err != nil {
		return fmt.Errorf("routing socket: %w", err)
	}
	defer unix.Close(fd)
	unix.CloseOnExec(fd)
	message := r.Add(int32(os.Getpid()), 1)
	for {
		n, err := unix.Write(fd, message)
		switch {
		case errors.Is(err, unix.EINTR):
			continue
		case errors.Is(err, unix.EEXIST):
			return nil
		case err != nil:
			return err
		case n != len(message):
			return fmt.Errorf("the kernel took %d bytes of %d", n, len(message))
		}
		return nil
	}
}
