package dhcp

import (
	"encoding/hex"
	"net/netip"
	"strings"
	"testing"
)

var (
	testXID = uint32(0x01020304)
	testMAC = hardware{0x90, 0xb8, 0xd0, 0, 0, 5}
)

// fromHex is bytes that are written as hexadecimal digits, with spaces where they help.
func fromHex(t testing.TB, text string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(text, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// The bytes as a server reads them. RFC 2131, 2: the fields up to the MAC, 16 bytes
// for that, 64 and 128 that a client leaves empty, the cookie and the options.
func TestRequests(t *testing.T) {
	const (
		mac        = "90b8d0000005 00000000000000000000"
		parameters = "3707 01 79 03 06 0f 77 1a"
		client     = "3d07 01 90b8d0000005"
	)
	ip := netip.MustParseAddr
	for _, tt := range []struct {
		name    string
		r       request
		fields  string
		options string
		size    int
	}{
		{"a question to all",
			request{kind: kindDiscover, xid: 0x01020304, mac: testMAC},
			"01 01 06 00 01020304 0000 0000 00000000 00000000 00000000 00000000" + mac,
			"350101" + parameters + client + "ff", 300},
		{"one after a while, with a name",
			request{kind: kindDiscover, xid: 0xfffefdfc, seconds: 258, mac: testMAC, hostname: "web0"},
			"01 01 06 00 fffefdfc 0102 0000 00000000 00000000 00000000 00000000" + mac,
			"0c0477656230 350101" + parameters + client + "ff", 300},
		{"the acceptance of an offer names it, and its server",
			request{kind: kindRequest, xid: 0x01020304, seconds: 3, mac: testMAC, offered: ip("10.0.0.9"), server: ip("10.0.0.1")},
			"01 01 06 00 01020304 0003 0000 00000000 00000000 00000000 00000000" + mac,
			"32040a000009 350103 36040a000001" + parameters + client + "ff", 300},
		{"what is in use is kept in the field, and in no option",
			request{kind: kindRequest, xid: 0x01020304, mac: testMAC, hostname: "web0", own: ip("10.0.0.9")},
			"01 01 06 00 01020304 0000 0000 0a000009 00000000 00000000 00000000" + mac,
			"0c0477656230 350103" + parameters + client + "ff", 300},
		{"a long name is in two parts",
			request{kind: kindDiscover, xid: 0x01020304, mac: testMAC, hostname: strings.Repeat("a", 257)},
			"01 01 06 00 01020304 0000 0000 00000000 00000000 00000000 00000000" + mac,
			"0cff" + strings.Repeat("61", 255) + "0c026161 350101" + parameters + client + "ff", 240 + 257 + 4 + 22},
	} {
		t.Run(tt.name, func(t *testing.T) {
			want := make([]byte, tt.size)
			copy(want, fromHex(t, tt.fields))
			copy(want[236:], fromHex(t, "63825363"+tt.options))
			if got := tt.r.bytes(); string(got) != string(want) {
				t.Errorf("\n got %x\nwant %x", got, want)
			}
		})
	}
}

func TestHardware(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{"90:b8:d0:00:00:05", "90:b8:d0:00:00:05"},
		{"90:B8:D0:00:00:FF", "90:b8:d0:00:00:ff"},
		{"", `"": not an Ethernet address`},
		{"90:b8:d0:00:00:5", `"90:b8:d0:00:00:5": not an Ethernet address`},
		{"90-b8-d0-00-00-05", `"90-b8-d0-00-00-05": not an Ethernet address`},
		{"90:b8:d0:00:00:0x", `"90:b8:d0:00:00:0x": not an Ethernet address`},
		{"90:b8:d0:00:00:+5", `"90:b8:d0:00:00:+5": not an Ethernet address`},
		{"90:b8:d0:00:00:05:06:07", `"90:b8:d0:00:00:05:06:07": not an Ethernet address`},
	} {
		mac, err := parseHardware(tt.text)
		got := mac.String()
		if err != nil {
			got = err.Error()
		}
		if got != tt.want {
			t.Errorf("got %s, want %s", got, tt.want)
		}
	}
}
