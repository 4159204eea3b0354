//go:build illumos && amd64

package illumos

import (
	"context"
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"

	"dockerinit/core/zone"
	"dockerinit/platform_illumos/rtsock"
)

// AddRoute adds one route. One to a gateway in no prefix of the zone's comes after
// an on-link route to the gateway: see zone.Network.Ordered.
func (*network) AddRoute(_ context.Context, r zone.Route) error {
	m := rtsock.Route{Dst: r.Dst, Gateway: r.Gateway, OnLink: r.OnLink}
	if r.Interface != "" && !r.OnLink {
		index, err := interfaceIndex(r.Interface, r.Gateway.Is6())
		if err != nil {
			return fmt.Errorf("interface %q: %w", r.Interface, err)
		}
		m.Index = index
	}
	return sendRoute(m)
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
