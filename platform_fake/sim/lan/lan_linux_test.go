package lan

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"dockerinit/core/bootlog"
	"dockerinit/core/zone"
	"dockerinit/platform_fake/need"
)

const inSwitch = "DOCKERINIT_TEST_IN_SWITCH"

// inside runs the test again in a network namespace of its own, as root and as
// somebody who is root of a user namespace alone; it is true in there.
func inside(t *testing.T) bool {
	t.Helper()
	need.Root(t)
	need.Program(t, "ip", "iproute2")
	need.Program(t, "ping", "iputils-ping")
	if os.Getenv(inSwitch) != "" {
		return true
	}
	const nobody = 65534
	for name, attr := range map[string]*syscall.SysProcAttr{
		"root": {Cloneflags: unix.CLONE_NEWNET},
		"an ordinary user": {
			Cloneflags:  unix.CLONE_NEWNET | unix.CLONE_NEWUSER,
			UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: nobody, Size: 1}},
			GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: nobody, Size: 1}},
			Credential:  &syscall.Credential{NoSetGroups: true},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			cmd := exec.CommandContext(ctx, "/proc/self/exe", "-test.run=^"+regexp.QuoteMeta(strings.Split(t.Name(), "/")[0])+"$", "-test.count=1")
			cmd.Env = append(os.Environ(), inSwitch+"=1")
			attr.Pdeathsig = unix.SIGKILL
			cmd.SysProcAttr = attr
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
	return false
}

// A lab is a zone's network namespace, without a zone.
type lab struct {
	t  *testing.T
	ns *os.File
}

func newLab(t *testing.T) *lab {
	l := &lab{t: t}
	l.thread(func() (err error) {
		if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
			return err
		}
		l.ns, err = os.Open("/proc/thread-self/ns/net")
		return err
	})
	t.Cleanup(func() { l.ns.Close() })
	return l
}

// thread does something on a thread that nothing else runs on, and that ends with it.
func (l *lab) thread(do func() error) {
	l.t.Helper()
	done := make(chan error)
	go func() {
		runtime.LockOSThread()
		done <- do()
	}()
	if err := <-done; err != nil {
		l.t.Fatal(err)
	}
}

// in does something in the zone's namespace.
func (l *lab) in(do func() error) {
	l.t.Helper()
	l.thread(func() error {
		if err := unix.Setns(int(l.ns.Fd()), unix.CLONE_NEWNET); err != nil {
			return err
		}
		return do()
	})
}

// run runs a command in the zone's namespace; its result is one line.
func (l *lab) run(words string) (string, error) {
	l.t.Helper()
	var out []byte
	var err error
	l.in(func() error {
		args := strings.Fields(words)
		out, err = exec.Command(args[0], args[1:]...).CombinedOutput()
		return nil
	})
	return string(out), err
}

func (l *lab) must(words string) string {
	l.t.Helper()
	out, err := l.run(words)
	if err != nil {
		l.t.Fatalf("%s: %v\n%s", words, err, out)
	}
	return out
}

func (l *lab) open(nics []zone.NIC, routes []zone.Route, opts Options) *LAN {
	l.t.Helper()
	lan, err := Open(l.t.Context(), bootlog.NewLogger(), l.ns, nics, routes, opts)
	if err != nil {
		l.t.Fatal(err)
	}
	l.t.Cleanup(func() {
		if err := lan.Close(); err != nil {
			l.t.Error(err)
		}
		if got := l.links(); got != "" {
			l.t.Errorf("left in the zone: %s", got)
		}
	})
	return lan
}

// links are the zone's interfaces but loopback as ip prints them, a line each.
func (l *lab) links() string {
	l.t.Helper()
	var links []struct {
		IfName, Address, OperState string
		MTU                        int
		AddrInfo                   []any `json:"addr_info"`
	}
	if err := json.Unmarshal([]byte(l.must("ip -j addr")), &links); err != nil {
		l.t.Fatal(err)
	}
	var b strings.Builder
	for _, link := range links {
		if link.IfName != "lo" {
			fmt.Fprintf(&b, "%s %s %s mtu %d addresses %d\n", link.IfName, link.Address, link.OperState, link.MTU, len(link.AddrInfo))
		}
	}
	return b.String()
}

func addresses(texts ...string) (all []netip.Addr) {
	for _, text := range texts {
		all = append(all, netip.MustParseAddr(text))
	}
	return all
}

func prefixes(texts ...string) (all []netip.Prefix) {
	for _, text := range texts {
		all = append(all, netip.MustParsePrefix(text))
	}
	return all
}

