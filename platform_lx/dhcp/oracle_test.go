//go:build linux

package dhcp

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/insomniacslk/dhcp/dhcpv4"
	"github.com/insomniacslk/dhcp/rfc1035label"
)

// What a client sends and reads is here beside a library for everybody's messages,
// which is in no program of the zone: it would be a thirtieth of dockerinit.

// asTheLibrary is the library's message for a request.
func asTheLibrary(t testing.TB, r request) []byte {
	t.Helper()
	with := []dhcpv4.Modifier{
		dhcpv4.WithMessageType(dhcpv4.MessageType(r.kind)), dhcpv4.WithHwAddr(r.mac[:]),
		dhcpv4.WithTransactionID(dhcpv4.TransactionID(binary.BigEndian.AppendUint32(nil, r.xid))),
		dhcpv4.WithOption(dhcpv4.OptClientIdentifier(append([]byte{1}, r.mac[:]...))),
		dhcpv4.WithRequestedOptions(dhcpv4.OptionSubnetMask, dhcpv4.OptionClasslessStaticRoute, dhcpv4.OptionRouter,
			dhcpv4.OptionDomainNameServer, dhcpv4.OptionDomainName, dhcpv4.OptionDNSDomainSearchList, dhcpv4.OptionInterfaceMTU),
	}
	if r.hostname != "" {
		with = append(with, dhcpv4.WithOption(dhcpv4.OptHostName(r.hostname)))
	}
	if r.own.IsValid() {
		with = append(with, dhcpv4.WithClientIP(r.own.AsSlice()))
	}
	if r.offered.IsValid() {
		with = append(with, dhcpv4.WithOption(dhcpv4.OptRequestedIPAddress(r.offered.AsSlice())))
	}
	if r.server.IsValid() {
		with = append(with, dhcpv4.WithOption(dhcpv4.OptServerIdentifier(r.server.AsSlice())))
	}
	m, err := dhcpv4.New(with...)
	if err != nil {
		t.Fatal(err)
	}
	m.NumSeconds = r.seconds
	return m.ToBytes()
}

func FuzzRequest(f *testing.F) {
	f.Add(true, testXID, uint16(0), testMAC[:], "", uint32(0), uint32(0), uint32(0))
	f.Add(false, testXID, uint16(3), testMAC[:], "web0", uint32(0), uint32(0x0a000009), uint32(0x0a000001))
	f.Add(false, testXID, uint16(65535), testMAC[:], strings.Repeat("a", 600), uint32(0x0a000009), uint32(0), uint32(0))
	f.Fuzz(func(t *testing.T, discover bool, xid uint32, seconds uint16, mac []byte, hostname string, own, offered, server uint32) {
		address := func(n uint32) (a netip.Addr) {
			if n != 0 {
				a = netip.AddrFrom4([4]byte(binary.BigEndian.AppendUint32(nil, n)))
			}
			return a
		}
		r := request{kind: kindRequest, xid: xid, seconds: seconds, hostname: hostname[:min(len(hostname), 1000)],
			own: address(own), offered: address(offered), server: address(server)}
		if discover {
			r.kind = kindDiscover
		}
		copy(r.mac[:], mac)
		if got, want := r.bytes(), asTheLibrary(t, r); !bytes.Equal(got, want) {
			t.Errorf("%+v\n got %x\nwant %x", r, got, want)
		}
	})
}

// believed is what is to be believed of a message, by the library's reading of it: the
// answer as text, or why it is none.
func believed(raw []byte) (text string, ok bool) {
	m, err := dhcpv4.FromBytes(raw)
	if err != nil {
		return err.Error(), false
	}
	if m.OpCode != dhcpv4.OpcodeBootReply || binary.BigEndian.Uint32(m.TransactionID[:]) != testXID ||
		!bytes.Equal(m.ClientHWAddr, testMAC[:]) {
		return "another's: " + m.Summary(), false
	}
	all := m.Options
	if where, there := all[optionOverload]; there {
		if len(where) != 1 || where[0] < 1 || where[0] > 3 {
			return fmt.Sprintf("overload % x", where), false
		}
		// The library reads no more than the one field. Its own reading of a whole message
		// insists on an end, and so this is one for each of the others.
		for _, field := range [][]byte{1: raw[108:236], 2: raw[44:108]} {
			if field == nil || len(field) == 128 && where[0] == 2 || len(field) == 64 && where[0] == 1 {
				continue
			}
			other, err := dhcpv4.FromBytes(slices.Concat(make([]byte, 236), cookie[:], field))
			if err != nil {
				return err.Error(), false
			}
			for code, value := range other.Options {
				all[code] = slices.Concat(all[code], value)
			}
			if len(all[optionOverload]) != 1 {
				return "overload in overload", false
			}
		}
	}
	switch m.MessageType() {
	case dhcpv4.MessageTypeOffer, dhcpv4.MessageTypeAck, dhcpv4.MessageTypeNak:
	default:
		return m.MessageType().String(), false
	}
	a := answer{kind: kind(m.MessageType()), options: make(options)}
	a.yours, _ = netip.AddrFromSlice(m.YourIPAddr.To4())
	for code, value := range all {
		a.options[code] = value
	}
	return a.String(), true
}

// beside is an error unless both read the same.
func beside(t *testing.T, raw []byte) {
	t.Helper()
	want, ok := believed(raw)
	a, err := readAnswer(raw, testXID, testMAC)
	switch {
	case ok != (err == nil):
		t.Errorf("%x:\n we say %v\n the library %s", raw, err, want)
	case ok && a.String() != want:
		t.Errorf("%x:\n got %s\nwant %s", raw, a, want)
	}
}

