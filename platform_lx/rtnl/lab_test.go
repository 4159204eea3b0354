//go:build linux

package rtnl

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/netip"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"dockerinit/core/bootlog"
	"dockerinit/core/zone"
	"dockerinit/platform_fake/need"
)

// A lab is two network namespaces: the zone, in which the calling goroutine is
// from now on, and the far end of its cables. Both are gone with the goroutine.
type lab struct {
	t         testing.TB
	zone, far *os.File
}

// newLab connects the zone's links, named here, to links of the same names at the
// far end. Each has the MAC of its number.
func newLab(t testing.TB, links ...string) *lab {
	t.Helper()
	need.Root(t)
	need.Program(t, "ip", "iproute2")
	l := &lab{t: t}
	runtime.LockOSThread() // for ever: the thread ends with the goroutine
	l.far, l.zone = l.enterNew(), l.enterNew()
	for i, name := range links {
		l.cable(name, fmt.Sprintf("90:b8:d0:00:00:%02x", i+5))
	}
	return l
}

// cable connects one more link.
func (l *lab) cable(name, mac string) {
	l.t.Helper()
	l.ip("link", "add", name, "address", mac, "type", "veth",
		"peer", "name", name, "netns", fmt.Sprintf("/proc/%d/fd/%d", os.Getpid(), l.far.Fd()))
	l.atFarEnd(func() { l.ip("link", "set", name, "up") })
}

func (l *lab) enterNew() *os.File {
	l.t.Helper()
	err := unix.Unshare(unix.CLONE_NEWNET)
	// Root in a container may not.
	need.That(l.t, !errors.Is(err, fs.ErrPermission), "the right to make namespaces", "run it outside of a container")
	if err != nil {
		l.t.Fatal(err)
	}
	f, err := os.Open("/proc/thread-self/ns/net")
	if err != nil {
		l.t.Fatal(err)
	}
	l.t.Cleanup(func() { f.Close() })
	return f
}

func (l *lab) atFarEnd(do func()) {
	l.t.Helper()
	if err := unix.Setns(int(l.far.Fd()), unix.CLONE_NEWNET); err != nil {
		l.t.Fatal(err)
	}
	do()
	if err := unix.Setns(int(l.zone.Fd()), unix.CLONE_NEWNET); err != nil {
		l.t.Fatal(err)
	}
}

// ip runs the ip command where the goroutine is.
func (l *lab) ip(args ...string) []byte {
	l.t.Helper()
	out, err := exec.Command("ip", args...).CombinedOutput()
	if err != nil {
		l.t.Fatalf("ip %s: %s\n%s", strings.Join(args, " "), err, out)
	}
	return out
}

func (l *lab) show(what any, args ...string) {
	l.t.Helper()
	out := l.ip(append([]string{"-j"}, args...)...)
	if out = bytes.TrimSpace(out); len(out) == 0 {
		return
	}
	if err := json.Unmarshal(out, what); err != nil {
		l.t.Fatalf("ip -j %s: %s\n%s", strings.Join(args, " "), err, out)
	}
}

// open is the stack of the zone. What it logs is an error of the test.
func (l *lab) open() *Stack {
	l.t.Helper()
	return l.openLogging(writer(func(p []byte) (int, error) { l.t.Errorf("logged: %s", p); return len(p), nil }))
}

func (l *lab) openLogging(w io.Writer) *Stack {
	l.t.Helper()
	s, err := Open(bootlog.NewLogger(warnings{bootlog.NewText(w)}))
	if err != nil {
		l.t.Fatal(err)
	}
	l.t.Cleanup(func() { s.Close() })
	return s
}

type warnings struct{ *bootlog.Text }

func (warnings) Enabled(level bootlog.Level) bool { return level >= bootlog.LevelWarn }

type writer func([]byte) (int, error)

func (w writer) Write(p []byte) (int, error) { return w(p) }

// state is what ip shows of the zone, in the words of the fake zone's state:
//
//	nic eth0 10.0.0.5/24 fd00::5/64 mtu 1500
//	route default via 10.0.0.1 dev eth0
//
// Addresses stand in their own order. The kernel's own are left out: link-local
// addresses, and the routes that come with an address.
func (l *lab) state() string {
	l.t.Helper()
	var b strings.Builder
	var links []struct {
		Ifname, Operstate string
		Flags             []string
		MTU               int
		Info              []struct {
			Local     netip.Addr
			Prefixlen int
			Tentative bool
		} `json:"addr_info"`
	}
	l.show(&links, "addr")
	for _, link := range links {
		if !slices.Contains(link.Flags, "UP") {
			continue
		}
		var addresses []netip.Prefix
		for _, a := range link.Info {
			if a.Local.Is6() && a.Local.IsLinkLocalUnicast() {
				continue
			}
			if a.Tentative {
				l.t.Errorf("%s: %s cannot be used yet", link.Ifname, a.Local)
			}
			addresses = append(addresses, netip.PrefixFrom(a.Local, a.Prefixlen))
		}
		slices.SortFunc(addresses, netip.Prefix.Compare)
		fmt.Fprintf(&b, "nic %s", link.Ifname)
		for _, a := range addresses {
			fmt.Fprintf(&b, " %s", a)
		}
		if link.Ifname != "lo" {
			fmt.Fprintf(&b, " mtu %d", link.MTU)
		}
		b.WriteString("\n")
	}
	var routes []string
	for _, version := range []string{"-4", "-6"} {
		routes = append(routes, l.routes(version)...)
	}
	for _, r := range routes {
		fmt.Fprintf(&b, "route %s\n", r)
	}
	return b.String()
}

// routes are those that somebody asked for, as zone.Route shows them, sorted.
func (l *lab) routes(version string) (all []string) {
	type hop struct{ Gateway, Dev string }
	var routes []struct {
		Dst, Scope, Prefsrc string
		hop
		Nexthops []hop
	}
	l.show(&routes, version, "route", "show", "proto", "static")
	for _, r := range routes {
		dst := r.Dst
		switch addr, err := netip.ParseAddr(dst); {
		case err == nil: // of one machine, ip shows no length
			dst = netip.PrefixFrom(addr, addr.BitLen()).String()
		case dst == "default" && version == "-6":
			dst = "default6"
		}
		hops := r.Nexthops
		if hops == nil {
			hops = []hop{r.hop}
		}
		for _, h := range hops {
			way := "via " + h.Gateway
			if h.Gateway == "" {
				way = "on-link from " + r.Prefsrc
			}
			all = append(all, fmt.Sprintf("%s %s dev %s", dst, way, h.Dev))
		}
	}
	slices.Sort(all)
	return all
}

// boot does what the steps nics and routes do, and gives back what they would log.
func boot(t testing.TB, s *Stack, n zone.Network) string {
	t.Helper()
	var said strings.Builder
	note := func(what string, err error) {
		if err != nil {
			fmt.Fprintf(&said, "%s: %s\n", what, oneLine(err))
		}
	}
	for _, nic := range append([]zone.NIC{zone.Lo(zone.LX)}, n.NICs...) {
		note(nic.Interface, s.Configure(t.Context(), nic))
	}
	for _, r := range n.Ordered() {
		note(r.String(), s.AddRoute(t.Context(), r))
	}
	return said.String()
}
