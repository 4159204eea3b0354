//go:build linux

package rtnl

import (
	"bytes"
	"context"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"dockerinit/core/exit"
	"dockerinit/core/zone"
	"dockerinit/platform_fake/need"
	"dockerinit/platform_lx/dhcp"
)

// serve starts a DHCP server, which nobody wrote for this, at the far end.
func (l *lab) serve(name string, args ...string) (stop func()) {
	l.t.Helper()
	var log bytes.Buffer
	cmd := exec.Command(name, args...)
	cmd.Stdout, cmd.Stderr = &log, &log
	l.atFarEnd(func() {
		if err := cmd.Start(); err != nil {
			l.t.Fatal(err)
		}
	})
	stop = sync.OnceFunc(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // killed
	})
	l.t.Cleanup(func() {
		if stop(); l.t.Failed() {
			l.t.Logf("%s said:\n%s", name, &log)
		}
	})
	return stop
}

func (l *lab) dnsmasq(args ...string) (stop func()) {
	need.Program(l.t, "dnsmasq", "dnsmasq-base")
	return l.serve("dnsmasq", append([]string{"--keep-in-foreground", "--conf-file=/dev/null", "--port=0", "--user=root", "--pid-file=",
		"--leasefile-ro", "--dhcp-authoritative", "--no-ping", "--log-facility=-", "--bind-dynamic"}, args...)...)
}

func (l *lab) udhcpd(lines ...string) (stop func()) {
	need.Program(l.t, "busybox", "busybox-static")
	dir := l.t.TempDir()
	conf := filepath.Join(dir, "udhcpd.conf")
	lines = append(lines, "lease_file "+dir+"/leases", "pidfile "+dir+"/pid")
	if err := os.WriteFile(conf, []byte(strings.Join(lines, "\n")+"\n"), 0o644); err != nil {
		l.t.Fatal(err)
	}
	return l.serve("busybox", "udhcpd", "-f", conf)
}

func TestDHCP(t *testing.T) {
	leased := func(name string, addresses ...string) zone.NIC {
		return with(nic(name, addresses...), func(n *zone.NIC) { n.DHCP, n.Primary = true, true })
	}
	mtu := func(l *lab, n string) {
		l.dnsmasq("--dhcp-range=10.9.0.50,10.9.0.50,255.255.255.0,1h", "--dhcp-option=option:router", "--dhcp-option=option:dns-server", "--dhcp-option=option:mtu,"+n)
	}
	for _, tt := range []struct {
		name  string
		serve func(*lab)
		nic   zone.NIC
		want  string
		files string // resolv.conf
		says  string // a warning
	}{{
		name: "address, gateway and name servers from dnsmasq",
		serve: func(l *lab) {
			l.dnsmasq("--dhcp-range=10.9.0.50,10.9.0.50,255.255.255.0,1h", "--dhcp-option=option:router,10.9.0.1",
				"--dhcp-option=option:dns-server,10.9.0.2,10.9.0.3", "--dhcp-option=option:domain-name,example.com")
		},
		nic:   leased("eth0"),
		want:  "nic eth0 10.9.0.50/24 mtu 1500\nroute default via 10.9.0.1 dev eth0\n",
		files: "nameserver 10.9.0.2\nnameserver 10.9.0.3\nsearch example.com\n",
	}, {
		name: "classless routes and an mtu",
		serve: func(l *lab) {
			l.dnsmasq("--dhcp-range=10.9.0.50,10.9.0.50,255.255.255.0,1h", "--dhcp-option=option:router", "--dhcp-option=option:dns-server", "--dhcp-option=option:mtu,1400",
				"--dhcp-option=option:classless-static-route,0.0.0.0/0,10.9.0.7,172.16.0.0/12,10.9.0.8,192.0.2.0/24,0.0.0.0")
		},
		nic:  leased("eth0"),
		want: "nic eth0 10.9.0.50/24 mtu 1400\nroute 172.16.0.0/12 via 10.9.0.8 dev eth0\nroute 192.0.2.0/24 on-link from 10.9.0.50 dev eth0\nroute default via 10.9.0.7 dev eth0\n",
	}, {
		name: "from busybox, beside a static address, and not the primary NIC",
		serve: func(l *lab) {
			l.udhcpd("start 10.9.0.60", "end 10.9.0.60", "interface eth0", "option subnet 255.255.255.0", "option router 10.9.0.1", "option lease 3600")
		},
		nic:  with(leased("eth0", "10.8.0.5/24"), func(n *zone.NIC) { n.Primary = false }),
		want: "nic eth0 10.8.0.5/24 10.9.0.60/24 mtu 1500\n",
	}, {
		name: "a gateway outside of the network, and the payload's own mtu",
		serve: func(l *lab) {
			l.udhcpd("start 10.9.0.60", "end 10.9.0.60", "interface eth0", "option subnet 255.255.255.255", "option router 10.9.0.1", "option mtu 1400", "option lease 3600")
		},
		nic:  with(leased("eth0"), func(n *zone.NIC) { n.MTU = 1300 }),
		want: "nic eth0 10.9.0.60/32 mtu 1300\nroute 10.9.0.1/32 on-link from 10.9.0.60 dev eth0\nroute default via 10.9.0.1 dev eth0\n",
	}, {
		name:  "S-32 an mtu that would take IPv6 away",
		serve: func(l *lab) { mtu(l, "600") },
		nic:   leased("eth0", "fd00::5/64"),
		want:  "nic eth0 10.9.0.50/24 fd00::5/64 mtu 1500\n",
		says:  "eth0: dhcp: mtu 600: too little for IPv6, which the NIC has; it stays at 1500",
	}, {
		name: "S-32 an mtu that the link refuses",
		serve: func(l *lab) {
			l.ip("link", "set", "eth0", "name", "cable")
			l.ip("link", "set", "cable", "up")
			l.ip("link", "add", "link", "cable", "name", "eth0", "type", "macvlan")
			mtu(l, "9000")
		},
		nic:  leased("eth0"),
		want: "nic cable mtu 1500\nnic eth0 10.9.0.50/24 mtu 1500\n",
		says: "eth0: dhcp: not taken from the lease: eth0: mtu 9000: ",
	}} {
		t.Run(tt.name, func(t *testing.T) {
			lab := newLab(t, "eth0")
			lab.atFarEnd(func() { lab.ip("addr", "add", "10.9.0.1/24", "dev", "eth0") })
			tt.serve(lab)
			var log bytes.Buffer
			s := lab.openLogging(&log)
			s.root = t.TempDir()
			// Twice: a boot that is begun anew finds what it had.
			for range 2 {
				if err := s.Configure(t.Context(), tt.nic); err != nil {
					t.Fatalf("%v\n%s", err, &log)
				}
			}
			if got := lab.state(); got != tt.want {
				t.Errorf("\n got\n%s\nwant\n%s\n%s", got, tt.want, &log)
			}
			if text, err := os.ReadFile(s.root + "/etc/resolv.conf"); string(text) != tt.files || (err != nil) != (tt.files == "") {
				t.Errorf("resolv.conf is %q, %v, want %q", text, err, tt.files)
			}
			if all := s.Chores(); len(all) != 1 || !strings.HasPrefix(all[0].Undone(), "eth0: dhcp: nobody renews the lease of 10.9.0.") {
				t.Errorf("nobody could keep the lease: %v", all)
			}
			if !strings.Contains(log.String(), tt.says) {
				t.Errorf("the log does not say %q:\n%s", tt.says, &log)
			}
		})
	}
}

