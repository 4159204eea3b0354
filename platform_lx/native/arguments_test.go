package native

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"dockerinit/core/zone"
)

func TestArguments(t *testing.T) {
	addr, prefix := netip.MustParseAddr, netip.MustParsePrefix
	for _, tt := range []struct {
		name string
		args []string
		want string
	}{
		{"an interface", createInterface("eth0"), "ipadm create-if -t eth0"},
		{"a static address", createStatic("eth0/addr0", prefix("10.0.0.5/24")), "ipadm create-addr -t -T static -a local=10.0.0.5/24 eth0/addr0"},
		{"a static IPv6 address", createStatic("eth0/addr1", prefix("fd00::5/64")), "ipadm create-addr -t -T static -a local=fd00::5/64 eth0/addr1"},
		{"a lease is waited for in seconds", createDHCP("eth0/dhcp", 30*time.Second), "ipadm create-addr -t -T dhcp -w 30 eth0/dhcp"},
		{"addrconf", createAddrconf("eth0/addrconf"), "ipadm create-addr -t -T addrconf eth0/addrconf"},
		{"an MTU", setMTU("eth0", 9000, "ipv6"), "ipadm set-ifprop -t -p mtu=9000 -m ipv6 eth0"},
		{"the IPv6 side", raiseIPv6("eth0"), "ifconfig eth0 inet6 up"},
		{"a default route", addRoute(zone.Route{Dst: prefix("0.0.0.0/0"), Gateway: addr("10.0.0.1"), Interface: "eth0"}),
			"route -n add default 10.0.0.1"},
		{"an IPv6 default route", addRoute(zone.Route{Dst: prefix("::/0"), Gateway: addr("fd00::1")}), "route -n add -inet6 default fd00::1"},
		{"a gateway that every link may have is on one of them", addRoute(zone.Route{Dst: prefix("::/0"), Gateway: addr("fe80::1"), Interface: "eth1"}),
			"route -n add -inet6 default fe80::1 -ifp eth1"},
		{"a static route", addRoute(zone.Route{Dst: prefix("10.2.0.0/16"), Gateway: addr("10.0.0.1")}), "route -n add 10.2.0.0/16 10.0.0.1"},
		{"an on-link route goes out of an own address", addRoute(zone.Route{Dst: prefix("10.9.0.1/32"), Gateway: addr("10.0.0.5"), OnLink: true}),
			"route -n add -interface 10.9.0.1/32 10.0.0.5"},
		{"an on-link IPv6 route", addRoute(zone.Route{Dst: prefix("fd09::/64"), Gateway: addr("fd00::5"), OnLink: true}),
			"route -n add -inet6 -interface fd09::/64 fd00::5"},
		{"a daemon by its name", findProcesses("ipmgmtd"), "pgrep -x ipmgmtd"},
	} {
		if got := strings.Join(tt.args, " "); got != tt.want {
			t.Errorf("%s\n got %s\nwant %s", tt.name, got, tt.want)
		}
	}
}

func TestLoopbackHasItsNativeName(t *testing.T) {
	if got := nativeName(zone.Lo(zone.LX)) + " " + nativeName(zone.NIC{Interface: "eth0"}); got != "lo0 eth0" {
		t.Error(got)
	}
}

func TestObjectNames(t *testing.T) {
	for _, tt := range []struct{ name, object, want string }{
		{"letters, digits and _", "addr_31", "eth0/addr_31"},
		{"as long as may be", strings.Repeat("a", 32), "eth0/" + strings.Repeat("a", 32)},
		{"longer", strings.Repeat("a", 33), "address object eth0/" + strings.Repeat("a", 33) + ": the name is longer than 32 bytes"},
		{"a digit first", "0addr", `address object eth0/0addr: '0' where letters, digits and _ are expected`},
		{"another letter", "a-b", `address object eth0/a-b: '-' where letters, digits and _ are expected`},
		{"none", "", "address object of eth0: no name"},
	} {
		got, err := object("eth0", tt.object)
		if err != nil {
			got = err.Error()
		}
		if got != tt.want {
			t.Errorf("%s\n got %s\nwant %s", tt.name, got, tt.want)
		}
	}
}

func TestWords(t *testing.T) {
	for _, tt := range []struct {
		said                string
		exists, unreachable bool
	}{
		{"ipadm: cannot create interface eth0: Interface already exists", true, false},
		{"ipadm: Could not create address: Address object already exists", true, false},
		{"add net 10.2.0.0/16: gateway 10.0.0.1: entry exists", true, false},
		{"add net default: gateway 10.9.9.9: Network is unreachable", false, true},
		{"ipadm: Could not create address: Permission denied", false, false},
		{"", false, false},
	} {
		if got := alreadyThere(tt.said); got != tt.exists {
			t.Errorf("%q: already there: %t", tt.said, got)
		}
		if got := unreachable(tt.said); got != tt.unreachable {
			t.Errorf("%q: unreachable: %t", tt.said, got)
		}
	}
	if got := pids("4711; 1; odd; 4712"); !slices.Equal(got, []int{4711, 4712}) {
		t.Error(got)
	}
}
