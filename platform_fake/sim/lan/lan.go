//go:build linux

package lan

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"sync"
	"time"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"dockerinit/core/bootlog"
	"dockerinit/core/zone"
)

// Options are what the servers on the links tell. The zero value is a host as one
// would expect it.
type Options struct {
	Silent  bool          // nobody answers to DHCP or router solicitations
	Lease   time.Duration // of an address from DHCP; 0 is an hour
	DNS     []netip.Addr  // resolvers, IPv4 for DHCP and IPv6 for router advertisements
	Routes  []zone.Route  // classless static routes for DHCP, as RFC 3442 has them
	Prefix  netip.Prefix  // of router advertisements, a /64; invalid: fd00:198:18:N::/64 for NIC N
	NoRoute bool          // router advertisements of a prefix, but of no router
}

// A LAN is open links and the servers on them.
type LAN struct {
	links   []netlink.Link
	cancel  context.CancelFunc
	servers sync.WaitGroup
}

// Open makes a veth pair for every NIC: one end in the namespace of this process,
// which needs CAP_NET_ADMIN over both, the other, DOWN and without addresses, in the
// zone's. The servers end with the context or by Close.
func Open(ctx context.Context, log *bootlog.Logger, zoneNS *os.File, nics []zone.NIC, routes []zone.Route, opts Options) (*LAN, error) {
	lo, err := netlink.LinkByName("lo")
	if err == nil {
		err = netlink.LinkSetUp(lo)
	}
	if err != nil {
		return nil, fmt.Errorf("bring up the switch: %w", err)
	}
	l := &LAN{}
	ctx, l.cancel = context.WithCancel(ctx)
	for i, nic := range nics {
		if err := l.open(ctx, log, i, nic, zoneNS, routes, opts); err != nil {
			return nil, errors.Join(fmt.Errorf("%s: %w", nic.Interface, err), l.Close())
		}
	}
	return l, nil
}

func (l *LAN) open(ctx context.Context, log *bootlog.Logger, i int, nic zone.NIC, ns *os.File, routes []zone.Route, opts Options) error {
	link, err := makeLink(i, nic, ns)
	if err != nil {
		return err
	}
	l.links = append(l.links, link)
	if err := populate(link, nic, routes); err != nil || opts.Silent {
		return err
	}
	log = log.With(bootlog.Step(nic.Interface))
	if nic.DHCP {
		if err := l.serveDHCP(ctx, log, link, offerFor(i, nic, opts)); err != nil {
			return fmt.Errorf("its DHCP server: %w", err)
		}
	}
	if nic.Addrconf {
		if err := l.advertise(ctx, log, link, advertisementFor(i, nic, opts)); err != nil {
			return fmt.Errorf("its router advertisements: %w", err)
		}
	}
	return nil
}

// Close ends the servers, waits for them, and removes the links, the zone's ends too.
func (l *LAN) Close() error {
	l.cancel()
	l.servers.Wait()
	var failed []error
	for _, link := range l.links {
		var gone netlink.LinkNotFoundError
		err := netlink.LinkDel(link)
		if err != nil && !errors.As(err, &gone) && !errors.Is(err, unix.ENODEV) {
			failed = append(failed, fmt.Errorf("remove %s: %w", link.Attrs().Name, err))
		}
	}
	l.links = nil
	return errors.Join(failed...)
}
