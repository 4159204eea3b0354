//go:build linux

package rtnl

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"dockerinit/core/bootlog"
	"dockerinit/core/supervise"
	"dockerinit/core/zone"
)

// A leasing is a zone whose eth0 has a lease that is short.
type leasing struct {
	*lab
	log   bytes.Buffer
	chore supervise.Chore
}

func (l *leasing) begin(t *testing.T, hostname string) {
	t.Helper()
	s := l.openLogging(&l.log)
	s.log = bootlog.NewLogger(bootlog.NewText(&l.log))
	s.root, s.hostname = t.TempDir(), hostname
	if err := s.Configure(t.Context(), with(nic("eth0"), func(n *zone.NIC) { n.DHCP, n.Primary = true, true })); err != nil {
		t.Fatalf("%v\n%s", err, &l.log)
	}
	chores := s.Chores()
	if err := s.Close(); err != nil || len(chores) != 1 {
		t.Fatalf("%v, %v\n%s", chores, err, &l.log)
	}
	l.chore = chores[0]
}

// do does what is due, as often as that.
func (l *leasing) do(ctx context.Context, times int) {
	l.t.Helper()
	for range times {
		due := l.chore.Due()
		if wait := time.Until(due); due.IsZero() || wait > 30*time.Second {
			l.t.Fatalf("it is due only in %v\n%s", wait, &l.log)
		}
		time.Sleep(time.Until(due))
		l.chore.Do(ctx)
	}
}

func (l *leasing) expect(what, want string, says ...string) {
	l.t.Helper()
	if got := l.state(); got != want {
		l.t.Errorf("%s\n got\n%s\nwant\n%s\n%s", what, got, want, &l.log)
	}
	for _, text := range says {
		if !strings.Contains(l.log.String(), text) {
			l.t.Errorf("%s: the log does not say %q:\n%s", what, text, &l.log)
		}
	}
}

func leaseOf(address, gateway string) string {
	return fmt.Sprintf("nic eth0 %s/24 mtu 1500\nroute default via %s dev eth0\n", address, gateway)
}

// A server of busybox's gives leases of four seconds: one is renewed, and ends.
func TestALeaseIsKept(t *testing.T) {
	t.Parallel()
	l := &leasing{lab: newLab(t, "eth0")}
	l.atFarEnd(func() { l.ip("addr", "add", "10.9.0.1/24", "dev", "eth0") })
	stop := l.udhcpd("start 10.9.0.60", "end 10.9.0.60", "interface eth0", "option subnet 255.255.255.0", "option router 10.9.0.1", "option lease 4")
	l.begin(t, "")
	begun := l.log.Len()
	l.do(t.Context(), 3)
	l.expect("renewed", leaseOf("10.9.0.60", "10.9.0.1"))
	if said := l.log.String()[begun:]; said != "" {
		t.Errorf("what goes well is told:\n%s", said)
	}

	stop()
	ctx, cancel := context.WithTimeout(t.Context(), 6*time.Second)
	defer cancel()
	l.do(ctx, 3)
	l.expect("over", "nic eth0 mtu 1500\n", "the lease of 10.9.0.60/24 is not renewed by 10.9.0.1: ", "is not renewed by any server: ",
		"the lease of 10.9.0.60/24 is over and nobody has renewed it: it is given up", "there is no address: ")
}

// dnsmasq has an address for who is called so. A second one, at another address,
// knows of the lease; a third one wants it back.
func TestALeaseIsKeptByWhoeverThereIs(t *testing.T) {
	t.Parallel()
	l := &leasing{lab: newLab(t, "eth0")}
	server := func(own, gives string) (stop func()) {
		l.atFarEnd(func() {
			l.ip("addr", "flush", "dev", "eth0")
			l.ip("addr", "add", own+"/24", "dev", "eth0")
		})
		return l.dnsmasq("--dhcp-range=10.9.0.50,10.9.0.99,255.255.255.0,2m", "--dhcp-option=58,2s", "--dhcp-option=59,4s", "--dhcp-host=web0,"+gives,
			"--dhcp-option=option:dns-server", "--dhcp-option=option:router,"+own)
	}
	stop := server("10.9.0.1", "10.9.0.99")
	l.begin(t, "web0")
	l.expect("begun", leaseOf("10.9.0.99", "10.9.0.1"))
	l.do(t.Context(), 1)
	stop()
	stop = server("10.9.0.2", "10.9.0.99")
	l.do(t.Context(), 2)
	l.expect("asked of all", leaseOf("10.9.0.99", "10.9.0.2"), "the lease of 10.9.0.99/24 is not renewed by 10.9.0.1: ", "what belongs to the lease of 10.9.0.99/24 has changed, from 10.9.0.2")
	stop()
	server("10.9.0.2", "10.9.0.88")
	l.do(t.Context(), 1)
	l.expect("taken back", leaseOf("10.9.0.88", "10.9.0.2"), "a server wants 10.9.0.99/24 back: it is given up", "the address is 10.9.0.88/24 from now on, from 10.9.0.2")
	l.do(t.Context(), 1)
	l.expect("renewed", leaseOf("10.9.0.88", "10.9.0.2"))
}
