//go:build linux

package dhcp

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/insomniacslk/dhcp/dhcpv4"

	"dockerinit/core/bootlog"
)

// A server is a conn whose other end is played by a function: what it gives for a
// message comes after a while.
type server struct {
	asked   []string
	begun   time.Time
	answers chan []byte
	play    func(s *server, m *dhcpv4.DHCPv4)
}

func (s *server) send(raw []byte) error {
	m, err := dhcpv4.FromBytes(raw)
	if err != nil {
		return err
	}
	s.asked = append(s.asked, fmt.Sprintf("%s at %v", m.MessageType(), time.Since(s.begun)))
	s.play(s, m)
	return nil
}

func (s *server) receive(until time.Time) ([]byte, error) {
	select {
	case a := <-s.answers:
		return a, nil
	case <-time.After(time.Until(until)):
		return nil, errLate
	}
}

func (s *server) reply(m *dhcpv4.DHCPv4, after time.Duration, mods ...dhcpv4.Modifier) {
	a, err := dhcpv4.NewReplyFromRequest(m, mods...)
	if err != nil {
		panic(err)
	}
	time.AfterFunc(after, func() { s.answers <- a.ToBytes() })
}

var (
	offer = dhcpv4.WithMessageType(dhcpv4.MessageTypeOffer)
	ack   = dhcpv4.WithMessageType(dhcpv4.MessageTypeAck)
	nak   = dhcpv4.WithMessageType(dhcpv4.MessageTypeNak)
	good  = dhcpv4.WithYourIP(net.IPv4(10, 0, 0, 9))
	bad   = dhcpv4.WithYourIP(net.IPv4(127, 0, 0, 1))
	whose = dhcpv4.WithServerIP(net.IPv4(10, 0, 0, 1))
)

// plays answers a question with one thing and a request with another.
func plays(after time.Duration, toDiscover, toRequest []dhcpv4.Modifier) func(*server, *dhcpv4.DHCPv4) {
	return func(s *server, m *dhcpv4.DHCPv4) {
		mods := toDiscover
		if m.MessageType() == dhcpv4.MessageTypeRequest {
			mods = toRequest
		}
		if mods != nil {
			s.reply(m, after, append(mods, whose)...)
		}
	}
}

func TestExchange(t *testing.T) {
	asks := 0
	for _, tt := range []struct {
		name string
		play func(*server, *dhcpv4.DHCPv4)
		want string
		at   string // the messages
	}{
		{"a server that answers at once", plays(0, []dhcpv4.Modifier{offer, good}, []dhcpv4.Modifier{ack, good}), "10.0.0.9/32 after 0s", "DISCOVER at 0s, REQUEST at 0s"},
		{"a slow one is not asked again before half a second", plays(400*time.Millisecond, []dhcpv4.Modifier{offer, good}, []dhcpv4.Modifier{ack, good}), "10.0.0.9/32 after 800ms", "DISCOVER at 0s, REQUEST at 400ms"},
		{"nobody", plays(0, nil, nil), "no server answered after 30s after 30s",
			"DISCOVER at 0s, DISCOVER at 500ms, DISCOVER at 1.5s, DISCOVER at 3.5s, DISCOVER at 7.5s, DISCOVER at 15.5s, DISCOVER at 23.5s"},
		{"the first question is lost", func(s *server, m *dhcpv4.DHCPv4) {
			if asks++; asks > 1 {
				plays(0, []dhcpv4.Modifier{offer, good}, []dhcpv4.Modifier{ack, good})(s, m)
			}
		}, "10.0.0.9/32 after 500ms", "DISCOVER at 0s, DISCOVER at 500ms, REQUEST at 500ms"},
		{"a server that always takes its offer back", plays(0, []dhcpv4.Modifier{offer, good}, []dhcpv4.Modifier{nak}), "the server took its offer back after 30s after 30s", ""},
		{"an address that is none", plays(0, []dhcpv4.Modifier{offer, bad}, nil), "the offer is of no use: the address 127.0.0.1 cannot be an interface's after 30s after 30s", ""},
		{"answers to others and garbage are passed over", func(s *server, m *dhcpv4.DHCPv4) {
			other := *m
			other.TransactionID[0]++
			s.reply(&other, 0, offer, bad)
			s.answers <- []byte("garbage")
			plays(time.Millisecond, []dhcpv4.Modifier{offer, good}, []dhcpv4.Modifier{ack, good})(s, m)
		}, "10.0.0.9/32 after 2ms", "DISCOVER at 0s, REQUEST at 1ms"},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := &server{begun: time.Now(), answers: make(chan []byte, 1000), play: tt.play}
			e := exchange{log: bootlog.NewLogger(), conn: s, link: Link{Name: "eth0"}, mac: hardware{1, 2, 3, 4, 5, 6}}
			l, err := e.lease(t.Context())
			got := l.Address.String()
			if err != nil {
				got = err.Error()
			}
			got += fmt.Sprintf(" after %v", time.Since(s.begun))
			at := strings.Join(s.asked, ", ")
			if got != tt.want || tt.at != "" && at != tt.at {
				t.Errorf("%s\n got %s: %s\nwant %s: %s", tt.name, got, at, tt.want, tt.at)
			}
			if n := len(s.asked); n > 30 {
				t.Errorf("%s: %d messages", tt.name, n)
			}
		})
	}
}

