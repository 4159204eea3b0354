//go:build linux

package rtnl

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"dockerinit/core/exit"
	"dockerinit/core/zone"
)

// kernelsWords are what this kernel adds to a number, and an older one does not,
// or in other words.
var kernelsWords = strings.NewReplacer(": Nexthop has invalid gateway", "", ": Gateway can not be a local address", "",
	": mtu greater than device maximum", "", ": ipv6: IPv6 is disabled on this device", "")

// oneLine is an error with its codes: "33 text; 34 text".
func oneLine(err error) string {
	var all []string
	for _, e := range exit.Each(err) {
		code := ""
		if c := exit.CodeOf(e); c != exit.Unexpected {
			code = fmt.Sprintf("%d ", c)
		}
		all = append(all, code+kernelsWords.Replace(e.Error()))
	}
	return strings.Join(all, "; ")
}

func nic(name string, addresses ...string) zone.NIC {
	n := zone.NIC{Interface: name}
	for _, a := range addresses {
		n.Addresses = append(n.Addresses, netip.MustParsePrefix(a))
	}
	return n
}

// primary is a NIC with the zone's default gateways.
func primary(n zone.NIC, gateways ...string) zone.NIC {
	n.Primary = true
	for _, g := range gateways {
		n.Gateways = append(n.Gateways, netip.MustParseAddr(g))
	}
	return n
}

func with(n zone.NIC, change func(*zone.NIC)) zone.NIC {
	change(&n)
	return n
}

func via(dst, gateway string) zone.Route {
	return zone.Route{Dst: netip.MustParsePrefix(dst), Gateway: netip.MustParseAddr(gateway)}
}

func onLink(dst, own string) zone.Route {
	r := via(dst, own)
	r.OnLink = true
	return r
}

func network(nics ...zone.NIC) zone.Network { return zone.Network{NICs: nics} }

func routed(n zone.Network, routes ...zone.Route) zone.Network {
	n.Routes = routes
	return n
}

const lo = "nic lo 127.0.0.1/8 ::1/128\n"