// Two links are asked at once, and what nobody has waited for ends with the stack.
func TestLeasesAreAskedForTogether(t *testing.T) {
	lab := newLab(t, "eth0", "eth1", "eth2")
	for i, name := range []string{"eth0", "eth1"} {
		lab.atFarEnd(func() { lab.ip("addr", "add", fmt.Sprintf("10.%d.0.1/24", i), "dev", name) })
		lab.udhcpd(fmt.Sprintf("start 10.%d.0.60", i), fmt.Sprintf("end 10.%d.0.60", i), "interface "+name, "option subnet 255.255.255.0", "option lease 3600")
	}
	var log bytes.Buffer
	s := lab.openLogging(&log)
	s.root = t.TempDir()
	asks := func(name string) zone.NIC { return with(nic(name), func(n *zone.NIC) { n.DHCP = true }) }
	s.AskForLeases(zone.Network{NICs: []zone.NIC{asks("eth0"), asks("eth1"), asks("eth2"), asks("absent"), nic("lo")}})
	if n := len(s.asked); n != 3 {
		t.Errorf("%d links are asked, want 3", n)
	}
	for _, name := range []string{"eth1", "eth0"} {
		if err := s.Configure(t.Context(), asks(name)); err != nil {
			t.Fatalf("%v\n%s", err, &log)
		}
	}
	if got, want := lab.state(), "nic eth0 10.0.0.60/24 mtu 1500\nnic eth1 10.1.0.60/24 mtu 1500\nnic eth2 mtu 1500\n"; got != want {
		t.Errorf("\n got\n%s\nwant\n%s", got, want)
	}
	last := s.asked["eth2"]
	if err := s.Close(); err != nil || last == nil {
		t.Fatal(err, last)
	}
	select {
	case <-last.done:
	default:
		t.Error("eth2 is asked still")
	}
}

// Nobody answers: told with the NIC and the code, and what else the NIC has is there.
func TestDHCPWithoutAServer(t *testing.T) {
	lab := newLab(t, "eth0")
	s := lab.openLogging(&bytes.Buffer{})
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	err := s.Configure(ctx, with(nic("eth0", "10.0.0.5/24"), func(n *zone.NIC) { n.DHCP = true }))
	if exit.CodeOf(err) != exit.RaiseInterface || !strings.Contains(fmt.Sprint(err), "eth0: dhcp: ") {
		t.Error(err)
	}
	if got, want := lab.state(), "nic eth0 10.0.0.5/24 mtu 1500\n"; got != want {
		t.Errorf("\n got %s\nwant %s", got, want)
	}
}

func TestRoutesOfALease(t *testing.T) {
	own := netip.MustParsePrefix("10.0.0.9/24")
	for _, tt := range []struct{ name, dst, gateway, want string }{
		{"a gateway in the network", "0.0.0.0/0", "10.0.0.1", "[default via 10.0.0.1 dev e]"},
		{"a gateway outside of it", "0.0.0.0/0", "10.1.0.1", "[10.1.0.1/32 on-link from 10.0.0.9 dev e default via 10.1.0.1 dev e]"},
		{"no gateway", "10.2.0.0/16", "", "[10.2.0.0/16 on-link from 10.0.0.9 dev e]"},
	} {
		r := dhcp.Route{Dst: netip.MustParsePrefix(tt.dst)}
		if tt.gateway != "" {
			r.Gateway = netip.MustParseAddr(tt.gateway)
		}
		if got := fmt.Sprint(routesOf("e", own, r)); got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.name, got, tt.want)
		}
	}
}