// A boot that is given up is not held by a server, and a wait is told while it lasts.
func TestExchangeIsGivenUpAndTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		s := &server{begun: time.Now(), answers: make(chan []byte, 10), play: plays(0, nil, nil)}
		ctx, cancel := context.WithTimeout(t.Context(), 4*time.Second)
		defer cancel()
		e := exchange{log: bootlog.NewLogger(bootlog.NewText(&log)), conn: s, link: Link{Name: "eth0"}, mac: hardware{1, 2, 3, 4, 5, 6}}
		if _, err := e.lease(ctx); err == nil || time.Since(s.begun) > 4*time.Second {
			t.Errorf("after %v: %v", time.Since(s.begun), err)
		}
		if n := strings.Count(log.String(), "eth0: dhcp: no answer to DISCOVER after "); n != 3 {
			t.Errorf("told %d times:\n%s", n, log.String())
		}
	})
}

// An acceptance says whose offer it is, and has its question's time. RFC 2131, 4.4.1
func TestAcceptance(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var said []string
		s := &server{begun: time.Now(), answers: make(chan []byte, 10), play: func(s *server, m *dhcpv4.DHCPv4) {
			said = append(said, fmt.Sprint(m.MessageType(), " after ", m.NumSeconds, " of ", m.RequestedIPAddress(), " from ", m.ServerIdentifier()))
			if time.Since(s.begun) > time.Second {
				by := dhcpv4.WithOption(dhcpv4.OptServerIdentifier(net.IPv4(10, 0, 0, 1)))
				plays(2*time.Second-time.Millisecond, []dhcpv4.Modifier{offer, good, by}, nil)(s, m)
			}
		}}
		ctx, cancel := context.WithTimeout(t.Context(), 6*time.Second)
		defer cancel()
		e := exchange{log: bootlog.NewLogger(), conn: s, link: Link{Name: "eth0"}, mac: hardware{1, 2, 3, 4, 5, 6}}
		_, _ = e.lease(ctx) // it is not acknowledged
		if got, want := fmt.Sprint(said[len(said)-2:]), "[REQUEST after 1 of 10.0.0.9 from 10.0.0.1 REQUEST after 1 of 10.0.0.9 from 10.0.0.1]"; got != want {
			t.Errorf("\n got %s\nwant %s", got, want)
		}
	})
}

// What makes no sense is told, and cannot fill the log.
func TestAnAnswerThatMakesNoSenseIsToldOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		s := &server{begun: time.Now(), answers: make(chan []byte, 10), play: func(s *server, m *dhcpv4.DHCPv4) {
			for range 3 {
				a, err := dhcpv4.NewReplyFromRequest(m, offer, good)
				if err != nil {
					t.Fatal(err)
				}
				s.answers <- append(a.ToBytes()[:atOptions], 15, 4, 'a', 'b')
			}
			plays(time.Millisecond, []dhcpv4.Modifier{offer, good}, []dhcpv4.Modifier{ack, good})(s, m)
		}}
		e := exchange{log: bootlog.NewLogger(bootlog.NewText(&log)), conn: s, link: Link{Name: "eth0"}, mac: hardware{1, 2, 3, 4, 5, 6}}
		if _, err := e.lease(t.Context()); err != nil {
			t.Error(err)
		}
		for _, what := range []string{"DISCOVER", "REQUEST"} {
			if n := strings.Count(log.String(), "eth0: dhcp: an answer to "+what+" is left out: option 15: 4 bytes, of which 2 are there"); n != 1 {
				t.Errorf("told %d times:\n%s", n, log.String())
			}
		}
	})
}

func TestExchangeOnALinkThatIsGone(t *testing.T) {
	gone := errors.New("network is down")
	e := exchange{log: bootlog.NewLogger(), conn: dead{gone}, link: Link{Name: "eth0"}, mac: hardware{1, 2, 3, 4, 5, 6}}
	if _, err := e.lease(t.Context()); !errors.Is(err, gone) {
		t.Error(err)
	}
}

type dead struct{ error }

func (d dead) send([]byte) error                 { return d.error }
func (d dead) receive(time.Time) ([]byte, error) { return nil, d.error }
