package lifreq

import (
	"strings"
	"testing"
)

// illumos: usr/src/uts/common/sys/sockio.h makes a number of the direction, the
// size of what is handed over (of struct lifreq it says 0x78), the letter i, and
// a number of its own.
func TestNumbers(t *testing.T) {
	const in, inOut = 0x80000000, 0xc0000000
	number := func(direction, n uint32) uint32 { return direction | 0x78<<16 | 'i'<<8 | n }
	for _, tt := range []struct {
		name      string
		got, want uint32
	}{
		{"SIOCLIFREMOVEIF", RemoveIf, number(in, 110)},
		{"SIOCLIFADDIF", AddIf, number(inOut, 111)},
		{"SIOCSLIFFLAGS", SetFlags, number(in, 116)},
		{"SIOCGLIFFLAGS", GetFlags, number(inOut, 117)},
		{"SIOCSLIFMTU", SetMTU, number(in, 121)},
		{"SIOCGLIFMTU", GetMTU, number(inOut, 122)},
		{"SIOCGLIFINDEX", GetIndex, number(inOut, 133)},
		{"IFF_UP", Up, 1},
		{"LIFNAMSIZ", NameSize, 32},
		{"struct lifreq", Size, 376},
		{"offset of lifr_type", typeAt, NameSize + 4},
		{"offset of lifr_lifru", unionAt, typeAt + 4},
	} {
		if tt.got != tt.want {
			t.Errorf("%s is %#x, want %#x", tt.name, tt.got, tt.want)
		}
	}
}

func TestRequest(t *testing.T) {
	r, err := New("net0")
	if err != nil {
		t.Fatal(err)
	}
	const flags = 0x0000_0020_0100_0843 // more than 32 bits
	r.PutFlags(flags)
	if string(r[:5]) != "net0\x00" || r[40] != 0x43 || r[44] != 0x20 || r.Flags() != flags || r.Name() != "net0" {
		t.Errorf("%x", r[:48])
	}
	r.PutFlags(0)
	r.PutUint32(1500)
	if r[40] != 0xdc || r[41] != 5 || r.Uint32() != 1500 {
		t.Errorf("%x", r[:48])
	}
}

func TestNames(t *testing.T) {
	for _, tt := range []struct {
		name string
		ok   bool
	}{
		{"net0", true}, {strings.Repeat("n", 31), true}, {strings.Repeat("n", 32), false}, {"", false}, {"net\x000", false},
	} {
		if _, err := New(tt.name); (err == nil) != tt.ok {
			t.Errorf("%q: %v", tt.name, err)
		}
	}
}
