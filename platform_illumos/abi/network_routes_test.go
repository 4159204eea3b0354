//go:build linux && amd64

package abi

import "testing"

// The table of routes, and the messages about it: what a kernel answers with an
// errno has that, and what it takes without a look ends the run.
func TestRoutesModel(t *testing.T) {
	h := newStack(t, "network")
	two := []string{startIPMgmtd, "open", "create net0 4", "create net0 6", "create net1 4", "create net1 6", "static net0/a 10.0.0.5/24", "static net1/b 10.1.0.5/24",
		"set-flags net0 6 1", "set-flags net1 6 1", "add-if net0 6", "static net0:1/c fd00::5/64"}
	const (
		interfaces = "if net0 v4 mtu 1500 up\naddr net0 10.0.0.5/24 object net0/a\nif net0 v6 mtu 1500 up\naddr net0 fe80::92b8:d0ff:fe00:5/10\naddr net0:1 fd00::5/64 object net0/c\n" +
			"if net1 v4 mtu 9000 up\naddr net1 10.1.0.5/24 object net1/b\nif net1 v6 mtu 9000 up\naddr net1 fe80::92b8:d0ff:fe00:6/10\n"
		daemon   = "daemon ipmgmtd\n"
		asked    = "ask 10.2.0.0/16 via 10.0.0.1 "
		question = "02 00 00 00 0a 02 00 00 00 00 00 00 00 00 00 00 02 00 00 00 0a 00 00 01 00 00 00 00 00 00 00 00 02 00 00 00 ff ff 00 00 00 00 00 00 00 00 00 00\n"
	)
	for _, tt := range []struct {
		behaviour string
		do        []string
		said      string
		state     string
	}{{
		"a gateway is to be a neighbour",
		[]string{"route 0.0.0.0/0 via 10.0.0.1", "route 10.2.0.0/16 via 10.1.0.1", "route 10.3.0.0/16 via 172.16.0.1", "route 10.4.0.0/16 via 0.0.0.0",
			"route ::/0 via fd00::1", "route 2001:db8::/32 via fd01::1"},
		"route 10.3.0.0/16 via 172.16.0.1: network is unreachable\nroute 10.4.0.0/16 via 0.0.0.0: network is unreachable\n" +
			"route 2001:db8::/32 via fd01::1: network is unreachable\n",
		interfaces + "route default via 10.0.0.1 dev net0\nroute 10.2.0.0/16 via 10.1.0.1 dev net1\nroute default6 via fd00::1 dev net0\n" + daemon,
	}, {
		"an on-link route makes its destination neighbours, and goes out where its address is",
		[]string{"route 0.0.0.0/0 via 198.51.100.1", "route 198.51.100.1/32 from 10.1.0.5", "route 0.0.0.0/0 via 198.51.100.1", "route 192.0.2.0/24 from 10.0.0.6",
			"route 2001:db8::1/128 from fd00::5", "route ::/0 via 2001:db8::1"},
		"route 0.0.0.0/0 via 198.51.100.1: network is unreachable\nroute 192.0.2.0/24 from 10.0.0.6: network is unreachable\n",
		interfaces + "route default via 198.51.100.1 dev net1\nroute 198.51.100.1/32 on-link from 10.1.0.5 dev net1\n" +
			"route default6 via 2001:db8::1 dev net0\nroute 2001:db8::1/128 on-link from fd00::5 dev net0\n" + daemon,
	}, {
		"the same route twice, and another gateway for the same destination",
		[]string{"route 0.0.0.0/0 via 10.0.0.1", "route 0.0.0.0/0 via 10.0.0.1", "route 0.0.0.0/0 via 10.0.0.2", "route 192.0.2.0/24 from 10.0.0.5", "route 192.0.2.0/24 from 10.0.0.5"},
		"route 0.0.0.0/0 via 10.0.0.1: file exists\nroute 192.0.2.0/24 from 10.0.0.5: file exists\n",
		interfaces + "route default via 10.0.0.1 dev net0\nroute default via 10.0.0.2 dev net0\nroute 192.0.2.0/24 on-link from 10.0.0.5 dev net0\n" + daemon,
	}, {
		"an address that goes takes its on-link routes, and what was behind them is unreachable",
		[]string{"route 192.0.2.0/24 from 10.0.0.5", "route 203.0.113.0/24 via 192.0.2.1", "set-flags net0 4 0"},
		"",
		"if net0 v4 mtu 1500\naddr net0 10.0.0.5/24 object net0/a down\n" + interfaces[len("if net0 v4 mtu 1500 up\naddr net0 10.0.0.5/24 object net0/a\n"):] +
			"route 203.0.113.0/24 via 192.0.2.1 unreachable\n" + daemon,
	}, {
		"a link-local gateway is on the interface that is named, which is to be there, and on the first one where none is",
		[]string{"route ::/0 via fe80::1 3", "route ::/0 via fe80::2 9", "ask 2001:db8::/32 via fe80::1"},
		"route ::/0 via fe80::2 9: invalid argument\nask 2001:db8::/32 via fe80::1: type 1 flags 0x843 errno 0 1a 00 00 00 00 00 00 00 20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 " +
			"1a 00 00 00 00 00 00 00 fe 80 00 00 00 00 00 00 00 00 00 00 00 00 00 01 00 00 00 00 00 00 00 00 1a 00 00 00 00 00 00 00 ff ff ff ff 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00\n",
		interfaces + "route default6 via fe80::1 dev net1\nroute 2001:db8::/32 via fe80::1 dev net0\n" + daemon,
	}, {
		"a message comes back with RTF_DONE; it is found, and deleted",
		[]string{asked + "0=7c00", asked + "3=04", asked + "3=02", asked + "3=02", asked + "3=04"},
		asked + "0=7c00: type 1 flags 0x843 errno 0 " + question + asked + "3=04: type 4 flags 0x843 errno 0 " + question +
			asked + "3=02: type 2 flags 0x843 errno 0 " + question + asked + "3=02: no such process\n" + asked + "3=04: no such process\n",
		interfaces + daemon,
	}, {
		"lengths, versions, types, families and masks that the kernel refuses",
		[]string{asked + "0=7b00", asked + "length=40", asked + "2=02", asked + "3=05", asked + "3=63", asked + "76=0100", asked + "92=1a00", asked + "112=ff00ff00",
			asked + "12=01000000 length=92", asked + "12=06000000 length=108"},
		asked + "0=7b00: invalid argument\n" + asked + "length=40: invalid argument\n" + asked + "2=02: protocol not supported\n" +
			asked + "3=05: operation not supported on transport endpoint\n" + asked + "3=63: operation not supported on transport endpoint\n" +
			asked + "76=0100: invalid argument\n" + asked + "92=1a00: invalid argument\n" + asked + "112=ff00ff00: operation not supported\n" +
			asked + "12=01000000 length=92: invalid argument\n" + asked + "12=06000000 length=108: invalid argument\n",
		interfaces + daemon,
	}} {
		t.Run(tt.behaviour, func(t *testing.T) {
			said, state := h.run(t, []string{net0, net1}, append(append([]string{}, two...), tt.do...)...)
			said = said[len("add-if net0 6: net0:1\n"):]
			compareNetwork(t, said, state, tt.said, tt.state)
		})
	}
}