func TestNetworks(t *testing.T) {
	for _, tt := range []struct {
		name   string
		before []string // ip commands, as the zone is found
		zone   zone.Network
		said   string
		want   string
	}{{
		name: "no NIC: loopback alone",
		want: lo,
	}, {
		name: "IPv4 alone",
		zone: network(primary(nic("eth0", "10.0.0.5/24"), "10.0.0.1")),
		want: lo + `
nic eth0 10.0.0.5/24 mtu 1500
route default via 10.0.0.1 dev eth0
`[1:],
	}, {
		name: "IPv6 alone",
		zone: network(primary(nic("eth0", "fd00::5/64"), "fd00::1")),
		want: lo + `
nic eth0 fd00::5/64 mtu 1500
route default6 via fd00::1 dev eth0
`[1:],
	}, {
		name: "dual stack, two addresses each",
		zone: network(primary(nic("eth0", "10.0.0.5/24", "10.0.0.6/24", "fd00::5/64", "fd00::6/64"), "10.0.0.1", "fd00::1")),
		want: lo + `
nic eth0 10.0.0.5/24 10.0.0.6/24 fd00::5/64 fd00::6/64 mtu 1500
route default via 10.0.0.1 dev eth0
route default6 via fd00::1 dev eth0
`[1:],
	}, {
		name: "three NICs: the gateway of the primary one, its MTU, and one that is only up",
		zone: network(
			nic("eth0", "192.168.1.7/24"),
			with(primary(nic("eth1", "10.0.0.5/24"), "10.0.0.1"), func(n *zone.NIC) { n.MTU = 9000 }),
			nic("eth2")),
		want: lo + `
nic eth0 192.168.1.7/24 mtu 1500
nic eth1 10.0.0.5/24 mtu 9000
nic eth2 mtu 1500
route default via 10.0.0.1 dev eth1
`[1:],
	}, {
		name: "a gateway outside of every prefix is reached on the link, IPv4 and IPv6",
		zone: network(primary(nic("eth0", "203.0.113.9/32", "2001:db8::9/128"), "198.51.100.254", "2001:db8:ffff::1")),
		want: lo + `
nic eth0 203.0.113.9/32 2001:db8::9/128 mtu 1500
route 198.51.100.254/32 on-link from 203.0.113.9 dev eth0
route default via 198.51.100.254 dev eth0
route 2001:db8:ffff::1/128 on-link from 2001:db8::9 dev eth0
route default6 via 2001:db8:ffff::1 dev eth0
`[1:],
	}, {
		name: "a link-local gateway",
		zone: network(primary(nic("eth0", "fd00::5/64"), "fe80::1")),
		want: lo + `
nic eth0 fd00::5/64 mtu 1500
route default6 via fe80::1 dev eth0
`[1:],
	}, {
		name: "two default gateways of each version",
		zone: network(primary(nic("eth0", "10.0.0.5/24", "fd00::5/64"), "10.0.0.1", "10.0.0.2", "fd00::1", "fd00::2")),
		want: lo + `
nic eth0 10.0.0.5/24 fd00::5/64 mtu 1500
route default via 10.0.0.1 dev eth0
route default via 10.0.0.2 dev eth0
route default6 via fd00::1 dev eth0
route default6 via fd00::2 dev eth0
`[1:],
	}, {
		name: "static and on-link routes, one behind the other",
		zone: routed(network(primary(nic("eth0", "10.0.0.5/24"), "10.0.0.1"), nic("eth1", "10.1.0.5/24", "fd01::5/64")),
			via("192.0.2.0/24", "203.0.113.1"), onLink("203.0.113.0/24", "10.1.0.5"), via("198.51.100.7/32", "10.1.0.254"),
			onLink("2001:db8:1::/48", "fd01::5"), via("2001:db8:2::/48", "2001:db8:1::1")),
		want: lo + `
nic eth0 10.0.0.5/24 mtu 1500
nic eth1 10.1.0.5/24 fd01::5/64 mtu 1500
route 192.0.2.0/24 via 203.0.113.1 dev eth1
route 198.51.100.7/32 via 10.1.0.254 dev eth1
route 203.0.113.0/24 on-link from 10.1.0.5 dev eth1
route default via 10.0.0.1 dev eth0
route 2001:db8:1::/48 on-link from fd01::5 dev eth1
route 2001:db8:2::/48 via 2001:db8:1::1 dev eth1
`[1:],
	}, {
		name: "a NIC of another name is found by its MAC, and its routes go with it",
		zone: network(with(primary(nic("net7", "fd00::5/64"), "fe80::1"), func(n *zone.NIC) { n.MAC = "90:b8:d0:00:00:06" })),
		want: lo + `
nic eth1 fd00::5/64 mtu 1500
route default6 via fe80::1 dev eth1
`[1:],
	}, {
		name:   "what is half done is completed",
		before: []string{"link set eth0 up", "addr add 10.0.0.5/24 dev eth0", "link set eth1 mtu 1400", "route add default via 10.0.0.1 proto static"},
		zone: network(primary(nic("eth0", "10.0.0.5/24", "10.0.0.6/24"), "10.0.0.1"),
			with(nic("eth1", "10.1.0.5/24"), func(n *zone.NIC) { n.MTU = 1450 })),
		want: lo + `
nic eth0 10.0.0.5/24 10.0.0.6/24 mtu 1500
nic eth1 10.1.0.5/24 mtu 1450
route default via 10.0.0.1 dev eth0
`[1:],
	}, {
		name: "a link that is not there, by its code, and all others are tried",
		zone: network(nic("net0", "10.9.0.5/24"), nic("eth0", "10.0.0.5/24")),
		said: "net0: 32 net0: no such interface; there are lo, eth0, eth1, eth2\n",
		want: lo + "nic eth0 10.0.0.5/24 mtu 1500\n",
	}, {
		name: "an MTU that the link does not take, and its address all the same",
		zone: network(with(nic("eth0", "10.0.0.5/24"), func(n *zone.NIC) { n.MTU = 65536 })),
		said: "eth0: 33 eth0: mtu 65536: not from 68 to 65535: invalid argument\n",
		want: lo + "nic eth0 10.0.0.5/24 mtu 1500\n",
	}, {
		name: "an MTU too small for IPv6 leaves the IPv6 side out, by its code",
		zone: network(with(nic("eth0", "10.0.0.5/24", "fd00::5/64"), func(n *zone.NIC) { n.MTU = 1000 })),
		said: "eth0: 34 eth0: address fd00::5/64: IPv6 needs an mtu of 1280, and this is 1000: invalid argument\n",
		want: lo + "nic eth0 10.0.0.5/24 mtu 1000\n",
	}, {
		name: "one address on two NICs, which Linux itself would take",
		zone: network(nic("eth0", "10.0.0.5/24", "fd00::5/64"), nic("eth1", "10.0.0.5/25", "fd00::5/64")),
		said: "eth1: 33 address 10.0.0.5/25: eth0 has it: address already in use; 34 address fd00::5/64: eth0 has it: address already in use\n",
		want: lo + "nic eth0 10.0.0.5/24 fd00::5/64 mtu 1500\nnic eth1 mtu 1500\n",
	}, {
		name:   "an address with another prefix is in the way",
		before: []string{"addr add 10.0.0.5/16 dev eth0", "addr add fd00::5/48 dev eth0 nodad"},
		zone:   network(nic("eth0", "10.0.0.5/24", "fd00::5/64")),
		said: "eth0: 33 address 10.0.0.5/24: there with another prefix, as 10.0.0.5/16: file exists; " +
			"34 address fd00::5/64: there with another prefix, as fd00::5/48: file exists\n",
		want: lo + "nic eth0 10.0.0.5/16 fd00::5/48 mtu 1500\n",
	}, {
		name:   "an address that the host did not ask for is said",
		before: []string{"addr add 10.0.0.9/24 dev eth0"},
		zone:   network(nic("eth0", "10.0.0.5/24")),
		said:   "eth0: 33 eth0 has the address 10.0.0.9/24, which the host did not ask for (eth0 10.0.0.5/24)\n",
		want:   lo + "nic eth0 10.0.0.5/24 10.0.0.9/24 mtu 1500\n",
	}, {
		name: "a gateway that is the zone's own IPv4 address means on-link to Linux",
		zone: routed(network(nic("eth0", "10.0.0.5/24")), via("192.0.2.0/24", "10.0.0.5")),
		want: lo + "nic eth0 10.0.0.5/24 mtu 1500\nroute 192.0.2.0/24 via 10.0.0.5 dev eth0\n",
	}, {
		name: "routes that Linux does not take, each with its reason",
		zone: routed(network(nic("eth0", "10.0.0.5/24", "fd00::5/64")),
			via("192.0.2.0/24", "172.16.0.1"), via("2001:db8::/32", "fd99::1"),
			via("2001:db8::/32", "fd00::5"),
			onLink("192.0.2.0/24", "10.9.9.9"), onLink("2001:db8::/32", "fd99::9")),
		said: `
192.0.2.0/24 on-link from 10.9.9.9: on-link from 10.9.9.9: no interface has that address: network is unreachable
2001:db8::/32 on-link from fd99::9: on-link from fd99::9: no interface has that address: network is unreachable
192.0.2.0/24 via 172.16.0.1: gateway 172.16.0.1 is on no link: network is unreachable
2001:db8::/32 via fd99::1: gateway fd99::1 is on no link: no route to host
2001:db8::/32 via fd00::5 dev eth0: gateway fd00::5: the zone's own address: invalid argument
`[1:],
		want: lo + "nic eth0 10.0.0.5/24 fd00::5/64 mtu 1500\n",
	}} {
		t.Run(tt.name, func(t *testing.T) {
			lab := newLab(t, "eth0", "eth1", "eth2")
			for _, command := range tt.before {
				lab.ip(strings.Fields(command)...)
			}
			// Once as the zone is found, and once more as a second start finds it.
			for range 2 {
				s := lab.open()
				if said := boot(t, s, tt.zone); said != tt.said {
					t.Errorf("said\n got %s\nwant %s", said, tt.said)
				}
				if got := lab.state(); got != tt.want {
					t.Errorf("\n got %s\nwant %s", got, tt.want)
				}
			}
		})
	}
}

