package rtsock

import (
	"encoding/hex"
	"net/netip"
	"strings"
	"testing"
)

const (
	zeros4  = "00000000 "
	noRest  = zeros4 + zeros4 + zeros4 + zeros4 + zeros4 + zeros4 + zeros4 + zeros4 + zeros4 + zeros4 + zeros4 + zeros4 + zeros4
	zeros24 = zeros4 + zeros4 + zeros4 + zeros4 + zeros4 + zeros4
)

// Written out by hand from the header; pid 1, seq 0.
func TestAdd(t *testing.T) {
	tests := []struct {
		name  string
		route Route
		want  string
	}{
		{"a default route on an interface",
			Route{Dst: netip.MustParsePrefix("0.0.0.0/0"), Gateway: netip.MustParseAddr("10.0.0.1"), Index: 2},
			"7c000301 02000000 03080000 07000000 01000000 00000000" + noRest +
				"02000000 00000000 00000000 00000000" +
				"02000000 0a000001 00000000 00000000" +
				"02000000 00000000 00000000 00000000"},
		{"a static route through what the kernel finds",
			Route{Dst: netip.MustParsePrefix("10.1.0.0/16"), Gateway: netip.MustParseAddr("10.0.0.7")},
			"7c000301 00000000 03080000 07000000 01000000 00000000" + noRest +
				"02000000 0a010000 00000000 00000000" +
				"02000000 0a000007 00000000 00000000" +
				"02000000 ffff0000 00000000 00000000"},
		{"an IPv6 default route through a link-local gateway has its scope, and names its interface",
			Route{Dst: netip.MustParsePrefix("::/0"), Gateway: netip.MustParseAddr("fe80::1"), Index: 2},
			"a8010301 02000000 03080000 17000000 01000000 00000000" + noRest +
				"1a000000 00000000" + zeros24 +
				"1a000000 00000000 fe800000 00000000 00000000 00000001 02000000 00000000" +
				"1a000000 00000000" + zeros24 +
				"19000200" + strings.Repeat("00", 248)},
		{"a global gateway has none",
			Route{Dst: netip.MustParsePrefix("2001:db8::/33"), Gateway: netip.MustParseAddr("fd00::1"), Index: 2},
			"ac000301 02000000 03080000 07000000 01000000 00000000" + noRest +
				"1a000000 00000000 20010db8 00000000 00000000 00000000 00000000 00000000" +
				"1a000000 00000000 fd000000 00000000 00000000 00000001 00000000 00000000" +
				"1a000000 00000000 ffffffff 80000000 00000000 00000000 00000000 00000000"},
		{"an on-link route has neither flags nor an interface",
			Route{Dst: netip.MustParsePrefix("192.0.2.9/24"), Gateway: netip.MustParseAddr("10.0.0.5"), OnLink: true, Index: 2},
			"7c000301 00000000 00000000 07000000 01000000 00000000" + noRest +
				"02000000 c0000200 00000000 00000000" +
				"02000000 0a000005 00000000 00000000" +
				"02000000 ffffff00 00000000 00000000"},
	}
	for _, tt := range tests {
		got := hex.EncodeToString(tt.route.Add(1, 0))
		if want := strings.ReplaceAll(tt.want, " ", ""); got != want {
			t.Errorf("%s\n got %s\nwant %s", tt.name, got, want)
		}
	}
}

// illumos: usr/src/uts/common/net/route.h, sys/socket.h, netinet/in.h
func TestNumbers(t *testing.T) {
	for _, tt := range []struct {
		name      string
		got, want int
	}{
		{"RTM_VERSION", Version, 3}, {"RTM_ADD", messageAdd, 1},
		{"RTF_UP", flagUp, 1}, {"RTF_GATEWAY", flagGateway, 2}, {"RTF_STATIC", flagStatic, 0x800},
		{"RTA_DST", haveDst, 1}, {"RTA_GATEWAY", haveGateway, 2}, {"RTA_NETMASK", haveNetmask, 4},
		{"RTA_IFP", haveIfp, 0x10}, {"AF_LINK", link, 25}, {"struct sockaddr_dl", linkSize, 2 + 2 + 4*1 + 244},
		{"struct rt_msghdr", headerSize, 2 + 1 + 1 + 2 + 2 + 7*4 + 10*4},
		{"PF_ROUTE", Family, 24}, {"SOCK_RAW", Raw, 4}, {"AF_INET", Inet, 2}, {"AF_INET6", Inet6, 26},
		{"struct sockaddr_in", inetSize, 2 + 2 + 4 + 8}, {"struct sockaddr_in6", inet6Size, 2 + 2 + 4 + 16 + 4 + 4},
	} {
		if tt.got != tt.want {
			t.Errorf("%s is %d, want %d", tt.name, tt.got, tt.want)
		}
	}
}
