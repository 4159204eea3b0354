//go:build linux

package rtnl

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/netip"
	"path/filepath"
	"slices"
	"time"

	"github.com/hashicorp/go-multierror"
	"golang.org/x/sys/unix"

	"dockerinit/core/bootlog"
	"dockerinit/core/exit"
	"dockerinit/core/image"
	"dockerinit/core/supervise"
	"dockerinit/core/wire"
	"dockerinit/core/zone"
	"dockerinit/platform_lx/dhcp"
	"dockerinit/platform_lx/mounted"
)

// An asking is an exchange with the servers of a link that is under way.
type asking struct {
	begun  time.Time
	done   chan struct{}
	cancel context.CancelFunc
	got    dhcp.Lease
	err    error
}

// AskForLeases has all links that want one asked for their leases at once, while
// other things are done: Configure then waits for what is still missing. A link that
// cannot be asked is left to Configure, too, which tells why.
func (s *Stack) AskForLeases(want zone.Network) {
	s.hostname = want.Hostname
	for _, nic := range want.NICs {
		if !nic.DHCP {
			continue
		}
		l, err := s.find(nic)
		if err != nil || s.routerAdvertisements(l, nic.Addrconf) != nil || s.setMTU(l, nic.MTU) != nil || s.up(l) != nil {
			continue
		}
		s.asked[nic.Interface] = s.ask(context.Background(), l)
	}
}

func (s *Stack) ask(ctx context.Context, l link) *asking {
	a := &asking{begun: time.Now(), done: make(chan struct{})}
	ctx, a.cancel = context.WithCancel(ctx)
	client, err := dhcp.Open(s.log, s.asks(l))
	if err != nil {
		a.err = err
		close(a.done)
		return a
	}
	go func() {
		defer close(a.done)
		a.got, a.err = client.Obtain(ctx)
	}()
	return a
}

// end gives an exchange up that nobody has waited for.
func (a *asking) end() {
	a.cancel()
	<-a.done
}

// lease waits for what the link's servers say. One that ends is to be kept by
// whoever stays.
func (s *Stack) lease(ctx context.Context, l link, nic zone.NIC) (dhcp.Lease, error) {
	a := s.asked[nic.Interface]
	delete(s.asked, nic.Interface)
	if a == nil {
		a = s.ask(ctx, l)
	}
	defer a.end()
	select {
	case <-a.done:
	case <-ctx.Done():
		return dhcp.Lease{}, exit.RaiseInterface.Errorf("%s: dhcp: %w", nic.Interface, ctx.Err())
	}
	got := a.got
	if a.err != nil {
		return got, exit.RaiseInterface.Errorf("%s: dhcp: %w", nic.Interface, a.err)
	}
	for _, odd := range got.Warnings {
		s.log.Warn(fmt.Sprintf("%s: dhcp: %s", nic.Interface, odd))
	}
	s.log.Info(fmt.Sprintf("%s: dhcp: %s from %s after %s", nic.Interface, got.Address, got.Server, time.Since(a.begun).Round(time.Millisecond)))
	if got.Duration > 0 {
		s.log.Info(fmt.Sprintf("%s: dhcp: the lease is for %s, until %s", nic.Interface, got.Duration, got.End().UTC().Format(time.RFC3339)))
		keeper, err := dhcp.NewKeeper(s.log, s.asks(l), got, func(was, is dhcp.Lease) error { return replaceLease(s.log, s.root, nic, was, is) })
		if err != nil {
			return got, err
		}
		s.keep(keptLease{keeper, nic, s.root})
	}
	return got, nil
}

// asks is the link as DHCP's servers see it.
func (s *Stack) asks(l link) dhcp.Link {
	return dhcp.Link{Index: int(l.index), Name: l.name, MAC: l.mac, Hostname: s.hostname}
}

// Chores are the leases that somebody has to keep.
func (s *Stack) Chores() (all []supervise.Chore) {
	for _, k := range s.kept {
		all = append(all, k)
	}
	return all
}

// keep is for the last lease of a NIC, where it has had several.
func (s *Stack) keep(k keptLease) {
	for i, before := range s.kept {
		if before.nic.Interface == k.nic.Interface {
			s.kept[i] = k
			return
		}
	}
	s.kept = append(s.kept, k)
}

// A keptLease is a chore.
type keptLease struct {
	*dhcp.Keeper
	nic  zone.NIC
	root string
}

func (k keptLease) State(now time.Time) []byte {
	words := wire.Texts(nil, []string{k.nic.Interface, k.nic.MAC, k.root})
	words = wire.Bool(wire.Bool(wire.Numbers(words, uint64(k.nic.MTU)), k.nic.Primary), hasIPv6(k.nic))
	return k.Keeper.State(now, words)
}

// ResumeLease is a lease's chore again, of the State that it had then.
func ResumeLease(log *bootlog.Logger, state []byte, then time.Time) (supervise.Chore, error) {
	var k keptLease
	keeper, err := dhcp.ResumeKeeper(log, state, then, func(words []byte) (func(was, is dhcp.Lease) error, error) {
		p := wire.Parser{Rest: words}
		if names := p.Texts(); len(names) == 3 {
			k.nic.Interface, k.nic.MAC, k.root = names[0], names[1], names[2]
		}
		k.nic.MTU, k.nic.Primary, k.nic.Addrconf = int(p.Number(math.MaxInt32)), p.Bool(), p.Bool()
		return func(was, is dhcp.Lease) error { return replaceLease(log, k.root, k.nic, was, is) }, p.End()
	})
	k.Keeper = keeper
	return k, err
}

