package fake

import (
	"errors"
	"net"
	"net/netip"
	"strings"
	"syscall"
	"testing"

	"dockerinit/core/zone"
	"dockerinit/platform_fake/host"
)

// A do is one call of a test's Network.
type do func(t *testing.T, n *Network) error

func up(nics ...zone.NIC) do {
	return func(t *testing.T, n *Network) error { return n.Up(t.Context(), zone.Network{NICs: nics}) }
}

func configure(nic zone.NIC) do {
	return func(t *testing.T, n *Network) error { return n.Configure(t.Context(), nic) }
}

func route(r zone.Route) do {
	return func(t *testing.T, n *Network) error { return n.AddRoute(t.Context(), r) }
}

func closed(t *testing.T, n *Network) error { return n.Close(t.Context()) }

func nic(name string, addresses ...string) zone.NIC {
	nic := zone.NIC{Interface: name}
	for _, a := range addresses {
		nic.Addresses = append(nic.Addresses, netip.MustParsePrefix(a))
	}
	return nic
}

func via(dst, gateway, dev string) zone.Route {
	return zone.Route{Dst: netip.MustParsePrefix(dst), Gateway: netip.MustParseAddr(gateway), Interface: dev}
}

func onLink(dst, own, dev string) zone.Route {
	r := via(dst, own, dev)
	r.OnLink = true
	return r
}

