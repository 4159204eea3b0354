//go:build linux

package rtnl

import (
	"bytes"
	"encoding/hex"
	"errors"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/vishvananda/netlink/nl"
	"golang.org/x/sys/unix"

	"dockerinit/core/zone"
)

// body is a request without its header, whose sequence number differs.
func body(r request) string { return hex.EncodeToString(r[unix.NLMSG_HDRLEN:]) }

// The bytes as the kernel reads them: a fixed head, then attributes of length, type
// and value. Linux: include/uapi/linux/rtnetlink.h and if_addr.h
func TestRequests(t *testing.T) {
	join := func(words ...string) string { return strings.Join(words, "") }
	for _, tt := range []struct {
		name string
		got  request
		want string
	}{
		{"an IPv4 address has the broadcast address of its network",
			addAddress(3, netip.MustParsePrefix("10.0.0.5/22")),
			join("0216000003000000", "080002000a000005", "080001000a000005", "080004000a0003ff")},
		{"one of a network of two has none",
			addAddress(3, netip.MustParsePrefix("10.0.0.4/31")),
			join("021f000003000000", "080002000a000004", "080001000a000004")},
		{"loopback has none, and is for this host",
			addAddress(1, netip.MustParsePrefix("127.0.0.1/8")),
			join("020800fe01000000", "080002007f000001", "080001007f000001")},
		{"IPv4 link-local is for the link",
			addAddress(3, netip.MustParsePrefix("169.254.1.2/16")),
			join("021000fd03000000", "08000200a9fe0102", "08000100a9fe0102", "08000400a9feffff")},
		{"an IPv6 address goes without duplicate address detection",
			addAddress(3, netip.MustParsePrefix("fd00::5/64")),
			join("0a40020003000000", "14000200fd000000000000000000000000000005", "14000100fd000000000000000000000000000005")},
		{"a route through a gateway",
			addRoute(via("10.2.0.0/16", "10.0.0.1"), 0),
			join("02100000fe04000100000000", "080001000a020000", "080005000a000001")},
		{"the default has no destination, and its link where that is known",
			addRoute(via("0.0.0.0/0", "10.0.0.1"), 3),
			join("02000000fe04000100000000", "080005000a000001", "0800040003000000")},
		{"an on-link route goes out from the zone's own address",
			addRoute(onLink("10.2.0.0/16", "10.0.0.5"), 3),
			join("02100000fe04fd0100000000", "080001000a020000", "080007000a000005", "0800040003000000")},
		{"up is one flag, and no other is touched",
			changeLink(3, unix.IFF_UP),
			join("0000000003000000", "01000000", "01000000")},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if nl.NativeEndian().String() != "LittleEndian" {
				t.Skip("the bytes are written down as a little-endian machine has them")
			}
			if got := body(tt.got); got != tt.want {
				t.Errorf("\n got %s\nwant %s", got, tt.want)
			}
		})
	}
}

// The whole of them, beside what a library makes of the same.
func TestRequestsBesideTheLibrary(t *testing.T) {
	attribute := func(kind int, text string) *nl.RtAttr {
		return nl.NewRtAttr(kind, netip.MustParseAddr(text).AsSlice())
	}
	out := nl.NewRtAttr(unix.RTA_OIF, nl.Uint32Attr(3))
	route := func(family, bits uint8) *nl.RtMsg {
		m := nl.NewRtMsg()
		m.Family, m.Dst_len = family, bits
		return m
	}
	static := route(unix.AF_INET, 16)
	static.Protocol = unix.RTPROT_STATIC
	address := nl.NewIfAddrmsg(unix.AF_INET)
	address.Index, address.Prefixlen = 3, 31
	link := nl.NewIfInfomsg(unix.AF_UNSPEC)
	link.Index = 3
	const add = unix.NLM_F_ACK | unix.NLM_F_CREATE
	for _, tt := range []struct {
		name        string
		got         request
		kind, flags int
		data        []nl.NetlinkRequestData
	}{
		{"add an address", addAddress(3, netip.MustParsePrefix("10.0.0.4/31")), unix.RTM_NEWADDR, add | unix.NLM_F_EXCL,
			[]nl.NetlinkRequestData{address, attribute(unix.IFA_LOCAL, "10.0.0.4"), attribute(unix.IFA_ADDRESS, "10.0.0.4")}},
		{"take one away", delAddress(3, netip.MustParsePrefix("10.0.0.4/31")), unix.RTM_DELADDR, unix.NLM_F_ACK,
			[]nl.NetlinkRequestData{address, attribute(unix.IFA_LOCAL, "10.0.0.4")}},
		{"add a route", addRoute(via("10.2.0.0/16", "10.0.0.1"), 3), unix.RTM_NEWROUTE, add | unix.NLM_F_APPEND,
			[]nl.NetlinkRequestData{static, attribute(unix.RTA_DST, "10.2.0.0"), attribute(unix.RTA_GATEWAY, "10.0.0.1"), out}},
		{"take one away", delRoute(via("10.2.0.0/16", "10.0.0.1"), 3), unix.RTM_DELROUTE, unix.NLM_F_ACK,
			[]nl.NetlinkRequestData{static, attribute(unix.RTA_DST, "10.2.0.0"), attribute(unix.RTA_GATEWAY, "10.0.0.1"), out}},
		{"where an address is", whereTo(3, netip.MustParseAddr("fd00::5")), unix.RTM_GETROUTE, 0,
			[]nl.NetlinkRequestData{route(unix.AF_INET6, 128), attribute(unix.RTA_DST, "fd00::5"), out}},
		{"an mtu", changeLink(3, 0).withNumber(unix.IFLA_MTU, 1400), unix.RTM_NEWLINK, unix.NLM_F_ACK,
			[]nl.NetlinkRequestData{link, nl.NewRtAttr(unix.IFLA_MTU, nl.Uint32Attr(1400))}},
		{"an attribute that is not aligned", changeLink(3, 0).with(unix.IFLA_IFNAME, []byte("eth0\x00")), unix.RTM_NEWLINK, unix.NLM_F_ACK,
			[]nl.NetlinkRequestData{link, nl.NewRtAttr(unix.IFLA_IFNAME, nl.ZeroTerminated("eth0"))}},
	} {
		want := nl.NewNetlinkRequest(tt.kind, tt.flags)
		want.Seq, want.Data = 0x01020304, tt.data
		if got, want := tt.got.numbered(0x01020304), want.Serialize(); !bytes.Equal(got, want) {
			t.Errorf("%s\n got %x\nwant %x", tt.name, got, want)
		}
	}
}