// replaceLease makes the link what a lease says, and no more what the one before
// did. It opens the stack anew: it is long after the boot.
func replaceLease(log *bootlog.Logger, root string, nic zone.NIC, was, is dhcp.Lease) error {
	s, err := Open(log)
	if err != nil {
		return err
	}
	defer s.Close()
	s.root = root
	l, err := s.find(nic)
	if err != nil {
		return err
	}
	s.names[nic.Interface] = l
	var failed *multierror.Error
	for _, r := range was.Routes {
		if was.Address == is.Address && slices.Contains(is.Routes, r) || r.Default() && !nic.Primary {
			continue
		}
		for _, route := range routesOf(nic.Interface, was.Address, r) {
			// It may have gone with the address, or by hand.
			if err := s.change(delRoute(route, l.index)); err != nil && !errors.Is(err, unix.ESRCH) {
				failed = multierror.Append(failed, fmt.Errorf("take back the route %s: %w", route, err))
			}
		}
	}
	if was.Address.IsValid() && was.Address != is.Address {
		if err := s.change(delAddress(l.index, was.Address)); err != nil && !errors.Is(err, unix.EADDRNOTAVAIL) {
			failed = multierror.Append(failed, fmt.Errorf("take back the address %s: %w", was.Address, err))
		}
	}
	if is.Address.IsValid() {
		if err := s.change(addAddress(l.index, is.Address)); err != nil && !errors.Is(err, unix.EEXIST) {
			failed = multierror.Append(failed, notAdded(l, is.Address, err))
		}
		s.leasedMTU(l, nic, is.MTU)
		s.leased(context.Background(), nic, is)
	}
	return failed.ErrorOrNil()
}

// leasedMTU takes what the payload left open. A server cannot take IPv6 from the
// link with it, nor end the boot with what the link refuses.
func (s *Stack) leasedMTU(l link, nic zone.NIC, mtu int) {
	switch {
	case nic.MTU != 0 || mtu == 0:
	case hasIPv6(nic) && mtu < leastMTU6:
		s.log.Warn(fmt.Sprintf("%s: dhcp: mtu %d: too little for IPv6, which the NIC has; it stays at %d", nic.Interface, mtu, l.mtu))
	default:
		if err := s.setMTU(l, mtu); err != nil {
			s.log.Warn(fmt.Sprintf("%s: dhcp: not taken from the lease: %s", nic.Interface, err))
		}
	}
}

func hasIPv6(nic zone.NIC) bool {
	return nic.Addrconf || slices.ContainsFunc(nic.Addresses, func(p netip.Prefix) bool { return p.Addr().Is6() })
}

// leased is what a lease brings besides the address: all of it is worth a warning
// at most. The default route is that of the primary NIC, as with static gateways.
func (s *Stack) leased(ctx context.Context, nic zone.NIC, got dhcp.Lease) {
	for _, r := range got.Routes {
		if r.Default() && !nic.Primary {
			s.log.Info(fmt.Sprintf("%s: dhcp: its default route is left out: the NIC is not the primary one", nic.Interface))
			continue
		}
		for _, route := range routesOf(nic.Interface, got.Address, r) {
			if err := s.AddRoute(ctx, route); err != nil {
				s.log.Warn(fmt.Sprintf("%s: dhcp: route %s: %s", nic.Interface, route, err))
			}
		}
	}
	if err := s.resolvers(got); err != nil {
		s.log.Warn(fmt.Sprintf("%s: dhcp: the name servers are not used: %s", nic.Interface, err))
	}
}

// routesOf are the routes that one of a lease takes: a gateway outside of the
// network is reached on the link first.
func routesOf(link string, own netip.Prefix, r dhcp.Route) (all []zone.Route) {
	onLink := func(dst netip.Prefix) zone.Route {
		return zone.Route{Dst: dst, Gateway: own.Addr(), OnLink: true, Interface: link}
	}
	if !r.Gateway.IsValid() {
		return []zone.Route{onLink(r.Dst)}
	}
	if !own.Contains(r.Gateway) {
		all = append(all, onLink(netip.PrefixFrom(r.Gateway, r.Gateway.BitLen())))
	}
	return append(all, zone.Route{Dst: r.Dst, Gateway: r.Gateway, Interface: link})
}

const resolvConf = "/etc/resolv.conf"

// resolvers writes the lease's name servers where the host has not mounted those
// that it has for the zone.
func (s *Stack) resolvers(got dhcp.Lease) error {
	text := got.ResolvConf()
	if text == "" || mounted.On(filepath.Join(s.root, resolvConf)) {
		return nil
	}
	root, err := image.Open(s.root)
	if err != nil {
		return err
	}
	return errors.Join(root.WriteFile(resolvConf, []byte(text), 0o644), root.Close())
}