// What is refused, with the error of a kernel; "" is what is not.
func TestNetworkRefuses(t *testing.T) {
	dhcp, addrconf := zone.NIC{Interface: "net0", DHCP: true}, zone.NIC{Interface: "net0", Addrconf: true}
	static := configure(nic("net0", "10.0.0.5/24", "fd00::5/64"))
	withMTU := func(mtu int, addresses ...string) do {
		nic := nic("net0", addresses...)
		nic.MTU = mtu
		return configure(nic)
	}
	for _, test := range []struct {
		name  string
		first []do
		last  do
		want  string
		errno syscall.Errno
	}{
		{"a NIC before Up", nil, static, "ipmgmtd does not run", syscall.ENOENT},
		{"a NIC after Close", []do{up(), closed}, static, "ipmgmtd does not run", syscall.ENOENT},
		{"a NIC after Up again", []do{up(), closed, up()}, static, "", 0},
		{"Up twice", []do{up()}, up(), "", 0},
		{"Close twice", []do{up(), closed}, closed, "", 0},
		{"a NIC that the host has not made", []do{up()}, configure(nic("net7", "10.0.0.5/24")), `"net7": the host made no link of that name`, syscall.ENXIO},
		{"loopback", []do{up()}, configure(zone.Lo(zone.JoyentMinimal)), "", 0},
		{"a NIC again", []do{up(), static}, static, "", 0},
		{"one more address", []do{up(), static}, configure(nic("net0", "10.0.0.6/24")), "", 0},
		{"the same address with another prefix", []do{up(), static}, configure(nic("net0", "10.0.0.5/25")), "address 10.0.0.5/25: there with another prefix, as 10.0.0.5/24", syscall.EEXIST},
		{"the same address on two NICs", []do{up(), static}, configure(nic("net1", "10.0.0.5/24")), "address 10.0.0.5/24: net0 has it", syscall.EADDRINUSE},
		{"an address that is not allowed", []do{up()}, configure(nic("net0", "10.0.0.99/24")), "address 10.0.0.99/24: not among the allowed-ips of net0", syscall.EPERM},
		{"an address of allowed_ips", []do{up()}, configure(nic("net0", "10.7.0.1/24")), "", 0},
		{"any address where the host does not mind", []do{up()}, configure(nic("net2", "10.0.0.99/24")), "", 0},
		{"no address at all", []do{up()}, configure(nic("net0")), "", 0},
		{"a link-local address", []do{up()}, configure(nic("net0", "fe80::1234/64")), "", 0},
		{"the unspecified address", []do{up()}, configure(nic("net2", "0.0.0.0/24")), "address 0.0.0.0/24: not one that an interface can have", syscall.EADDRNOTAVAIL},
		{"a multicast address", []do{up()}, configure(nic("net2", "224.0.0.1/24")), "address 224.0.0.1/24: not one that an interface can have", syscall.EADDRNOTAVAIL},
		{"a reserved address", []do{up()}, configure(nic("net2", "255.255.255.255/32")), "address 255.255.255.255/32: not one that an interface can have", syscall.EADDRNOTAVAIL},
		{"IPv4 in IPv6", []do{up()}, configure(nic("net2", "::ffff:10.0.0.1/120")), "address ::ffff:10.0.0.1/120: not one that an interface can have", syscall.EADDRNOTAVAIL},
		{"an address that is none", []do{up()}, configure(zone.NIC{Interface: "net2", Addresses: []netip.Prefix{{}}}), "not one that an interface can have", syscall.EADDRNOTAVAIL},
		{"a loopback address on a link", []do{up()}, configure(nic("net0", "127.0.0.5/8")), "address 127.0.0.5/8: a loopback address on a link", syscall.EADDRNOTAVAIL},

		{"mtu 67", []do{up()}, withMTU(67), "mtu 67: not from 68 to 9000", syscall.EINVAL},
		{"mtu 68", []do{up()}, withMTU(68, "10.0.0.5/24"), "", 0},
		{"mtu 1279 with IPv6", []do{up()}, withMTU(1279, "fd00::5/64"), "mtu 1279: not from 1280 to 9000", syscall.EINVAL},
		{"mtu 1280 with IPv6", []do{up()}, withMTU(1280, "fd00::5/64"), "", 0},
		{"mtu 9001", []do{up()}, withMTU(9001), "mtu 9001: not from 68 to 9000", syscall.EINVAL},
		{"negative mtu", []do{up()}, withMTU(-1), "mtu -1: not from 68 to 9000", syscall.EINVAL},

		{"dhcp", []do{up(dhcp)}, configure(dhcp), "", 0},
		{"dhcp that Up was not told of", []do{up()}, configure(dhcp), "dhcp: dhcpagent does not run", syscall.ECONNREFUSED},
		{"dhcp that the host does not allow", []do{up(dhcp)}, configure(zone.NIC{Interface: "net1", DHCP: true}), "dhcp: not among the dynamic-methods of net1", syscall.EPERM},
		{"addrconf", []do{up(addrconf)}, configure(addrconf), "", 0},
		{"addrconf that Up was not told of", []do{up()}, configure(addrconf), "addrconf: in.ndpd does not run", syscall.ECONNREFUSED},
		{"addrconf that the host does not allow", []do{up(addrconf)}, configure(zone.NIC{Interface: "net1", Addrconf: true}), "addrconf: not among the dynamic-methods of net1", syscall.EPERM},
		{"addrconf with a small mtu", []do{up(addrconf)}, configure(zone.NIC{Interface: "net0", Addrconf: true, MTU: 1000}), "mtu 1000: not from 1280 to 9000", syscall.EINVAL},

		{"a route before Up", nil, route(via("10.2.0.0/16", "10.0.0.1", "")), "ipmgmtd does not run", syscall.ENOENT},
		{"a route", []do{up(), static}, route(via("10.2.0.0/16", "10.0.0.1", "")), "", 0},
		{"a route again", []do{up(), static, route(via("10.2.0.0/16", "10.0.0.1", ""))}, route(via("10.2.0.0/16", "10.0.0.1", "")), "", 0},
		{"a second gateway", []do{up(), static, route(via("10.2.0.0/16", "10.0.0.1", ""))}, route(via("10.2.0.0/16", "10.0.0.2", "")), "", 0},
		{"a route before any address", []do{up()}, route(via("10.2.0.0/16", "10.0.0.1", "")), "gateway 10.0.0.1 is on no link", syscall.ENETUNREACH},
		{"a gateway on no link", []do{up(), static}, route(via("0.0.0.0/0", "172.16.0.1", "")), "gateway 172.16.0.1 is on no link", syscall.ENETUNREACH},
		{"a gateway on another link", []do{up(), static, configure(nic("net1", "10.1.0.5/24"))}, route(via("0.0.0.0/0", "10.0.0.1", "net1")), "gateway 10.0.0.1 is on no link", syscall.ENETUNREACH},
		{"a gateway on loopback", []do{up(), configure(zone.Lo(zone.JoyentMinimal))}, route(via("10.0.0.0/8", "127.0.0.2", "")), "gateway 127.0.0.2 is on no link", syscall.ENETUNREACH},
		{"a gateway that an on-link route reaches", []do{up(), static, route(onLink("172.16.0.1/32", "10.0.0.5", "net0"))}, route(via("0.0.0.0/0", "172.16.0.1", "net0")), "", 0},
		{"a gateway that an on-link route reaches elsewhere", []do{up(), static, configure(nic("net1", "10.1.0.5/24")), route(onLink("172.16.0.1/32", "10.0.0.5", "net0"))}, route(via("0.0.0.0/0", "172.16.0.1", "net1")), "gateway 172.16.0.1 is on no link", syscall.ENETUNREACH},
		{"a gateway that another gateway reaches", []do{up(), static, route(via("172.16.0.0/16", "10.0.0.1", ""))}, route(via("10.9.0.0/16", "172.16.0.1", "")), "gateway 172.16.0.1 is on no link", syscall.ENETUNREACH},
		{"an on-link route", []do{up(), static}, route(onLink("10.3.0.1/32", "10.0.0.5", "")), "", 0},
		{"an on-link route from nobody's address", []do{up(), static}, route(onLink("10.3.0.1/32", "10.0.0.6", "")), "on-link from 10.0.0.6: no interface has that address", syscall.ENETUNREACH},
		{"an on-link route from another NIC's address", []do{up(), static, configure(nic("net1", "10.1.0.5/24"))}, route(onLink("10.3.0.1/32", "10.0.0.5", "net1")), "on-link from 10.0.0.5: net0 has that address, not net1", syscall.ENETUNREACH},
		{"one's own address as the gateway", []do{up(), static}, route(via("10.2.0.0/16", "10.0.0.5", "")), "gateway 10.0.0.5: the zone's own address", syscall.EINVAL},
		{"a route out of a NIC that is down", []do{up(), static}, route(via("10.2.0.0/16", "10.0.0.1", "net1")), "net1 is down", syscall.ENETDOWN},
		{"a route out of no interface", []do{up(), static}, route(via("10.2.0.0/16", "10.0.0.1", "net9")), `"net9": no such interface`, syscall.ENXIO},
		{"a route to no gateway", []do{up(), static}, route(via("10.2.0.0/16", "0.0.0.0", "")), "gateway 0.0.0.0", syscall.ENETUNREACH},
		{"a multicast gateway", []do{up(), static}, route(via("10.2.0.0/16", "224.0.0.1", "")), "gateway 224.0.0.1: a multicast address", syscall.EINVAL},
		{"a gateway of the other version", []do{up(), static}, route(via("10.2.0.0/16", "fd00::1", "")), "gateway fd00::1: of the other IP version", syscall.EINVAL},
		{"bits beyond the prefix", []do{up(), static}, route(via("10.2.0.1/16", "10.0.0.1", "")), "destination 10.2.0.1/16: has bits beyond its prefix", syscall.EINVAL},
		{"no route at all", []do{up(), static}, route(zone.Route{}), "no destination or no gateway", syscall.EINVAL},
		{"an IPv6 route", []do{up(), static}, route(via("::/0", "fd00::1", "")), "", 0},
		{"a link-local gateway on a link", []do{up(), static}, route(via("::/0", "fe80::1", "net0")), "", 0},
		{"a link-local gateway on no link", []do{up(), static}, route(via("::/0", "fe80::1", "")), "gateway fe80::1: which link?", syscall.EINVAL},
		{"a link-local gateway where there is no IPv6", []do{up(), withMTU(1000, "10.0.0.5/24")}, route(via("::/0", "fe80::1", "net0")), "gateway fe80::1 is on no link", syscall.ENETUNREACH},
	} {
		t.Run(test.name, func(t *testing.T) {
			n := newTestNetwork()
			for _, step := range test.first {
				if err := step(t, n); err != nil {
					t.Fatal(err)
				}
			}
			before := n.String()
			err := test.last(t, n)
			switch {
			case test.errno == 0 && err != nil:
				t.Errorf("refused: %v", err)
			case test.errno != 0 && !errors.Is(err, test.errno):
				t.Errorf("got %v, want %v", err, test.errno)
			case test.errno != 0 && !strings.Contains(err.Error(), test.want):
				t.Errorf("got %v, want %q", err, test.want)
			}
			if after := n.String(); test.errno != 0 && strings.Count(after, "route") != strings.Count(before, "route") {
				t.Errorf("refused, and yet it has become\n%s", after)
			}
		})
	}
}

