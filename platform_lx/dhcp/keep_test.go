//go:build linux

package dhcp

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/insomniacslk/dhcp/dhcpv4"

	"dockerinit/core/bootlog"
)

// A kept lease is one whose server is played, and all that is asked, changed and
// told, each with its time.
type kept struct {
	server
	said  strings.Builder
	lines int
	to    netip.Addr
}

func (k *kept) line(format string, args ...any) {
	k.lines++
	fmt.Fprintf(&k.said, "%v ", time.Since(k.begun))
	fmt.Fprintf(&k.said, format+"\n", args...)
}

func (k *kept) send(raw []byte) error {
	m, err := dhcpv4.FromBytes(raw)
	if err != nil {
		return err
	}
	whom := "all"
	if k.to.IsValid() {
		whom = k.to.String()
	}
	text := fmt.Sprintf("%s to %s", m.MessageType(), whom)
	if !m.ClientIPAddr.IsUnspecified() {
		text += " for " + m.ClientIPAddr.String()
	}
	if m.HostName() != "web0" || m.MessageType() == dhcpv4.MessageTypeRequest && !m.ClientIPAddr.IsUnspecified() && (m.ServerIdentifier() != nil || m.RequestedIPAddress() != nil) {
		text += fmt.Sprintf(", which is wrong: %s", m.Summary())
	}
	k.line("%s", text)
	k.play(&k.server, m)
	return nil
}

// Handler: what is told is a line too.
func (k *kept) Enabled(bootlog.Level) bool { return true }
func (k *kept) Handle(l bootlog.Line) error {
	if !strings.Contains(l.What, "no answer to DISCOVER") {
		k.line("%s %s", l.Level, strings.TrimPrefix(l.What, "eth0: dhcp: "))
	}
	return nil
}

func name(l Lease) string {
	if !l.Address.IsValid() {
		return "nothing"
	}
	return fmt.Sprint(l.Address, l.Routes)
}

// keep does what is due until then, and returns all that has happened.
func keep(t *testing.T, lease Lease, play func(k *kept, m *dhcpv4.DHCPv4), until time.Duration) (said string) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		k := &kept{}
		k.begun, k.answers = time.Now(), make(chan []byte, 1000)
		k.play = func(_ *server, m *dhcpv4.DHCPv4) { play(k, m) }
		lease.Since = time.Now()
		keeper, err := NewKeeper(bootlog.NewLogger(k), Link{Name: "eth0", MAC: "01:02:03:04:05:06", Hostname: "web0"}, lease,
			func(was, is Lease) error { k.line("change %s to %s", name(was), name(is)); return nil })
		if err != nil {
			t.Fatal(err)
		}
		keeper.open = func(from, to netip.Addr) (conn, func(), error) {
			if k.to = to; from != keeper.lease.Address.Addr() {
				return nil, nil, fmt.Errorf("from %s", from)
			}
			return k, func() { k.to = netip.Addr{} }, nil
		}
		for begun := time.Now(); !keeper.Due().IsZero() && keeper.Due().Before(begun.Add(until)); {
			time.Sleep(time.Until(keeper.Due()))
			keeper.Do(t.Context())
			if k.lines > 100 {
				t.Fatalf("too much:\n%s", &k.said)
			}
		}
		said = k.said.String()
	})
	return said
}