func TestRoutesWithoutALink(t *testing.T) {
	lab := newLab(t, "eth0")
	s := lab.open()
	boot(t, s, network(nic("eth0", "10.0.0.5/24", "fd00::5/64")))
	for _, tt := range []struct {
		name  string
		route zone.Route
		want  string
	}{
		{"an on-link route goes out of whatever has the address", onLink("192.0.2.0/24", "10.0.0.5"), ""},
		{"the kernel finds it by the gateway", via("198.51.100.0/24", "10.0.0.1"), ""},
		{"a link-local gateway is on every link", via("2001:db8::/32", "fe80::1"), "gateway fe80::1: which link? invalid argument"},
		{"a link that is not there", onInterface("net0", via("192.0.2.0/24", "10.0.0.1")),
			`"net0": no such interface; there are lo, eth0: no such device`},
	} {
		if got := oneLine(s.AddRoute(t.Context(), tt.route)); got != tt.want {
			t.Errorf("%s\n got %s\nwant %s", tt.name, got, tt.want)
		}
	}
	want := lo + `
nic eth0 10.0.0.5/24 fd00::5/64 mtu 1500
route 192.0.2.0/24 on-link from 10.0.0.5 dev eth0
route 198.51.100.0/24 via 10.0.0.1 dev eth0
`[1:]
	if got := lab.state(); got != want {
		t.Errorf("\n got %s\nwant %s", got, want)
	}
}

func onInterface(name string, r zone.Route) zone.Route {
	r.Interface = name
	return r
}
