//go:build linux

package rtnl

import (
	"context"
	"encoding/binary"
	"errors"
	"net"
	"net/netip"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"dockerinit/core/zone"
)

// router announces a network on the far end of a link, again and again until the
// test ends. RFC 4861, 4.2
func (l *lab) router(name string, network netip.Prefix) {
	l.t.Helper()
	var fd int
	l.atFarEnd(func() {
		l.ip("addr", "add", "fe80::1/64", "dev", name, "nodad")
		var err error
		if fd, err = unix.Socket(unix.AF_INET6, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.IPPROTO_ICMPV6); err != nil {
			l.t.Fatal(err)
		}
		link, err := net.InterfaceByName(name)
		if err != nil {
			l.t.Fatal(err)
		}
		if err := errors.Join(
			unix.SetsockoptInt(fd, unix.IPPROTO_IPV6, unix.IPV6_MULTICAST_HOPS, 255),
			unix.SetsockoptInt(fd, unix.IPPROTO_IPV6, unix.IPV6_MULTICAST_IF, link.Index),
			unix.Bind(fd, &unix.SockaddrInet6{Addr: netip.MustParseAddr("fe80::1").As16(), ZoneId: uint32(link.Index)}),
		); err != nil {
			l.t.Fatal(err)
		}
	})
	stop, stopped := make(chan struct{}), make(chan struct{})
	l.t.Cleanup(func() { close(stop); <-stopped; unix.Close(fd) })
	go func() {
		defer close(stopped)
		for {
			// A link that is not up yet loses it; the next one comes soon.
			_ = unix.Sendto(fd, advertisement(network), 0, &unix.SockaddrInet6{Addr: netip.MustParseAddr("ff02::1").As16()})
			select {
			case <-stop:
				return
			case <-time.After(10 * time.Millisecond):
			}
		}
	}()
}

// advertisement is that of a router for half an hour, with one prefix. The kernel
// fills in the checksum.
func advertisement(network netip.Prefix) []byte {
	const prefixOption, onLinkAndAutonomous = 3, 0xc0
	m := []byte{134, 0, 0, 0, 64, 0}
	m = binary.BigEndian.AppendUint16(m, 1800)
	m = append(m, make([]byte, 8)...)
	m = append(m, prefixOption, 4, byte(network.Bits()), onLinkAndAutonomous)
	m = binary.BigEndian.AppendUint32(m, 3600)
	m = binary.BigEndian.AppendUint32(m, 1800)
	m = append(m, 0, 0, 0, 0)
	return append(m, network.Addr().AsSlice()...)
}

func TestAddrconfTakesWhatARouterGives(t *testing.T) {
	lab := newLab(t, "eth0")
	lab.router("eth0", netip.MustParsePrefix("2001:db8:7::/64"))
	s := lab.open()
	n := network(with(nic("eth0", "10.0.0.5/24"), func(n *zone.NIC) { n.Addrconf = true }))
	for range 2 {
		if said := boot(t, s, n); said != "" {
			t.Errorf("said %s", said)
		}
		want := lo + "nic eth0 10.0.0.5/24 2001:db8:7:0:92b8:d0ff:fe00:5/64 mtu 1500\n"
		if got := lab.state(); got != want {
			t.Errorf("\n got %s\nwant %s", got, want)
		}
	}
	want := regexp.MustCompile(`^default via fe80::1 dev eth0 `)
	if got := lab.ip("-6", "route", "show", "default"); !want.Match(got) {
		t.Errorf("the default route is %q, want one through the router", got)
	}
}

// What a router says is not for a NIC whose addresses the host has given.
func TestWithoutAddrconfRoutersAreNotHeard(t *testing.T) {
	lab := newLab(t, "eth0", "eth1")
	lab.router("eth0", netip.MustParsePrefix("2001:db8:7::/64"))
	lab.router("eth1", netip.MustParsePrefix("2001:db8:8::/64"))
	n := network(nic("eth0", "fd00::5/64"), with(nic("eth1"), func(n *zone.NIC) { n.Addrconf = true }))
	// When the other NIC has heard its router, this one has had the same time.
	if said := boot(t, lab.open(), n); said != "" {
		t.Errorf("said %s", said)
	}
	want := lo + "nic eth0 fd00::5/64 mtu 1500\nnic eth1 2001:db8:8:0:92b8:d0ff:fe00:6/64 mtu 1500\n"
	if got := lab.state(); got != want {
		t.Errorf("\n got %s\nwant %s", got, want)
	}
	if got := string(lab.ip("-6", "route", "show", "default", "dev", "eth0")); got != "" {
		t.Errorf("eth0 has the default route %q, want none", got)
	}
}

// Where the settings cannot be written, as in a container whose runtime has locked
// them, only addrconf cannot do without.
func TestSettingsAreLocked(t *testing.T) {
	lab := newLab(t, "eth0", "eth1")
	if err := errors.Join( // for this thread alone
		unix.Unshare(unix.CLONE_NEWNS|unix.CLONE_FS),
		unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""),
		unix.Mount("/proc/sys", "/proc/sys", "", unix.MS_BIND, ""),
		unix.Mount("", "/proc/sys", "", unix.MS_REMOUNT|unix.MS_BIND|unix.MS_RDONLY, ""),
	); err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	s := lab.openLogging(&log)
	if err := s.Configure(t.Context(), nic("eth0", "fd00::5/64")); err != nil {
		t.Error(err)
	}
	const locked = "open /proc/sys/net/ipv6/conf/eth0/accept_ra: read-only file system"
	if want := ` WARN eth0: its routers may add addresses that the host did not ask for: ` + locked; !strings.Contains(log.String(), want) {
		t.Errorf("logged\n got %s\nwant %s", log.String(), want)
	}
	err := s.Configure(t.Context(), with(nic("eth1", "10.0.0.5/24"), func(n *zone.NIC) { n.Addrconf = true }))
	if want := "34 eth1: addrconf: open /proc/sys/net/ipv6/conf/eth1/accept_dad: read-only file system"; oneLine(err) != want {
		t.Errorf("\n got %s\nwant %s", oneLine(err), want)
	}
	if got, want := lab.state(), "nic eth0 fd00::5/64 mtu 1500\nnic eth1 10.0.0.5/24 mtu 1500\n"; got != want {
		t.Errorf("\n got %s\nwant %s", got, want)
	}
}

func TestAddrconfIsAwaitedAsLongAsTheContextAllows(t *testing.T) {
	lab := newLab(t, "eth0")
	s := lab.open()
	ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
	defer cancel()
	err := s.Configure(ctx, with(nic("eth0"), func(n *zone.NIC) { n.Addrconf = true }))
	if want := "34 eth0: addrconf: context deadline exceeded"; oneLine(err) != want {
		t.Errorf("\n got %s\nwant %s", oneLine(err), want)
	}
}

// An image may have anything at the path of a setting where /proc is not mounted.
func TestASettingIsWrittenToTheKernelAlone(t *testing.T) {
	dir := t.TempDir()
	file := dir + "/accept_ra"
	if err := os.WriteFile(file, []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	// From where settings are, there is a way to every file.
	up := strings.Repeat("../", 12)
	err := setting{"accept_ra", "0"}.write(up + dir)
	if err == nil || !strings.HasSuffix(err.Error(), "is not the kernel's") {
		t.Errorf("got %v, want that it is not the kernel's", err)
	}
	if text, _ := os.ReadFile(file); string(text) != "precious" {
		t.Errorf("the file holds %q now", text)
	}
}