// configure does what dockerinit does: addresses, and a host route to a gateway
// that is in none of their networks.
func (l *lab) configure(nics []zone.NIC) {
	l.t.Helper()
	for _, nic := range nics {
		l.must("ip link set " + nic.Interface + " up")
		for _, p := range nic.Addresses {
			words := "ip addr add " + p.String() + " dev " + nic.Interface
			if p.Addr().Is6() {
				words += " nodad"
			}
			l.must(words)
		}
		for _, g := range nic.Gateways {
			if !slices.ContainsFunc(nic.Addresses, func(p netip.Prefix) bool { return p.Contains(g) }) {
				l.must("ip route add " + g.String() + " dev " + nic.Interface)
			}
		}
	}
}

const mac1, mac2 = "90:b8:d0:00:00:01", "90:b8:d0:00:00:02"

func TestOpen(t *testing.T) {
	if !inside(t) {
		return
	}
	many := zone.NIC{Interface: "eth0", MAC: mac1, Gateways: addresses("10.0.0.1")}
	for i := range 32 {
		many.Addresses = append(many.Addresses, netip.MustParsePrefix(fmt.Sprintf("10.0.%d.9/24", i)))
	}
	for _, tt := range []struct {
		name   string
		nics   []zone.NIC
		routes []zone.Route
		links  string
		pings  []string // from the zone: address, interface
	}{
		{"IPv4 and IPv6", []zone.NIC{{Interface: "eth0", MAC: mac1, Addresses: prefixes("10.0.0.9/24", "fd00::9/64"), Gateways: addresses("10.0.0.1", "fd00::1")}}, nil,
			"eth0 " + mac1 + " DOWN mtu 1500 addresses 0\n", []string{"10.0.0.1 eth0", "fd00::1 eth0"}},
		{"a large MTU and the longest name", []zone.NIC{{Interface: "abcdefghijklmn0", MAC: mac1, MTU: 9000, Addresses: prefixes("10.0.0.9/24"), Gateways: addresses("10.0.0.1")}}, nil,
			"abcdefghijklmn0 " + mac1 + " DOWN mtu 9000 addresses 0\n", []string{"-s 8900 -M do 10.0.0.1 abcdefghijklmn0"}},
		{"a small MTU", []zone.NIC{{Interface: "eth0", MAC: mac1, MTU: 1300, Addresses: prefixes("10.0.0.9/24")}}, nil,
			"eth0 " + mac1 + " DOWN mtu 1300 addresses 0\n", []string{"10.0.0.1 eth0"}},
		{"a gateway outside of the network", []zone.NIC{{Interface: "eth0", MAC: mac1, Addresses: prefixes("203.0.113.9/32", "fd00:1::9/128"), Gateways: addresses("198.51.100.254", "fd00:2::1")}}, nil,
			"eth0 " + mac1 + " DOWN mtu 1500 addresses 0\n", []string{"198.51.100.254 eth0", "fd00:2::1 eth0"}},
		{"two NICs with one gateway", []zone.NIC{
			{Interface: "eth0", MAC: mac1, Addresses: prefixes("10.0.0.9/24", "fd00::9/64"), Gateways: addresses("10.0.0.1", "fd00::1")},
			{Interface: "eth1", MAC: mac2, Addresses: prefixes("10.0.0.10/24", "fd00::10/64"), Gateways: addresses("10.0.0.1", "fd00::1")}}, nil,
			"eth0 " + mac1 + " DOWN mtu 1500 addresses 0\neth1 " + mac2 + " DOWN mtu 1500 addresses 0\n",
			[]string{"-I 10.0.0.9 10.0.0.1 eth0", "fd00::1 eth0"}},
		{"the gateway of a route", []zone.NIC{{Interface: "eth0", MAC: mac1, Addresses: prefixes("10.0.0.9/24")}},
			[]zone.Route{{Dst: netip.MustParsePrefix("10.9.0.0/16"), Gateway: netip.MustParseAddr("10.0.0.77")}},
			"eth0 " + mac1 + " DOWN mtu 1500 addresses 0\n", []string{"10.0.0.77 eth0"}},
		{"32 addresses", []zone.NIC{many}, nil, "eth0 " + mac1 + " DOWN mtu 1500 addresses 0\n", []string{"10.0.0.1 eth0", "10.0.31.1 eth0"}},
		{"no address at all", []zone.NIC{{Interface: "eth0", MAC: mac1}}, nil, "eth0 " + mac1 + " DOWN mtu 1500 addresses 0\n", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l := newLab(t)
			l.open(tt.nics, tt.routes, Options{})
			if got := l.links(); got != tt.links {
				t.Errorf("\n got\n%s\nwant\n%s", got, tt.links)
			}
			l.configure(tt.nics)
			for _, ping := range tt.pings {
				at := strings.LastIndex(ping, " ")
				if !strings.Contains(ping, "-I") {
					ping = ping[:at] + " -I" + ping[at:]
				} else {
					ping = ping[:at]
				}
				l.must("ping -n -c 1 -W 5 " + ping)
			}
			for _, nic := range tt.nics {
				for _, p := range nic.Addresses {
					l.ask(p.Addr())
				}
			}
		})
	}
}