func TestKeeper(t *testing.T) {
	const hour = "\x00\x00\x0e\x10"
	lease := Lease{Address: netip.MustParsePrefix("10.0.0.9/32"), Server: netip.MustParseAddr("10.0.0.1"),
		Duration: time.Hour, Renew: 30 * time.Minute, Rebind: 52*time.Minute + 30*time.Second}
	option := func(code uint8, value string) dhcpv4.Modifier {
		return dhcpv4.WithOption(dhcpv4.OptGeneric(dhcpv4.GenericOptionCode(code), []byte(value)))
	}
	lasts := option(51, hour)
	by := dhcpv4.WithOption(dhcpv4.OptServerIdentifier(net.IPv4(10, 0, 0, 1)))
	other := dhcpv4.WithYourIP(net.IPv4(10, 0, 0, 77))
	// answers plays a server that does so from then on.
	answers := func(from time.Duration, toDiscover, toRequest []dhcpv4.Modifier) func(*kept, *dhcpv4.DHCPv4) {
		return func(k *kept, m *dhcpv4.DHCPv4) {
			if time.Since(k.begun) >= from {
				plays(time.Millisecond, append([]dhcpv4.Modifier{by, lasts}, toDiscover...), append([]dhcpv4.Modifier{by, lasts}, toRequest...))(&k.server, m)
			}
		}
	}
	never := func(*kept, *dhcpv4.DHCPv4) {}
	for _, tt := range []struct {
		behaviour string
		change    func(*Lease)
		play      func(*kept, *dhcpv4.DHCPv4)
		until     time.Duration
		want      string
	}{
		{"its server is asked for more after half of the time, and nothing is changed or told", nil, answers(0, nil, []dhcpv4.Modifier{ack, good}), 2 * time.Hour,
			"30m0s REQUEST to 10.0.0.1 for 10.0.0.9\n1h0m0s REQUEST to 10.0.0.1 for 10.0.0.9\n1h30m0s REQUEST to 10.0.0.1 for 10.0.0.9\n"},
		{"a server's own times are kept", func(l *Lease) { l.Renew, l.Rebind = time.Minute, 2*time.Minute }, answers(0, nil, []dhcpv4.Modifier{ack, good, option(58, "\x00\x00\x00\x05"), option(59, "\x00\x00\x00\x09")}), 66 * time.Second,
			"1m0s REQUEST to 10.0.0.1 for 10.0.0.9\n1m5s REQUEST to 10.0.0.1 for 10.0.0.9\n"},
		{"where it does not answer it is asked again, then any, and an answer is told", nil, answers(55*time.Minute, nil, []dhcpv4.Modifier{ack, good}), 80 * time.Minute, `
30m0s REQUEST to 10.0.0.1 for 10.0.0.9
30m5s WARN the lease of 10.0.0.9/32 is not renewed by 10.0.0.1: nothing came in time; it ends at 2000-01-01T01:00:00Z
41m17.5s REQUEST to 10.0.0.1 for 10.0.0.9
41m22.5s WARN the lease of 10.0.0.9/32 is not renewed by 10.0.0.1: nothing came in time; it ends at 2000-01-01T01:00:00Z
46m56.25s REQUEST to 10.0.0.1 for 10.0.0.9
47m1.25s WARN the lease of 10.0.0.9/32 is not renewed by 10.0.0.1: nothing came in time; it ends at 2000-01-01T01:00:00Z
49m45.625s REQUEST to 10.0.0.1 for 10.0.0.9
49m50.625s WARN the lease of 10.0.0.9/32 is not renewed by 10.0.0.1: nothing came in time; it ends at 2000-01-01T01:00:00Z
51m10.3125s REQUEST to 10.0.0.1 for 10.0.0.9
51m15.3125s WARN the lease of 10.0.0.9/32 is not renewed by 10.0.0.1: nothing came in time; it ends at 2000-01-01T01:00:00Z
52m15.3125s REQUEST to 10.0.0.1 for 10.0.0.9
52m20.3125s WARN the lease of 10.0.0.9/32 is not renewed by 10.0.0.1: nothing came in time; it ends at 2000-01-01T01:00:00Z
52m30s REQUEST to all for 10.0.0.9
52m35s WARN the lease of 10.0.0.9/32 is not renewed by any server: nothing came in time; it ends at 2000-01-01T01:00:00Z
56m17.5s REQUEST to all for 10.0.0.9
56m17.501s INFO 10.0.0.1 renews the lease of 10.0.0.9/32 until 2000-01-01T01:56:17Z
`},
		{"when it is over the address is given up, and a server is looked for", func(l *Lease) { l.Duration, l.Renew, l.Rebind = 4*time.Minute, 2*time.Minute, 3*time.Minute }, answers(7*time.Minute, []dhcpv4.Modifier{offer, other}, []dhcpv4.Modifier{ack, other}), 10 * time.Minute, `
2m0s REQUEST to 10.0.0.1 for 10.0.0.9
2m5s WARN the lease of 10.0.0.9/32 is not renewed by 10.0.0.1: nothing came in time; it ends at 2000-01-01T00:04:00Z
3m0s REQUEST to all for 10.0.0.9
3m5s WARN the lease of 10.0.0.9/32 is not renewed by any server: nothing came in time; it ends at 2000-01-01T00:04:00Z
4m0s ERROR the lease of 10.0.0.9/32 is over and nobody has renewed it: it is given up
4m0s change 10.0.0.9/32 [] to nothing
4m0s DISCOVER to all
4m0.5s DISCOVER to all
4m1.5s DISCOVER to all
4m3.5s DISCOVER to all
4m7.5s DISCOVER to all
4m15.5s DISCOVER to all
4m23.5s DISCOVER to all
4m30s ERROR there is no address: no server answered after 30s; asked again in 1m0s
5m30s DISCOVER to all
5m30.5s DISCOVER to all
5m31.5s DISCOVER to all
5m33.5s DISCOVER to all
5m37.5s DISCOVER to all
5m45.5s DISCOVER to all
5m53.5s DISCOVER to all
6m0s ERROR there is no address: no server answered after 30s; asked again in 2m0s
8m0s DISCOVER to all
8m0.001s REQUEST to all
8m0.002s WARN the address is 10.0.0.77/32 from now on, from 10.0.0.1
8m0.002s change nothing to 10.0.0.77/32 []
`},
		{"what a server takes back is given up at once", nil, func(k *kept, m *dhcpv4.DHCPv4) {
			request := ack
			if !m.ClientIPAddr.IsUnspecified() {
				request = nak
			}
			answers(0, []dhcpv4.Modifier{offer, other}, []dhcpv4.Modifier{request, other})(k, m)
		}, 30*time.Minute + time.Second, `
30m0s REQUEST to 10.0.0.1 for 10.0.0.9
30m0.001s ERROR a server wants 10.0.0.9/32 back: it is given up
30m0.001s change 10.0.0.9/32 [] to nothing
30m0.001s DISCOVER to all
30m0.002s REQUEST to all
30m0.003s WARN the address is 10.0.0.77/32 from now on, from 10.0.0.1
30m0.003s change nothing to 10.0.0.77/32 []
`},
		{"what has changed is changed, the address too", nil, answers(0, nil, []dhcpv4.Modifier{ack, other, option(3, "\x0a\x00\x00\x01")}), 40 * time.Minute,
			"30m0s REQUEST to 10.0.0.1 for 10.0.0.9\n30m0.001s WARN the address is 10.0.0.77/32 from now on, from 10.0.0.1\n30m0.001s change 10.0.0.9/32 [] to 10.0.0.77/32 [{0.0.0.0/0 10.0.0.1}]\n"},
		{"an answer that makes no sense is none", func(l *Lease) { l.Rebind = 31 * time.Minute }, answers(0, nil, []dhcpv4.Modifier{ack, bad}), 31 * time.Minute,
			"30m0s REQUEST to 10.0.0.1 for 10.0.0.9\n30m0.001s WARN the lease of 10.0.0.9/32 is not renewed by 10.0.0.1: the address 127.0.0.1 cannot be an interface's; it ends at 2000-01-01T01:00:00Z\n"},
		{"a lease of no time is not asked for in a storm", nil, answers(0, nil, []dhcpv4.Modifier{ack, good, option(51, "\x00\x00\x00\x00")}), 30*time.Minute + 4*time.Second,
			"30m0s REQUEST to 10.0.0.1 for 10.0.0.9\n30m2s REQUEST to 10.0.0.1 for 10.0.0.9\n"},
		{"one that is for ever is not", func(l *Lease) { l.Duration = 0 }, never, time.Hour, "none"},
	} {
		t.Run(tt.behaviour, func(t *testing.T) {
			l := lease
			if tt.change != nil {
				tt.change(&l)
			}
			got := keep(t, l, tt.play, tt.until)
			if got = strings.TrimSpace(got); got != strings.Replace(strings.TrimSpace(tt.want), "none", "", 1) {
				t.Errorf("\n got\n%s\nwant\n%s", got, tt.want)
			}
		})
	}
}