// What a kernel takes without a look, and no careful program sends.
func TestRoutingMessagesAreRead(t *testing.T) {
	h := newStack(t, "network")
	for _, tt := range []struct{ behaviour, change, refused string }{
		{"an unknown flag", "8=03080080", "unknown bits: rtm_flags 0x80000803, rtm_addrs 0x7"},
		{"an unknown address", "12=07010000", "unknown bits: rtm_flags 0x803, rtm_addrs 0x107"},
		{"an address that is not there", "12=27000000", "rtm_addrs is 0x27 and there are 0x7"},
		{"an address that is not told", "12=03000000", "16 bytes behind the last address"},
		{"half an address", "length=120", "it ends within an address"},
		{"a process that it is not", "16=ffff0000", "rtm_pid is 65535 and not PID"},
		{"an errno", "24=01000000", "rtm_errno, rtm_use or a metric is set"},
		{"a metric", "40=01000000", "rtm_errno, rtm_use or a metric is set"},
		{"a family of old programs", "92=0000", "an address of family 0, which is kept for old programs"},
		{"a port", "78=0001", "something beside an IPv4 address"},
		{"something behind an address", "91=01", "something beside an IPv4 address"},
		{"bits beyond the mask", "80=0a020001", "the destination has bits beyond its mask"},
	} {
		t.Run(tt.behaviour, func(t *testing.T) {
			said, state := h.run(t, []string{net0}, usually("ask 10.2.0.0/16 via 10.0.0.1 "+tt.change)...)
			state = thisPID.ReplaceAllString(state, "not PID")
			compareNetwork(t, said, state, "REFUSED", plumbed+"daemon ipmgmtd\nrefused routing message: "+tt.refused+"\n")
		})
	}
}