// ask opens a TCP connection from the switch to the zone.
func (l *lab) ask(a netip.Addr) {
	l.t.Helper()
	var server net.Listener
	l.in(func() (err error) {
		server, err = net.Listen("tcp", netip.AddrPortFrom(a, 0).String())
		return err
	})
	defer server.Close()
	conn, err := net.DialTimeout("tcp", server.Addr().String(), time.Minute)
	if err != nil {
		l.t.Errorf("asked from the switch: %v", err)
		return
	}
	conn.Close()
}

func TestOpenRefuses(t *testing.T) {
	if !inside(t) {
		return
	}
	for _, tt := range []struct {
		name string
		nic  zone.NIC
		want string
	}{
		{"a long name", zone.NIC{Interface: "abcdefghijklmno0", MAC: mac1}, "abcdefghijklmno0: a name of 16 bytes, and Linux takes 15"},
		{"what is no MAC", zone.NIC{Interface: "eth1", MAC: "90:b8"}, `eth1: mac "90:b8": not an Ethernet address`},
		{"a MAC of another kind of link", zone.NIC{Interface: "eth1", MAC: "90:b8:d0:00:00:01:02:03"}, `not an Ethernet address`},
		{"a name twice", zone.NIC{Interface: "eth0", MAC: mac2}, "eth0: make its link: its name, or zone1 in the switch, is in use: file exists"},
		{"an MTU that no link has", zone.NIC{Interface: "eth1", MTU: 70000}, "eth1: make its link (veth): "},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l := newLab(t)
			lan, err := Open(t.Context(), bootlog.NewLogger(), l.ns, []zone.NIC{{Interface: "eth0", MAC: mac1, DHCP: true, Addrconf: true}, tt.nic}, nil, Options{})
			if err == nil || !strings.Contains(err.Error(), tt.want) || lan != nil {
				t.Errorf("%v, want %q", err, tt.want)
			}
			if left := l.links(); left != "" {
				t.Errorf("left in the zone:\n%s", left)
			}
		})
	}
}

// udhcpc is busybox's client, which knows nothing of our server's library. It tells
// what it was told in lines of name=value.
func (l *lab) udhcpc(more string) (string, error) {
	l.t.Helper()
	need.Program(l.t, "busybox", "busybox-static")
	script := filepath.Join(l.t.TempDir(), "script")
	const text = `#!/bin/sh
[ "$1" = bound ] && echo "ip=$ip/$mask router=$router dns=$dns lease=$lease server=$serverid staticroutes=$staticroutes"
exit 0
`
	if err := os.WriteFile(script, []byte(text), 0o755); err != nil {
		l.t.Fatal(err)
	}
	return l.run("busybox udhcpc -f -q -n -t 3 -T 1 -i eth0 -O staticroutes -s " + script + " " + more)
}

