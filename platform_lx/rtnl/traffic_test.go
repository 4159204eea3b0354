//go:build linux

package rtnl

import (
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"dockerinit/platform_fake/need"
)

// Both families carry packets at once when a boot has configured them: through
// the default gateway, and through one on the link alone.
func TestAddressesCanBeUsedAtOnce(t *testing.T) {
	for _, tt := range []struct {
		name    string
		far     []string // addresses at the far end
		gateway []string
		listen  string
	}{
		{"IPv4 through a gateway", []string{"10.0.0.1/24", "192.0.2.1/32"}, []string{"10.0.0.1"}, "192.0.2.1"},
		{"IPv4 through a gateway outside of the prefix", []string{"198.51.100.254/32", "192.0.2.1/32"}, []string{"198.51.100.254"}, "192.0.2.1"},
		{"IPv6 on the link", []string{"fd00::1/64"}, nil, "fd00::1"},
		{"IPv6 through a gateway", []string{"fd00::1/64", "2001:db8::1/128"}, []string{"fd00::1"}, "2001:db8::1"},
		{"IPv6 through a link-local gateway", []string{"fe80::1/64", "fd00::1/64", "2001:db8::1/128"}, []string{"fe80::1"}, "2001:db8::1"},
		{"IPv6 through a gateway outside of the prefix", []string{"2001:db8:ffff::1/128", "2001:db8::1/128"}, []string{"2001:db8:ffff::1"}, "2001:db8::1"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			connect := func() (took time.Duration) {
				t.Helper()
				lab := newLab(t)
				lab.share("eth0")
				var server net.Listener
				lab.atFarEnd(func() {
					for _, a := range tt.far {
						args := []string{"addr", "add", a, "dev", "eth0"}
						if strings.Contains(a, ":") {
							args = append(args, "nodad")
						}
						lab.ip(args...)
					}
					lab.ip("route", "add", "10.0.0.5/32", "dev", "eth0")
					lab.ip("route", "add", "fd00::5/128", "dev", "eth0")
					var err error
					if server, err = net.Listen("tcp", net.JoinHostPort(tt.listen, "0")); err != nil {
						t.Fatal(err)
					}
				})
				defer server.Close()
				n := network(primary(nic("eth0", "10.0.0.5/24", "fd00::5/64"), tt.gateway...))
				if said := boot(t, lab.open(), n); said != "" {
					t.Fatal(said)
				}
				start := time.Now()
				client := lab.connect(server.Addr().(*net.TCPAddr).AddrPort())
				defer unix.Close(client)
				return time.Since(start)
			}
			// A busy machine may be slow once; what an address waits for takes a second each time.
			var took time.Duration
			for range 5 {
				if took = connect(); took < 500*time.Millisecond {
					return
				}
			}
			t.Errorf("the first connection took %s, as if an address could not be used at first", took)
		})
	}
}

// share connects the zone and the far end to one medium that is always up. The
// two ends of a cable are not: Linux takes up to a second to notice that the
// other end is up, and does not send before.
func (l *lab) share(name string) {
	l.t.Helper()
	l.atFarEnd(func() {
		l.ip("link", "add", "medium", "type", "veth", "peer", "name", "idle")
		l.ip("link", "set", "medium", "up")
		l.ip("link", "set", "idle", "up")
		for _, end := range []*os.File{l.far, l.zone} {
			err := exec.Command("ip", "link", "add", "link", "medium", "name", name,
				"netns", fmt.Sprintf("/proc/%d/fd/%d", os.Getpid(), end.Fd()), "type", "macvlan", "mode", "bridge").Run()
			need.That(l.t, err == nil, "a kernel with macvlan interfaces", "load the module macvlan")
		}
		l.ip("link", "set", name, "up")
	})
}

// connect makes a TCP connection from the calling thread's namespace.
func (l *lab) connect(to netip.AddrPort) (fd int) {
	l.t.Helper()
	var sa unix.Sockaddr = &unix.SockaddrInet6{Port: int(to.Port()), Addr: to.Addr().As16()}
	if a := to.Addr().Unmap(); a.Is4() {
		sa = &unix.SockaddrInet4{Port: int(to.Port()), Addr: a.As4()}
	}
	fd, err := unix.Socket(int(family(to.Addr().Unmap())), unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		l.t.Fatal(err)
	}
	if err := unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_SNDTIMEO, &unix.Timeval{Sec: 5}); err != nil {
		l.t.Fatal(err)
	}
	if err := unix.Connect(fd, sa); err != nil {
		l.t.Fatalf("connect to %s: %s\n%s", to, err, l.ip("-6", "addr"))
	}
	return fd
}

// Where IPv6 is turned off, loopback does without, which is said; an address that
// the host asked for is missing.
func TestIPv6IsTurnedOff(t *testing.T) {
	lab := newLab(t, "eth0")
	for _, name := range []string{"lo", "eth0"} {
		if err := (setting{"disable_ipv6", "1"}).write(name); err != nil {
			t.Fatal(err)
		}
	}
	var log strings.Builder
	s := lab.openLogging(&log)
	said := boot(t, s, network(nic("eth0", "10.0.0.5/24", "fd00::5/64")))
	if want := "eth0: 34 eth0: address fd00::5/64: permission denied\n"; said != want {
		t.Errorf("said\n got %s\nwant %s", said, want)
	}
	if want := ` WARN lo goes without ::1/128: this kernel has no IPv6`; !strings.Contains(log.String(), want) {
		t.Errorf("logged\n got %s\nwant %s", log.String(), want)
	}
	if got, want := lab.state(), "nic lo 127.0.0.1/8\nnic eth0 10.0.0.5/24 mtu 1500\n"; got != want {
		t.Errorf("\n got %s\nwant %s", got, want)
	}
}