// A link that is gone is told, and asked again.
func TestKeeperOfALinkThatIsGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gone := errors.New("no such device")
		l := Lease{Address: netip.MustParsePrefix("10.0.0.9/24"), Since: time.Now(), Duration: time.Hour, Renew: 30 * time.Minute, Rebind: 50 * time.Minute}
		k, err := NewKeeper(bootlog.NewLogger(), Link{MAC: "01:02:03:04:05:06"}, l, func(_, _ Lease) error { return gone })
		if err != nil {
			t.Fatal(err)
		}
		k.open = func(_, _ netip.Addr) (conn, func(), error) { return nil, nil, gone }
		asked := 0
		for begun := time.Now(); time.Since(begun) < 3*time.Hour; asked++ {
			time.Sleep(time.Until(k.Due()))
			k.Do(t.Context())
		}
		if asked < 10 || asked > 60 {
			t.Errorf("asked %d times", asked)
		}
	})
}

// Another run of the program goes on with a keeper as it was.
func TestKeeperGoesOnInAnotherRun(t *testing.T) {
	now := time.Now()
	words := []byte("eth0\x00words")
	lease := Lease{
		Address: netip.MustParsePrefix("10.0.0.9/24"), Server: netip.MustParseAddr("10.0.0.1"), Since: now.Add(-time.Minute),
		Duration: time.Hour, Renew: 30 * time.Minute, Rebind: 50 * time.Minute, MTU: 1400, Search: []string{"a.example", "b.example"},
		Routes: []Route{{netip.MustParsePrefix("0.0.0.0/0"), netip.MustParseAddr("10.0.0.1")}, {netip.MustParsePrefix("10.1.0.0/16"), netip.Addr{}}},
		DNS:    []netip.Addr{netip.MustParseAddr("10.0.0.2")},
	}
	for behaviour, change := range map[string]func(*Keeper){
		"a lease":                      func(*Keeper) {},
		"one without an answer":        func(k *Keeper) { k.missed = true },
		"none, and a server is sought": func(k *Keeper) { k.lease, k.again = Lease{}, time.Minute },
		"nothing to do":                func(k *Keeper) { k.due = time.Time{} },
	} {
		k, err := NewKeeper(bootlog.NewLogger(), Link{7, "eth0", "01:02:03:04:05:06", "web0"}, lease, nil)
		if err != nil {
			t.Fatal(err)
		}
		change(k)
		state := k.State(now, words)
		later := now.Add(time.Hour) // its clock began anew
		heard := ""
		again, err := ResumeKeeper(k.log, state, later, func(words []byte) (func(was, is Lease) error, error) {
			heard = string(words)
			return nil, nil
		})
		if err != nil || heard != string(words) {
			t.Fatalf("%s: %q, %v", behaviour, heard, err)
		}
		want := *k
		if want.lease.Address.IsValid() {
			want.lease.Since = want.lease.Since.Add(time.Hour)
		}
		if !want.due.IsZero() {
			want.due = want.due.Add(time.Hour)
		}
		if got, want := fmt.Sprintf("%v %v %v %v %v %v", again.link, again.mac, again.lease, again.due, again.again, again.missed),
			fmt.Sprintf("%v %v %v %v %v %v", want.link, want.mac, want.lease, want.due, want.again, want.missed); got != want {
			t.Errorf("%s\n got %s\nwant %s", behaviour, got, want)
		}
		for n := range len(state) {
			if _, err := ResumeKeeper(k.log, state[:n], later, func([]byte) (func(was, is Lease) error, error) { return nil, nil }); err == nil {
				t.Errorf("%s: %d of %d bytes are enough", behaviour, n, len(state))
			}
		}
	}
}
