//go:build linux

package lan

import (
	"context"
	"net"
	"net/netip"
	"strconv"
	"time"

	"github.com/mdlayher/ndp"
	"github.com/vishvananda/netlink"

	"dockerinit/core/bootlog"
	"dockerinit/core/zone"
)

// router is the link-local address that advertisements come from: they come from no
// other kind (RFC 4861, 6.1.2).
var router = netip.MustParseAddr("fe80::1")

// advertiseEvery is the time between advertisements that nobody has asked for. Short:
// the zone may have come up since the last one without a word.
const advertiseEvery = 4 * time.Second

// An advertisement is what a link's router tells, and the prefix that it is about.
type advertisement struct {
	prefix  netip.Prefix
	message *ndp.RouterAdvertisement
}

func advertisementFor(i int, nic zone.NIC, opts Options) advertisement {
	a := advertisement{prefix: opts.Prefix.Masked()}
	if !a.prefix.IsValid() {
		// The same digits as the network of its DHCP, as a unique local one.
		a.prefix = netip.PrefixFrom(netip.AddrFrom16([16]byte{0xfd, 0, 0x01, 0x98, 0, 0x18, 0, byte(i)}), 64)
	}
	a.message = &ndp.RouterAdvertisement{
		CurrentHopLimit: 64,
		RouterLifetime:  30 * time.Minute,
		Options: []ndp.Option{&ndp.PrefixInformation{
			PrefixLength: uint8(a.prefix.Bits()), Prefix: a.prefix.Addr(),
			OnLink: true, AutonomousAddressConfiguration: true,
			ValidLifetime: 24 * time.Hour, PreferredLifetime: 4 * time.Hour,
		}},
	}
	if opts.NoRoute {
		a.message.RouterLifetime = 0
	}
	if nic.MTU >= 1280 { // the least of IPv6
		a.message.Options = append(a.message.Options, ndp.NewMTU(uint32(nic.MTU)))
	}
	var dns []netip.Addr
	for _, address := range opts.DNS {
		if address.Is6() {
			dns = append(dns, address)
		}
	}
	if len(dns) > 0 {
		a.message.Options = append(a.message.Options, &ndp.RecursiveDNSServer{Lifetime: 30 * time.Minute, Servers: dns})
	}
	return a
}

// advertise sends the advertisement again and again, and to everyone who solicits it.
func (l *LAN) advertise(ctx context.Context, log *bootlog.Logger, link netlink.Link, a advertisement) error {
	// The prefix's own network is on this link: whatever address the zone makes up
	// for itself can be asked.
	if err := addAddress(link, netip.PrefixFrom(a.prefix.Addr().Next(), a.prefix.Bits())); err != nil {
		return err
	}
	if err := addAddress(link, netip.PrefixFrom(router, 64)); err != nil {
		return err
	}
	ifi, err := net.InterfaceByIndex(link.Attrs().Index)
	if err != nil {
		return err
	}
	a.message.Options = append(a.message.Options, &ndp.LinkLayerAddress{Direction: ndp.Source, Addr: ifi.HardwareAddr})
	// By its number: package net keeps for a minute which number a name had, and another
	// LAN of this process may have had the name.
	ifi.Name = strconv.Itoa(ifi.Index)
	conn, _, err := ndp.Listen(ifi, ndp.Addr(router.String()))
	if err != nil {
		return err
	}
	if err := conn.JoinGroup(netip.IPv6LinkLocalAllRouters()); err != nil {
		conn.Close()
		return err
	}
	solicited := make(chan struct{}, 1)
	l.servers.Go(func() { // it ends with the connection
		for {
			m, _, _, err := conn.ReadFrom()
			if err != nil {
				if ctx.Err() == nil {
					log.Warn("router advertisements: nothing is heard any more: " + err.Error())
				}
				return
			}
			if _, ok := m.(*ndp.RouterSolicitation); ok {
				select {
				case solicited <- struct{}{}:
				default: // one is about to be sent
				}
			}
		}
	})
	l.servers.Go(func() {
		defer conn.Close()
		tick := time.NewTicker(advertiseEvery)
		defer tick.Stop()
		for {
			// A zone that is not up yet is no trouble: it will solicit.
			if err := conn.WriteTo(a.message, nil, netip.IPv6LinkLocalAllNodes()); err != nil && ctx.Err() == nil {
				log.LogAttrs(bootlog.LevelDebug, "router advertisements: "+err.Error())
			}
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			case <-solicited:
				log.Info("router solicitation answered by an advertisement of " + a.prefix.String())
			}
		}
	})
	return nil
}
