//go:build linux

package dhcp

import (
	"fmt"
	"net"
	"net/netip"
	"strings"
	"testing"

	"github.com/insomniacslk/dhcp/dhcpv4"
)

// acknowledged is what the library makes of an address and options, each a number and
// bytes, as it is sent.
func acknowledged(t testing.TB, ip string, options map[uint8][]byte) []byte {
	t.Helper()
	m, err := dhcpv4.New(dhcpv4.WithYourIP(net.ParseIP(ip)), dhcpv4.WithHwAddr(testMAC[:]), dhcpv4.WithTransactionID(dhcpv4.TransactionID{1, 2, 3, 4}), ack)
	if err != nil {
		t.Fatal(err)
	}
	m.OpCode = dhcpv4.OpcodeBootReply
	for code, value := range options {
		m.Options[code] = value
	}
	return m.ToBytes()
}

// received is what a client reads of it.
func received(t testing.TB, ip string, options map[uint8][]byte) answer {
	t.Helper()
	a, err := readAnswer(acknowledged(t, ip, options), testXID, testMAC)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func shown(l Lease, err error) string {
	if err != nil {
		return "error: " + err.Error()
	}
	words := []string{l.Address.String()}
	if l.Duration > 0 {
		words = append(words, "for "+l.Duration.String())
	}
	for _, r := range l.Routes {
		words = append(words, fmt.Sprintf("%s>%s", r.Dst, r.Gateway))
	}
	if l.MTU > 0 {
		words = append(words, fmt.Sprint("mtu ", l.MTU))
	}
	words = append(words, strings.ReplaceAll(strings.TrimSpace(l.ResolvConf()), "\n", ";"))
	return strings.TrimSpace(strings.Join(append(words, l.Warnings...), " | "))
}

func TestParse(t *testing.T) {
	mask := []byte{255, 255, 255, 0}
	for _, tt := range []struct {
		name    string
		ip      string
		options map[uint8][]byte
		want    string
	}{
		{"all that there is", "10.0.0.9", map[uint8][]byte{1: mask, 3: {10, 0, 0, 1}, 6: {10, 0, 0, 2, 10, 0, 0, 3}, 15: []byte("example.com"), 26: {5, 0xdc}, 51: {0, 0, 14, 16}, 54: {10, 0, 0, 1}},
			"10.0.0.9/24 | for 1h0m0s | 0.0.0.0/0>10.0.0.1 | mtu 1500 | nameserver 10.0.0.2;nameserver 10.0.0.3;search example.com"},
		{"no mask is an address alone", "10.0.0.9", nil, "10.0.0.9/32 |"},
		{"a lease for ever", "10.0.0.9", map[uint8][]byte{51: {255, 255, 255, 255}}, "10.0.0.9/32 |"},
		{"classless routes count in place of the routers", "10.0.0.9", map[uint8][]byte{1: mask, 3: {10, 0, 0, 1}, 121: {0, 10, 0, 0, 2, 8, 172, 0, 0, 0, 0, 32, 192, 0, 2, 1, 10, 0, 0, 3}},
			"10.0.0.9/24 | 0.0.0.0/0>10.0.0.2 | 172.0.0.0/8>invalid IP | 192.0.2.1/32>10.0.0.3 |"},
		{"S-32 no address", "0.0.0.0", nil, "error: the address 0.0.0.0 cannot be an interface's"},
		{"S-32 loopback", "127.0.0.1", nil, "error: the address 127.0.0.1 cannot be an interface's"},
		{"S-32 a group's address", "224.0.0.1", nil, "error: the address 224.0.0.1 cannot be an interface's"},
		{"S-32 a mask with a hole", "10.0.0.9", map[uint8][]byte{1: {255, 0, 255, 0}}, "error: the mask 255.0.255.0 is none"},
		{"S-32 no mask at all", "10.0.0.9", map[uint8][]byte{1: {0, 0, 0, 0}}, "error: the mask 0.0.0.0 is none"},
		{"the domains to search count in place of the domain", "10.0.0.9", map[uint8][]byte{15: []byte("example.com"), 119: []byte("\x01a\x07example\x00\x01b\xc0\x02")},
			"10.0.0.9/32 | search a.example b.example"},
		{"S-32 domains that end in the middle of one", "10.0.0.9", map[uint8][]byte{15: []byte("example.com"), 119: []byte("\x01a\x00\x07exam")},
			"10.0.0.9/32 | search a | the domains to search: it ends within a name"},
		{"S-32 a search list of nothing that is one", "10.0.0.9", map[uint8][]byte{15: []byte("example.com"), 119: []byte("\xc0\x00")},
			"10.0.0.9/32 | search example.com | the domains to search: a name that goes on in what does not stand before it"},
		{"S-32 a short mask", "10.0.0.9", map[uint8][]byte{1: {255, 255}}, "error: a mask of 2 bytes"},
		{"S-32 an mtu that IPv4 cannot have", "10.0.0.9", map[uint8][]byte{26: {0, 68}}, "10.0.0.9/32 |  | mtu 68: not from 576 to 65535"},
		{"S-32 lines in a domain", "10.0.0.9", map[uint8][]byte{15: []byte("a\nnameserver 6.6.6.6")}, `10.0.0.9/32 |  | domain "a\nnameserver 6.6.6.6": not a name; it is left out`},
		{"S-32 a command in a domain", "10.0.0.9", map[uint8][]byte{15: []byte("() { :; }; x")}, `10.0.0.9/32 | search x | domain "()": not a name; it is left out | domain "{": not a name; it is left out | domain ":;": not a name; it is left out | domain "};": not a name; it is left out`},
		{"S-32 a name server that is nobody", "10.0.0.9", map[uint8][]byte{6: {255, 255, 255, 255, 10, 0, 0, 2}}, "10.0.0.9/32 | nameserver 10.0.0.2 | name server 255.255.255.255: cannot be one; it is left out"},
		{"S-32 a gateway that is nobody", "10.0.0.9", map[uint8][]byte{3: {127, 0, 0, 1}}, "10.0.0.9/32 |  | gateway 127.0.0.1: cannot be one; the route to 0.0.0.0/0 is left out"},
		{"S-32 routes that end in the middle", "10.0.0.9", map[uint8][]byte{121: {24, 10, 0, 0, 10, 0}}, "10.0.0.9/32 |  | the classless routes end in the middle of one"},
		{"S-32 a route longer than an address", "10.0.0.9", map[uint8][]byte{121: {33, 1, 2, 3, 4, 5, 6, 7, 8, 9}}, "10.0.0.9/32 |  | the classless routes end in the middle of one"},
		{"S-32 a default route by another name", "10.0.0.9", map[uint8][]byte{121: {1, 0, 10, 0, 0, 1, 1, 128, 10, 0, 0, 1}}, "10.0.0.9/32 |  | route to 0.0.0.0/1: for more than any one network; it is left out | route to 128.0.0.0/1: for more than any one network; it is left out"},
		{"S-32 more servers than resolv.conf takes", "10.0.0.9", map[uint8][]byte{6: {1, 0, 0, 1, 1, 0, 0, 2, 1, 0, 0, 3, 1, 0, 0, 4}}, "10.0.0.9/32 | nameserver 1.0.0.1;nameserver 1.0.0.2;nameserver 1.0.0.3"},
	} {
		if got := shown(parse(received(t, tt.ip, tt.options))); got != tt.want {
			t.Errorf("%s\n got %s\nwant %s", tt.name, got, tt.want)
		}
	}
}

func TestParseCapsRoutes(t *testing.T) {
	var raw []byte
	for i := range 200 {
		raw = append(raw, 24, 10, byte(i), 0, 10, 0, 0, 1)
	}
	// It is longer than one option has room for.
	l, err := parse(received(t, "10.0.0.9", map[uint8][]byte{121: raw}))
	if err != nil || len(l.Routes) != mostRoutes || len(l.Warnings) != 1 || l.Warnings[0] != "136 routes more than 64: they are left out" {
		t.Errorf("%d routes, %v, %v", len(l.Routes), l.Warnings, err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(acknowledged(f, "10.0.0.9", map[uint8][]byte{1: {255, 255, 255, 0}, 15: []byte("a.b"), 119: {1, 'a', 0}, 121: {0, 10, 0, 0, 2}}))
	f.Fuzz(func(t *testing.T, raw []byte) {
		a, err := readAnswer(raw, testXID, testMAC)
		if err != nil {
			return
		}
		l, err := parse(a)
		if err != nil {
			return
		}
		if !l.Address.IsValid() || len(l.Routes) > mostRoutes {
			t.Errorf("%+v", l)
		}
		for line := range strings.Lines(l.ResolvConf()) {
			if !strings.HasPrefix(line, "nameserver ") && !strings.HasPrefix(line, "search ") || len(line) > 2048 {
				t.Errorf("resolv.conf has %q", line)
			}
		}
	})
}

func TestDatagram(t *testing.T) {
	p := datagram(netip.Addr{}, []byte("odd"))
	if len(p) != 31 || checksum(0, p[:20]) != 0 {
		t.Errorf("the header's checksum is wrong: % x", p)
	}
	if _, ok := payload(p); ok {
		t.Error("a client's datagram is taken for a server's")
	}
	p[20], p[21], p[22], p[23] = 0, 67, 0, 68
	if body, ok := payload(p); !ok || string(body) != "odd" {
		t.Errorf("%q, %v", body, ok)
	}
	for n := range len(p) {
		if _, ok := payload(p[:n]); ok {
			t.Errorf("%d bytes of it are taken for a whole one", n)
		}
	}
}

func FuzzPayload(f *testing.F) {
	f.Add(datagram(netip.Addr{}, []byte("x")))
	f.Fuzz(func(t *testing.T, p []byte) {
		if body, ok := payload(p); ok && len(body) > len(p)-ipHeader-udpHeader {
			t.Errorf("%d bytes out of %d", len(body), len(p))
		}
	})
}