func FuzzAnswer(f *testing.F) {
	f.Add(message(f, "350102 0104ffffff00 36040a000001 330400000e10 ff"))
	f.Add(message(f, "350105 340103 0f0161 ff", odd{atSname, "0f0163 ff"}, odd{atFile, "0f0162 ff"}))
	f.Add(message(f, "350105 340101 ff", odd{atFile, "340102 ff"}))
	f.Add(message(f, "350106 79ff"+strings.Repeat("aa", 255)+"7901bb00 ff"))
	f.Add(message(f, "350105 0f046162 ff"))
	f.Add(acknowledged(f, "10.0.0.9", map[uint8][]byte{3: {10, 0, 0, 1}, 121: bytes.Repeat([]byte{1}, 700)}))
	f.Fuzz(beside)
}

// As many messages each time that the tests run, of which most are nearly good.
func TestAnswersBesideTheLibrary(t *testing.T) {
	random := rand.New(rand.NewPCG(rand.Uint64(), 0))
	codes := []byte{0, 1, 3, 6, 15, 26, 51, 52, 52, 53, 53, 54, 58, 59, 119, 121, 255, 255}
	field := func(size int) (b []byte) {
		for len(b) < size {
			code := codes[random.IntN(len(codes))]
			b = append(b, code)
			if code == optionPad || code == optionEnd {
				continue
			}
			value := make([]byte, []int{0, 1, 1, 1, 4, 4, 8, 60, 255}[random.IntN(9)])
			for i := range value {
				value[i] = byte(random.IntN(7))
			}
			b = append(append(b, byte(len(value))), value...)
		}
		return b[:size]
	}
	read := 0
	for range 20000 {
		raw := message(t, "")
		copy(raw[atFile:atCookie], field(128))
		copy(raw[atSname:atFile], field(64))
		raw = append(append(raw, optionKind, 1, byte(2+random.IntN(5))), field(random.IntN(100))...)
		if random.IntN(4) > 0 {
			raw = append(raw, optionEnd)
		}
		if random.IntN(8) == 0 {
			raw[random.IntN(atOptions)] ^= 1 << random.IntN(8)
		}
		if _, err := readAnswer(raw, testXID, testMAC); err == nil {
			read++
		}
		beside(t, raw)
	}
	if read < 1000 {
		t.Errorf("%d of 20000 are answers, which is hardly a test of them", read)
	}
}

// Lists without pointers, which the library follows where nobody must.
func TestNamesBesideTheLibrary(t *testing.T) {
	random := rand.New(rand.NewPCG(rand.Uint64(), 0))
	for range 5000 {
		list := rfc1035label.NewLabels()
		for range random.IntN(5) {
			var labels []string
			for range 1 + random.IntN(5) {
				labels = append(labels, strings.Repeat("x", 1+random.IntN(40)))
			}
			list.Labels = append(list.Labels, strings.Join(labels, "."))
		}
		if got, err := readNames(list.ToBytes()); err != nil || !slices.Equal(got, list.Labels) {
			t.Errorf("got %q, %v, want %q", got, err, list.Labels)
		}
	}
}

// The lease as the library reads it, of messages that it writes.
func TestLeasesBesideTheLibrary(t *testing.T) {
	random := rand.New(rand.NewPCG(rand.Uint64(), 0))
	ip := func() net.IP { return net.IPv4(10, byte(random.IntN(256)), byte(random.IntN(256)), 1) }
	for range 2000 {
		var routes dhcpv4.Routes
		for range random.IntN(40) {
			mask := net.CIDRMask(8+random.IntN(25), 32)
			routes = append(routes, &dhcpv4.Route{Dest: &net.IPNet{IP: ip().Mask(mask), Mask: mask}, Router: ip()})
		}
		raw := acknowledged(t, ip().String(), map[uint8][]byte{
			1: net.CIDRMask(1+random.IntN(32), 32), 51: {0, 0, byte(random.IntN(256)), 200}, 121: routes.ToBytes(),
			6: dhcpv4.OptDNS(ip(), ip()).Value.ToBytes(), 15: []byte("example.com"), 54: ip().To4(),
		})
		m, err := dhcpv4.FromBytes(raw)
		if err != nil {
			t.Fatal(err)
		}
		a, err := readAnswer(raw, testXID, testMAC)
		if err != nil {
			t.Fatal(err)
		}
		l, err := parse(a)
		if err != nil {
			t.Fatal(err)
		}
		ones, _ := m.SubnetMask().Size()
		want := fmt.Sprintf("%s/%d from %s for %s", m.YourIPAddr, ones, m.ServerIdentifier(), m.IPAddressLeaseTime(0))
		for _, r := range m.ClasslessStaticRoute() {
			want += fmt.Sprintf(" %s>%s", r.Dest, r.Router)
		}
		want += fmt.Sprint(m.DNS(), m.DomainName())
		got := fmt.Sprintf("%s from %s for %s", l.Address, l.Server, l.Duration)
		for _, r := range l.Routes {
			got += fmt.Sprintf(" %s>%s", r.Dst, r.Gateway)
		}
		got += fmt.Sprint(l.DNS, strings.Join(l.Search, " "))
		if got != want || len(l.Warnings) > 0 {
			t.Errorf("%x\n got %s %q\nwant %s", raw, got, l.Warnings, want)
		}
	}
}