func TestDHCP(t *testing.T) {
	if !inside(t) {
		return
	}
	for _, tt := range []struct {
		name string
		nic  zone.NIC
		opts Options
		more string // options of the client
		want string
	}{
		{"a lease", zone.NIC{}, Options{}, "", "ip=198.18.0.100/24 router=198.18.0.1 dns= lease=3600 server=198.18.0.1 staticroutes="},
		{"in the network of the gateway", zone.NIC{Gateways: addresses("fd00::1", "10.7.0.100")}, Options{}, "", "ip=10.7.0.101/24 router=10.7.0.100 "},
		{"what is told with it", zone.NIC{}, Options{
			Lease: 2 * time.Minute, DNS: addresses("192.0.2.53", "fd00::53", "192.0.2.54"),
			Routes: []zone.Route{{Dst: netip.MustParsePrefix("10.9.0.0/16"), Gateway: netip.MustParseAddr("198.18.0.7")}},
		}, "", "dns=192.0.2.53 192.0.2.54 lease=120 server=198.18.0.1 staticroutes=10.9.0.0/16 198.18.0.7"},
		{"another address than it asks for", zone.NIC{}, Options{}, "-r 10.1.1.1", "ip=198.18.0.100/24 "},
		{"nobody answers", zone.NIC{}, Options{Silent: true}, "-t 1", "no lease, failing"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l := newLab(t)
			tt.nic.Interface, tt.nic.MAC, tt.nic.DHCP = "eth0", mac1, true
			l.open([]zone.NIC{tt.nic}, nil, tt.opts)
			l.must("ip link set eth0 up")
			out, err := l.udhcpc(tt.more)
			if tt.opts.Silent == (err == nil) || !strings.Contains(out, tt.want) {
				t.Errorf("%v, want %q in\n%s", err, tt.want, out)
			}
			if _, rest, ok := strings.Cut(out, "ip="); ok {
				given, _, _ := strings.Cut(rest, " ")
				l.must("ip addr add " + given + " dev eth0")
				l.ask(netip.MustParsePrefix(given).Addr())
			}
		})
	}
}

func TestRouterAdvertisements(t *testing.T) {
	if !inside(t) {
		return
	}
	for _, tt := range []struct {
		name   string
		nic    zone.NIC
		opts   Options
		prefix string // of the address that the kernel makes
		route  string
	}{
		{"a prefix and a router", zone.NIC{}, Options{}, "fd00:198:18:0:", "default via fe80::1"},
		{"another prefix, and an MTU that the link does not have", zone.NIC{MTU: 1400}, Options{Prefix: netip.MustParsePrefix("fd00:77::/64")}, "fd00:77:0:0:", "mtu 1400"},
		{"a prefix alone", zone.NIC{}, Options{NoRoute: true}, "fd00:198:18:0:", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l := newLab(t)
			tt.nic.Interface, tt.nic.MAC, tt.nic.Addrconf = "eth0", mac1, true
			l.open([]zone.NIC{tt.nic}, nil, tt.opts)
			l.must("ip link set eth0 up mtu 1500")
			own := l.autoconfigured()
			// RFC 4291, appendix A: the kernel makes it of the MAC.
			if want := netip.MustParseAddr(tt.prefix + "92b8:d0ff:fe00:1"); own != want {
				t.Errorf("the zone's address is %s, want %s", own, want)
			}
			routes := l.must("ip -6 route")
			if !strings.Contains(routes, tt.route) || tt.opts.NoRoute && strings.Contains(routes, "default") {
				t.Errorf("want %q in\n%s", tt.route, routes)
			}
			l.ask(own)
			// The switch does not listen to itself: it has what it was given.
			if out, err := exec.Command("ip", "-6", "-o", "addr", "show", "dev", "zone0", "scope", "global").Output(); err != nil || strings.Count(string(out), "inet6") != 1 {
				t.Errorf("the switch has, %v:\n%s", err, out)
			}
		})
	}
}

// autoconfigured waits for a global address that is in use.
func (l *lab) autoconfigured() netip.Addr {
	l.t.Helper()
	const deadline = time.Minute // duplicate detection alone takes a second, twice
	for start, wait := time.Now(), time.Millisecond; time.Since(start) < deadline; wait = min(2*wait, 100*time.Millisecond) {
		for line := range strings.Lines(l.must("ip -6 -o addr show dev eth0 scope global -tentative")) {
			if fields := strings.Fields(line); len(fields) > 3 {
				return netip.MustParsePrefix(fields[3]).Addr()
			}
		}
		time.Sleep(wait)
	}
	l.t.Fatalf("no address after %s\n%s", deadline, l.must("ip -6 addr"))
	return netip.Addr{}
}

// With its context everything on the links ends, and the next one starts anew.
func TestServersEndWithTheContext(t *testing.T) {
	if !inside(t) {
		return
	}
	l := newLab(t)
	nics := []zone.NIC{{Interface: "eth0", MAC: mac1, DHCP: true, Addrconf: true}}
	for range 3 {
		ctx, cancel := context.WithCancel(t.Context())
		lan, err := Open(ctx, bootlog.NewLogger(), l.ns, nics, nil, Options{})
		if err != nil {
			t.Fatal(err)
		}
		cancel()
		ended := make(chan struct{})
		go func() { lan.servers.Wait(); close(ended) }()
		select {
		case <-ended:
		case <-time.After(time.Minute):
			t.Fatal("a server is still there")
		}
		if err := errors.Join(lan.Close(), lan.Close()); err != nil {
			t.Error(err)
		}
	}
}
