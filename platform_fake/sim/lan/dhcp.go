//go:build linux

package lan

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"time"

	"github.com/insomniacslk/dhcp/dhcpv4"
	"github.com/insomniacslk/dhcp/dhcpv4/server4"
	"github.com/vishvananda/netlink"

	"dockerinit/core/bootlog"
	"dockerinit/core/zone"
)

// An offer is the one lease that a link's DHCP server has to give: there is one
// client on a link.
type offer struct {
	address netip.Prefix
	server  netip.Addr // which is the router as well
	lease   time.Duration
	dns     []netip.Addr
	routes  []zone.Route
}

// offerFor is the lease for the NIC numbered i: in the network of its IPv4 gateway if
// it has one, else in one of those for benchmarks (RFC 2544), which no host routes.
func offerFor(i int, nic zone.NIC, opts Options) offer {
	o := offer{lease: cmp.Or(opts.Lease, time.Hour), routes: opts.Routes}
	o.server = netip.AddrFrom4([4]byte{198, 18, byte(i), 1})
	if at := slices.IndexFunc(nic.Gateways, netip.Addr.Is4); at >= 0 {
		o.server = nic.Gateways[at]
	}
	taken := func(a netip.Addr) bool {
		return a == o.server || slices.Contains(nic.Gateways, a) ||
			slices.ContainsFunc(nic.Addresses, func(p netip.Prefix) bool { return p.Addr() == a })
	}
	bytes := o.server.As4()
	bytes[3] = 100
	for taken(netip.AddrFrom4(bytes)) {
		bytes[3]++ // a NIC has fewer addresses than this has room for
	}
	o.address = netip.PrefixFrom(netip.AddrFrom4(bytes), 24)
	for _, a := range opts.DNS {
		if a.Is4() {
			o.dns = append(o.dns, a)
		}
	}
	return o
}

// serveDHCP gives the offer to whoever asks on the link.
func (l *LAN) serveDHCP(ctx context.Context, log *bootlog.Logger, link netlink.Link, o offer) error {
	if err := addAddress(link, netip.PrefixFrom(o.server, 32)); err != nil {
		return err
	}
	if err := addWay(link, o.address.Addr(), o.server); err != nil {
		return err
	}
	answer := func(conn net.PacketConn, peer net.Addr, m *dhcpv4.DHCPv4) {
		reply, err := o.reply(m)
		if err != nil {
			log.Warn("DHCP: no answer to " + m.MessageType().String() + ": " + err.Error())
			return
		}
		if reply == nil {
			return
		}
		log.Info(fmt.Sprintf("DHCP: %s answered by %s %s", m.MessageType(), reply.MessageType(), o.address))
		if _, err := conn.WriteTo(reply.ToBytes(), peer); err != nil && ctx.Err() == nil {
			log.Warn("DHCP: " + err.Error())
		}
	}
	server, err := server4.NewServer(link.Attrs().Name, &net.UDPAddr{Port: dhcpv4.ServerPort}, answer)
	if err != nil {
		return err
	}
	l.servers.Go(func() {
		defer context.AfterFunc(ctx, func() { server.Close() })()
		if err := server.Serve(); err != nil && ctx.Err() == nil {
			log.Warn("DHCP: the server has ended: " + err.Error())
		}
	})
	return nil
}

// reply is what the server says to a client's message, nil where it says nothing.
func (o offer) reply(m *dhcpv4.DHCPv4) (*dhcpv4.DHCPv4, error) {
	if m.OpCode != dhcpv4.OpcodeBootRequest {
		return nil, nil
	}
	server := o.server.AsSlice()
	if id := m.ServerIdentifier(); id != nil && !id.Equal(server) {
		return nil, nil // it has taken another server's offer
	}
	with := []dhcpv4.Modifier{dhcpv4.WithOption(dhcpv4.OptServerIdentifier(server))}
	switch m.MessageType() {
	case dhcpv4.MessageTypeDiscover:
		with = append(with, dhcpv4.WithMessageType(dhcpv4.MessageTypeOffer))
	case dhcpv4.MessageTypeRequest:
		// RFC 2131, 4.3.2: what is asked for is in the option, or in use already.
		asked := m.RequestedIPAddress()
		if asked == nil || asked.IsUnspecified() {
			asked = m.ClientIPAddr
		}
		if !asked.Equal(o.address.Addr().AsSlice()) {
			return dhcpv4.NewReplyFromRequest(m, append(with, dhcpv4.WithMessageType(dhcpv4.MessageTypeNak))...)
		}
		with = append(with, dhcpv4.WithMessageType(dhcpv4.MessageTypeAck))
	case dhcpv4.MessageTypeInform: // an address it has, and no lease
		with = append(with, dhcpv4.WithMessageType(dhcpv4.MessageTypeAck))
		return dhcpv4.NewReplyFromRequest(m, append(with, o.options()...)...)
	default: // released, declined: the one address stays that client's
		return nil, nil
	}
	with = append(with, dhcpv4.WithYourIP(o.address.Addr().AsSlice()), dhcpv4.WithLeaseTime(uint32(o.lease/time.Second)))
	return dhcpv4.NewReplyFromRequest(m, append(with, o.options()...)...)
}

func (o offer) options() []dhcpv4.Modifier {
	with := []dhcpv4.Modifier{
		dhcpv4.WithNetmask(ipNet(o.address).Mask),
		dhcpv4.WithRouter(o.server.AsSlice()),
	}
	if len(o.dns) > 0 {
		var dns []net.IP
		for _, a := range o.dns {
			dns = append(dns, a.AsSlice())
		}
		with = append(with, dhcpv4.WithDNS(dns...))
	}
	if len(o.routes) > 0 {
		var routes []*dhcpv4.Route
		for _, r := range o.routes {
			routes = append(routes, &dhcpv4.Route{Dest: ipNet(r.Dst), Router: r.Gateway.AsSlice()})
		}
		with = append(with, dhcpv4.WithOption(dhcpv4.OptClasslessStaticRoute(routes...)))
	}
	return with
}