func TestAddressesOfAPointToPointLink(t *testing.T) {
	// 10.0.0.5 peer 10.0.0.6/32: the local address is one's own.
	m := slices.Concat(
		[]byte{unix.AF_INET, 32, 0x80, 0, 3, 0, 0, 0},
		nl.NewRtAttr(unix.IFA_ADDRESS, []byte{10, 0, 0, 6}).Serialize(),
		nl.NewRtAttr(unix.IFA_LOCAL, []byte{10, 0, 0, 5}).Serialize(),
		nl.NewRtAttr(unix.IFA_FLAGS, nl.Uint32Attr(0x180)).Serialize())
	got, err := parseAddress(m)
	if want := (owned{netip.MustParsePrefix("10.0.0.5/32"), 3, 0x180}); err != nil || got != want {
		t.Errorf("got %v (%v), want %v", got, err, want)
	}
}

func TestAnAnswerCutShortIsAnError(t *testing.T) {
	whole := slices.Concat(make([]byte, unix.SizeofIfInfomsg), nl.NewRtAttr(unix.IFLA_IFNAME, nl.ZeroTerminated("eth0")).Serialize())
	if l, err := parseLink(whole); err != nil || l.name != "eth0" {
		t.Fatalf("the whole answer is %+v, %v", l, err)
	}
	for _, size := range []int{0, unix.SizeofIfInfomsg - 1, unix.SizeofIfInfomsg + 4, len(whole) - 4} {
		if _, err := parseLink(whole[:size]); !errors.Is(err, errShort) {
			t.Errorf("%d bytes: got %v, want %v", size, err, errShort)
		}
	}
}

func FuzzAnswers(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte(addAddress(3, netip.MustParsePrefix("10.0.0.5/24"))[unix.NLMSG_HDRLEN:]))
	f.Add([]byte(changeLink(3, unix.IFF_UP)[unix.NLMSG_HDRLEN:]))
	f.Add(append(make([]byte, unix.SizeofIfInfomsg), 0, 0, 0, 0, 1, 0, 0, 0))
	f.Add(append(make([]byte, unix.SizeofIfAddrmsg), 5, 0, 1, 0, 10))
	f.Fuzz(func(t *testing.T, m []byte) {
		// Neither may look beyond the end, nor take anything for an address that
		// is none.
		_, _ = parseLink(m)
		if o, err := parseAddress(m); err == nil && o.prefix.IsValid() && o.prefix.Bits() > o.prefix.Addr().BitLen() {
			t.Errorf("%v", o)
		}
	})
}

func TestWhichLinkANICIs(t *testing.T) {
	links := []link{{name: "lo", flags: unix.IFF_LOOPBACK}, {name: "eth0", mac: "90:b8:d0:00:00:05"}, {name: "eth1", mac: "90:b8:d0:00:00:06"}}
	for _, tt := range []struct {
		name string
		nic  zone.NIC
		want string
	}{
		{"by its name", zone.NIC{Interface: "eth1"}, "eth1"},
		{"by its name, whatever its MAC", zone.NIC{Interface: "eth1", MAC: "90:b8:d0:00:00:05"}, "eth1"},
		{"by its MAC where there is no such name", zone.NIC{Interface: "net0", MAC: "90:b8:d0:00:00:06"}, "eth1"},
		{"loopback by what it is", zone.Lo(zone.JoyentMinimal), "lo"},
		{"none", zone.NIC{Interface: "net0", MAC: "90:b8:d0:00:00:07"}, "none"},
		{"none without a MAC either: loopback has none", zone.NIC{Interface: "net0"}, "none"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := "none"
			if l, ok := pick(links, tt.nic); ok {
				got = l.name
			}
			if got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}