func TestWhatTheNetworkHasBecome(t *testing.T) {
	dhcp := zone.NIC{Interface: "net0", DHCP: true, Addrconf: true}
	n := newTestNetwork()
	want := zone.Network{NICs: []zone.NIC{dhcp}, StopDaemons: true}
	for _, err := range []error{
		n.Up(t.Context(), want),
		n.Configure(t.Context(), zone.Lo(zone.JoyentMinimal)),
		n.Configure(t.Context(), dhcp),
		n.Configure(t.Context(), dhcp), // the same lease
		n.Configure(t.Context(), nic("net1", "10.1.0.5/24")),
		n.AddRoute(t.Context(), via("10.2.0.0/16", "10.1.0.2", "net1")),
		n.AddRoute(t.Context(), via("10.2.0.0/16", "10.1.0.1", "net1")),
		n.AddRoute(t.Context(), via("0.0.0.0/0", "10.1.0.1", "")),
	} {
		if err != nil {
			t.Error(err)
		}
	}
	if err := n.Configure(t.Context(), nic("net2", "10.1.0.5/24")); err == nil {
		t.Error("net2 got net1's address")
	}
	got := n.String()
	if want := `
nic lo0 127.0.0.1/8 ::1/128
nic net0 198.18.1.10/24 fe80::92b8:d0ff:feaa:bbcc/64 2001:db8:1:0:92b8:d0ff:feaa:bbcc/64 mtu 1500
nic net1 10.1.0.5/24 mtu 9000
nic net2 mtu 1500 down
route default via 10.1.0.1
route default via 198.18.1.1
route 10.2.0.0/16 via 10.1.0.1 dev net1
route 10.2.0.0/16 via 10.1.0.2 dev net1
route default6 via fe80::1 dev net0
daemons ipmgmtd dhcpagent in.ndpd
`[1:]; got != want {
		t.Errorf("\ngot\n%s\nwant\n%s", got, want)
	}
	if err := n.Close(t.Context()); err != nil {
		t.Error(err)
	}
	if got := n.String(); !strings.HasSuffix(got, "\ndaemons dhcpagent in.ndpd\n") {
		t.Errorf("after docker:noipmgmtd the leases' agents are gone:\n%s", got)
	}
	for address, want := range map[string]bool{
		"10.1.0.77": true, "10.1.0.5": true, "192.0.2.1": true, "2001:db8:9::1": true,
	} {
		if got := n.Reaches(netip.MustParseAddr(address)); got != want {
			t.Errorf("reaches %s: got %v", address, got)
		}
	}
	if newTestNetwork().Reaches(netip.MustParseAddr("192.0.2.1")) {
		t.Error("a zone without network reaches 192.0.2.1")
	}
}

func newTestNetwork() *Network {
	prefix := netip.MustParsePrefix
	return NewNetwork(zone.JoyentMinimal, []host.Link{
		{
			Interface: "net0", MAC: net.HardwareAddr{0x90, 0xb8, 0xd0, 0xaa, 0xbb, 0xcc}, MTU: 1500, DHCP: true, Addrconf: true,
			Allowed: []netip.Prefix{prefix("10.0.0.5/32"), prefix("10.0.0.6/32"), prefix("fd00::5/128"), prefix("10.7.0.0/16")},
		},
		{Interface: "net1", MTU: 9000, Allowed: []netip.Prefix{prefix("10.0.0.5/32"), prefix("10.1.0.5/32")}},
		{Interface: "net2", MTU: 1500, Unlimited: true},
	})
}
