//go:build linux

package rtnl

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"path/filepath"
	"slices"
	"time"

	"dockerinit/core/exit"
	"dockerinit/core/image"
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
	client, err := dhcp.Open(s.log, dhcp.Link{Index: int(l.index), Name: l.name, MAC: l.mac})
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

// lease waits for what the link's servers say. It is the zone's for as long as that
// runs, which is told: there is nobody to renew it once the command has taken over.
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
		s.log.Warn(fmt.Sprintf("%s: dhcp: the lease is for %s, until %s, and nobody renews it: the address stays in use after that",
			nic.Interface, got.Duration, a.begun.Add(got.Duration).UTC().Format(time.RFC3339)))
	}
	return got, nil
}

// leasedMTU takes what the payload left open. A server cannot take IPv6 from the
// link with it, nor end the boot with what the link refuses.
func (s *Stack) leasedMTU(l link, nic zone.NIC, mtu int) {
	six := nic.Addrconf || slices.ContainsFunc(nic.Addresses, func(p netip.Prefix) bool { return p.Addr().Is6() })
	switch {
	case nic.MTU != 0 || mtu == 0:
	case six && mtu < leastMTU6:
		s.log.Warn(fmt.Sprintf("%s: dhcp: mtu %d: too little for IPv6, which the NIC has; it stays at %d", nic.Interface, mtu, l.mtu))
	default:
		if err := s.setMTU(l, mtu); err != nil {
			s.log.Warn(fmt.Sprintf("%s: dhcp: not taken from the lease: %s", nic.Interface, err))
		}
	}
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
