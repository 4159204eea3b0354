package zone

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

func showNICs(z *Zone) string {
	var lines []string
	for _, nic := range z.Network.NICs {
		line := nic.String()
		if nic.MAC != "" {
			line += " mac " + nic.MAC
		}
		if nic.Primary {
			line += " primary"
		}
		for _, g := range nic.Gateways {
			line += " gateway " + g.String()
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

func showRoutes(z *Zone) string {
	var lines []string
	for _, r := range z.Network.Ordered() {
		lines = append(lines, r.String())
	}
	return strings.Join(lines, "\n")
}

func TestNICs(t *testing.T) {
	decodeRows(t, "sdc:nics", showNICs, []row{
		{"none", `[]`, ""},
		{"no address is fine", `[{"interface":"eth0"}]`, "eth0"},
		{"ips of both versions", `[{"interface":"eth0","ips":["10.0.0.5/24","fd00::5/64"]}]`, "eth0 10.0.0.5/24 fd00::5/64"},
		{"dhcp and addrconf", `[{"interface":"eth0","ips":["dhcp","addrconf"]}]`, "eth0 dhcp addrconf"},
		{"old ip and netmask", `[{"interface":"eth0","ip":"10.0.0.5","netmask":"255.255.254.0"}]`, "eth0 10.0.0.5/23"},
		{"old ip dhcp needs no netmask", `[{"interface":"eth0","ip":"dhcp"}]`, "eth0 dhcp"},
		{"old gateway", `[{"interface":"eth0","primary":true,"gateway":"10.0.0.1"}]`, "eth0 primary gateway 10.0.0.1"},
		{"gateways of both versions", `[{"interface":"eth0","primary":true,"gateways":["10.0.0.1","fd00::1"]}]`, "eth0 primary gateway 10.0.0.1 gateway fd00::1"},
		{"gateway outside of the prefix is fine", `[{"interface":"eth0","primary":true,"ips":["10.0.0.5/32"],"gateways":["192.0.2.1"]}]`, "eth0 10.0.0.5/32 primary gateway 192.0.2.1"},
		{"25 addresses", `[{"interface":"eth0","ips":["10.0.0.1/24"` + func() (s string) {
			for i := 2; i <= 25; i++ {
				s += fmt.Sprintf(`,"10.0.0.%d/24"`, i)
			}
			return s
		}() + `]}]`, "eth0" + func() (s string) {
			for i := 1; i <= 25; i++ {
				s += fmt.Sprintf(" 10.0.0.%d/24", i)
			}
			return s
		}()},
		{"sorted by number", `[{"interface":"eth10"},{"interface":"eth2"},{"interface":"eth0"}]`, "eth0\neth2\neth10"},
		{"mtu with exponent", `[{"interface":"eth0","mtu":1.5e3}]`, "eth0 mtu 1500"},
		{"mac without leading zeros", `[{"interface":"eth0","mac":"2:8:20:AA:b:c"}]`, "eth0 mac 02:08:20:aa:0b:0c"},
		{"host's other fields are not judged", `[{"interface":"eth0","vlan_id":null,"allowed_ips":[5],"new":{"a":[]}}]`, "eth0"},
		{"link-local address on two NICs", `[{"interface":"eth0","ips":["fe80::1/64"]},{"interface":"eth1","ips":["fe80::1/64"]}]`, "eth0 fe80::1/64\neth1 fe80::1/64"},

		{"ips win over ip", `[{"interface":"eth0","ips":["10.0.0.5/24"],"ip":"10.0.0.6","netmask":"255.255.255.0"}]`,
			`eth0 10.0.0.5/24
			warning: sdc:nics: NIC 1 (eth0): ip "10.0.0.6": not among ips; ips counts`},
		{"ips win over netmask", `[{"interface":"eth0","ips":["10.0.0.5/24"],"ip":"10.0.0.5","netmask":"255.255.0.0"}]`,
			`eth0 10.0.0.5/24
			warning: sdc:nics: NIC 1 (eth0): netmask "255.255.0.0": ips says /24; ips counts`},
		{"gateways win over gateway", `[{"interface":"eth0","primary":true,"gateways":["10.0.0.1"],"gateway":"10.0.0.2"}]`,
			`eth0 primary gateway 10.0.0.1
			warning: sdc:nics: NIC 1 (eth0): gateway "10.0.0.2": not among gateways; gateways counts`},
		{"empty ips are as good as none", `[{"interface":"eth0","ips":[],"ip":"10.0.0.5","netmask":"255.0.0.0"}]`, "eth0 10.0.0.5/8"},
		{"text for a boolean", `[{"interface":"eth0","primary":"true"}]`, "eth0 primary"},
		{"address twice on a NIC", `[{"interface":"eth0","ips":["10.0.0.5/24","10.0.0.5/24"]}]`,
			`eth0 10.0.0.5/24
			warning: sdc:nics: NIC 1 (eth0): ips element 2 "10.0.0.5/24": for the second time; it is set once`},
		{"network's own address", `[{"interface":"eth0","ips":["10.0.0.0/24"]}]`,
			`eth0 10.0.0.0/24
			warning: sdc:nics: NIC 1 (eth0): ips element 1 "10.0.0.0/24": the address of the network itself`},
		{"point to point has none", `[{"interface":"eth0","ips":["10.0.0.0/31"]}]`, "eth0 10.0.0.0/31"},
		{"prefix of everything", `[{"interface":"eth0","ips":["10.0.0.5/0"]}]`,
			`eth0 10.0.0.5/0
			warning: sdc:nics: NIC 1 (eth0): ips element 1 "10.0.0.5/0": every other address is on this link then`},
		{"loopback address", `[{"interface":"eth0","ips":["127.0.0.2/8"]}]`,
			`eth0 127.0.0.2/8
			warning: sdc:nics: NIC 1 (eth0): ips element 1 "127.0.0.2/8": a loopback address`},
		{"two primary NICs", `[{"interface":"eth1","primary":true},{"interface":"eth0","primary":true}]`,
			`eth0 primary
			eth1 primary
			warning: sdc:nics: 2 NICs are primary (eth0, eth1); default routes go through each`},
		{"gateway of no primary NIC", `[{"interface":"eth0","gateways":["10.0.0.1"]}]`,
			`eth0 gateway 10.0.0.1
			warning: sdc:nics: NIC 1 (eth0): its gateway is not used, because no NIC is primary`},
		{"same MAC twice", `[{"interface":"eth0","mac":"2:8:20:a:b:c"},{"interface":"eth1","mac":"02:08:20:0a:0b:0c"}]`,
			`eth0 mac 02:08:20:0a:0b:0c
			eth1 mac 02:08:20:0a:0b:0c
			warning: sdc:nics: NIC 2 (eth1): mac "02:08:20:0a:0b:0c": NIC 1 has it too`},
		{"group MAC", `[{"interface":"eth0","mac":"01:00:5e:00:00:01"}]`,
			`eth0 mac 01:00:5e:00:00:01
			warning: sdc:nics: NIC 1 (eth0): mac "01:00:5e:00:00:01": a group address, which no single interface has`},
		{"zero MAC", `[{"interface":"eth0","mac":"0:0:0:0:0:0"}]`,
			`eth0 mac 00:00:00:00:00:00
			warning: sdc:nics: NIC 1 (eth0): mac "0:0:0:0:0:0": no interface has this address`},
		{"MTU that the host does not offer", `[{"interface":"eth0","mtu":9001}]`,
			`eth0 mtu 9001
			warning: sdc:nics: NIC 1 (eth0): mtu "9001": 576 to 9000 is expected; the link may refuse it`},
		{"least and most MTU of any link", `[{"interface":"eth0","mtu":68},{"interface":"eth1","mtu":65535},{"interface":"eth2","mtu":576},{"interface":"eth3","mtu":9000}]`,
			`eth0 mtu 68
			eth1 mtu 65535
			eth2 mtu 576
			eth3 mtu 9000
			warning: sdc:nics: NIC 1 (eth0): mtu "68": 576 to 9000 is expected; the link may refuse it
			warning: sdc:nics: NIC 2 (eth1): mtu "65535": 576 to 9000 is expected; the link may refuse it`},
		{"MTU too little for IPv6", `[{"interface":"eth0","mtu":1000,"ips":["fd00::1/64"]}]`,
			`eth0 fd00::1/64 mtu 1000
			warning: sdc:nics: NIC 1 (eth0): mtu: 1000 is too little for IPv6, which needs 1280`},

		{"no IP address", `[{"interface":"eth0"},{"interface":"eth1","ip":"10.0.0.300","netmask":"255.255.255.0"}]`,
			`eth0
			eth1
			64 sdc:nics: NIC 2 (eth1): ip "10.0.0.300": not an IP address`},
		{"no prefix length", `[{"interface":"eth0","ips":["10.0.0.5","fd00::5"]}]`,
			`eth0
			64 sdc:nics: NIC 1 (eth0): ips element 1 "10.0.0.5": no prefix length; "10.0.0.5/24" perhaps
			64 sdc:nics: NIC 1 (eth0): ips element 2 "fd00::5": no prefix length; "fd00::5/64" perhaps`},
		{"N8 prefix length is strict", `[{"interface":"eth0","ips":["10.0.0.5/24x","10.0.0.6/","10.0.0.7/33","10.0.0.8/+8","10.0.0.9/08","fd00::1/129","10.0.0.1/-1"]}]`,
			`eth0
			64 sdc:nics: NIC 1 (eth0): ips element 1 "10.0.0.5/24x": prefix length "24x" is not a number from 0 to 32
			64 sdc:nics: NIC 1 (eth0): ips element 2 "10.0.0.6/": prefix length "" is not a number from 0 to 32
			64 sdc:nics: NIC 1 (eth0): ips element 3 "10.0.0.7/33": prefix length "33" is not a number from 0 to 32
			64 sdc:nics: NIC 1 (eth0): ips element 4 "10.0.0.8/+8": prefix length "+8" is not a number from 0 to 32
			64 sdc:nics: NIC 1 (eth0): ips element 5 "10.0.0.9/08": prefix length "08" is not a number from 0 to 32
			64 sdc:nics: NIC 1 (eth0): ips element 6 "fd00::1/129": prefix length "129" is not a number from 0 to 128
			64 sdc:nics: NIC 1 (eth0): ips element 7 "10.0.0.1/-1": prefix length "-1" is not a number from 0 to 32`},
		{"addresses that no machine has", `[{"interface":"eth0","ips":["0.0.0.0/0","::/64","224.0.0.1/4","ff02::1/64","255.255.255.255/32","::ffff:10.0.0.5/120","010.0.0.1/8","fe80::1%eth0/64"]}]`,
			`eth0
			64 sdc:nics: NIC 1 (eth0): ips element 1 "0.0.0.0/0": no machine has this address
			64 sdc:nics: NIC 1 (eth0): ips element 2 "::/64": no machine has this address
			64 sdc:nics: NIC 1 (eth0): ips element 3 "224.0.0.1/4": a multicast address, which no machine has for itself
			64 sdc:nics: NIC 1 (eth0): ips element 4 "ff02::1/64": a multicast address, which no machine has for itself
			64 sdc:nics: NIC 1 (eth0): ips element 5 "255.255.255.255/32": the broadcast address, which no machine has for itself
			64 sdc:nics: NIC 1 (eth0): ips element 6 "::ffff:10.0.0.5/120": an IPv4 address is written 10.0.0.5
			64 sdc:nics: NIC 1 (eth0): ips element 7 "010.0.0.1/8": not an IP address
			64 sdc:nics: NIC 1 (eth0): ips element 8 "fe80::1%eth0/64": not an IP address`},
		{"a gateway that is none is left out", `[{"interface":"eth0","primary":true,"gateways":["10.0.0.1/24","x","0.0.0.0","10.0.0.1"]},{"interface":"eth1","gateway":"x"}]`,
			`eth0 primary gateway 10.0.0.1
			eth1
			warning: sdc:nics: NIC 1 (eth0): gateways element 1 "10.0.0.1/24": an address without prefix length is expected; left out
			warning: sdc:nics: NIC 1 (eth0): gateways element 2 "x": not an IP address; left out
			warning: sdc:nics: NIC 1 (eth0): gateways element 3 "0.0.0.0": no machine has this address; left out
			warning: sdc:nics: NIC 2 (eth1): gateway "x": not an IP address; left out`},
		{"ip without netmask", `[{"interface":"eth0","ip":"10.0.0.5"}]`,
			`eth0
			64 sdc:nics: NIC 1 (eth0): netmask: missing; an ip needs one, and ips would need none`},
		{"netmask with holes", `[{"interface":"eth0","ip":"10.0.0.5","netmask":"255.0.255.0"},{"interface":"eth1","ip":"10.0.1.5","netmask":"0.0.0.0"},{"interface":"eth2","ip":"10.0.2.5","netmask":"24"}]`,
			`eth0
			eth1
			eth2
			64 sdc:nics: NIC 1 (eth0): netmask "255.0.255.0": not a netmask as 255.255.255.0
			64 sdc:nics: NIC 2 (eth1): netmask "0.0.0.0": not a netmask as 255.255.255.0
			64 sdc:nics: NIC 3 (eth2): netmask "24": not a netmask as 255.255.255.0`},
		{"IPv6 in the old field", `[{"interface":"eth0","ip":"fd00::5","netmask":"64"}]`,
			`eth0
			64 sdc:nics: NIC 1 (eth0): ip "fd00::5": an IPv6 address stands in ips, with its prefix length`},
		{"N10 same interface twice", `[{"interface":"eth0"},{"interface":"eth0"}]`,
			`eth0
			eth0
			64 sdc:nics: NIC 2 (eth0): interface "eth0": NIC 1 has it too`},
		{"same address on two NICs", `[{"interface":"eth0","ips":["10.0.0.5/24"]},{"interface":"eth1","ips":["10.0.0.5/16"]}]`,
			`eth0 10.0.0.5/24
			eth1 10.0.0.5/16
			64 sdc:nics: NIC 2 (eth1): ips "10.0.0.5": NIC 1 has it too`},
		{"an IPv4 address of a link is not every link's", `[{"interface":"eth0","ips":["169.254.1.1/16"]},{"interface":"eth1","ips":["169.254.1.1/16"]}]`,
			`eth0 169.254.1.1/16
			eth1 169.254.1.1/16
			64 sdc:nics: NIC 2 (eth1): ips "169.254.1.1": NIC 1 has it too`},
		{"N14 names that no kernel takes", `[{"interface":"eth45678901234567890123456789012"},{"interface":"lo"},{"interface":"0eth"},{"interface":"eth/0"},{"interface":"eth"},{"interface":""}]`,
			strings.Join([]string{``,
				`0eth`, `eth`, `eth45678901234567890123456789012`, `eth/0`, `lo`,
				`64 sdc:nics: NIC 1 (eth45678901234567890123456789012): interface "eth45678901234567890123456789012": longer than the 31 bytes that a name may have`,
				`64 sdc:nics: NIC 2 (lo): interface "lo": the name of the loopback interface`,
				`64 sdc:nics: NIC 3 (0eth): interface "0eth": a name begins with a letter`,
				`64 sdc:nics: NIC 4 (eth/0): interface "eth/0": letters, digits, _ . and - are expected`,
				`64 sdc:nics: NIC 5 (eth): interface "eth": a name ends in a number, as net0 does`,
				`64 sdc:nics: NIC 6: interface: a name begins with a letter`}, "\n")},
		{"a name that Linux programs see cut is native all the same", `[{"interface":"eth456789012345"},{"interface":"eth4567890123456"}]`,
			`eth456789012345
			eth4567890123456
			warning: sdc:nics: NIC 2 (eth4567890123456): interface "eth4567890123456": Linux programs have room for 15 bytes`},
		{"no name", `[{"mac":"2:8:20:a:b:c"}]`,
			` mac 02:08:20:0a:0b:0c
			64 sdc:nics: NIC 1: interface: missing`},
		{"a MAC that is none is not used: the link has its own", `[{"interface":"eth0","mac":"02:08:20:0a:0b"},{"interface":"eth1","mac":"02-08-20-0a-0b-0c"},{"interface":"eth2","mac":"02:08:20:0a:0b:0g"},{"interface":"eth3","mac":"02:08:20:0a::0c"}]`,
			`eth0
			eth1
			eth2
			eth3
			warning: sdc:nics: NIC 1 (eth0): mac "02:08:20:0a:0b": not a MAC address as 90:b8:d0:0a:bb:cc
			warning: sdc:nics: NIC 2 (eth1): mac "02-08-20-0a-0b-0c": not a MAC address as 90:b8:d0:0a:bb:cc
			warning: sdc:nics: NIC 3 (eth2): mac "02:08:20:0a:0b:0g": not a MAC address as 90:b8:d0:0a:bb:cc
			warning: sdc:nics: NIC 4 (eth3): mac "02:08:20:0a::0c": not a MAC address as 90:b8:d0:0a:bb:cc`},
		{"MTUs that no kernel takes", `[{"interface":"eth0","mtu":67},{"interface":"eth1","mtu":65536},{"interface":"eth2","mtu":1500.5},{"interface":"eth3","mtu":1e999},{"interface":"eth4","mtu":"1500"}]`,
			`eth0
			eth1
			eth2
			eth3
			eth4
			64 sdc:nics: NIC 1 (eth0): mtu "67": no link has such an MTU; 576 to 9000 is expected
			64 sdc:nics: NIC 2 (eth1): mtu "65536": no link has such an MTU; 576 to 9000 is expected
			64 sdc:nics: NIC 3 (eth2): mtu "1500.5": not a whole number
			64 sdc:nics: NIC 4 (eth3): mtu "1e999": out of range
			20 sdc:nics: NIC 5 (eth4): mtu: text where a number is expected`},
		{"J5 wrong types", `[null,"eth0",{"interface":5},{"interface":"eth1","ips":"10.0.0.5/24"},{"interface":"eth2","ips":[null,5,["x"]]},{"interface":"eth3","primary":1},{"interface":"eth4","gateways":{}}]`,
			strings.Join([]string{``, `eth1`, `eth2`, `eth3`, `eth4`,
				`20 sdc:nics: NIC 1: null where an object is expected`,
				`20 sdc:nics: NIC 2: text where an object is expected`,
				`20 sdc:nics: NIC 3: interface: a number where text is expected`,
				`20 sdc:nics: NIC 4 (eth1): ips: text where an array is expected`,
				`20 sdc:nics: NIC 5 (eth2): ips element 1: null where text is expected`,
				`20 sdc:nics: NIC 5 (eth2): ips element 2: a number where text is expected`,
				`20 sdc:nics: NIC 5 (eth2): ips element 3: an array where text is expected`,
				`20 sdc:nics: NIC 6 (eth3): primary: a number where a boolean is expected`,
				`20 sdc:nics: NIC 7 (eth4): gateways: an object where an array is expected`}, "\n")},
		{"wrong case of a known name", `[{"Interface":"eth0","interface":"eth0","IPs":["10.0.0.5/24"]}]`,
			`eth0
			20 sdc:nics: NIC 1: Interface: unknown; it is written "interface"
			20 sdc:nics: NIC 1: IPs: unknown; it is written "ips"`},
		{"object for an array", `{"interface":"eth0"}`,
			`20 sdc:nics: an object; expected is JSON array of objects with interface, ips, gateways, primary, mtu …`},
		{"text after the end", `[] x`,
			`20 sdc:nics: text after the end of the value at byte 4; expected is JSON array of objects with interface, ips, gateways, primary, mtu …`},
	})
	decodeRowsIn(t, map[string]string{"sdc:brand": "joyent-minimal"}, "sdc:nics", showNICs, []row{
		{"native names may be longer", `[{"interface":"net4567890123456789012345678901"}]`, "net4567890123456789012345678901"},
		{"but not for ever", `[{"interface":"net45678901234567890123456789012"}]`,
			`net45678901234567890123456789012
			64 sdc:nics: NIC 1 (net45678901234567890123456789012): interface "net45678901234567890123456789012": longer than the 31 bytes that a name may have`},
	})
}

// S-17: looking for an address among the others must not take minutes.
func TestS17AMillionAddressesAreAMistake(t *testing.T) {
	for _, field := range []string{"ips", "gateways"} {
		values := least()
		values["sdc:nics"] = `[{"interface":"eth0","primary":true,"` + field + `":["dhcp"` + strings.Repeat(`,"dhcp"`, 1_000_000) + `]}]`
		z, err := Decode(Init, values)
		all := told(z, err)
		if field == "ips" && !strings.Contains(all, "64 sdc:nics: NIC 1 (eth0): ips element 1025: more than 1024 addresses") ||
			field == "gateways" && (!strings.Contains(all, "64 sdc:nics: NIC 1 (eth0): gateways element 1025: more than 1024 gateways") ||
				!strings.Contains(all, "warning: sdc:nics: and 1004 more")) {
			t.Errorf("%s: %.2000s", field, all)
		}
	}
}

func TestOrderOfNICsHasNoMeaning(t *testing.T) {
	nics := []string{
		`{"interface":"eth0","ips":["10.0.0.5/24"],"primary":true,"gateways":["10.0.0.1"]}`,
		`{"interface":"eth1","ips":["10.1.0.5/24","fd01::5/64"],"gateways":["10.1.0.1"]}`,
		`{"interface":"eth2","ips":["dhcp"]}`,
		`{"interface":"eth10","ips":["10.0.0.6/24"],"primary":true,"gateways":["192.0.2.1","fd00::1"]}`,
	}
	want := ""
	for range 50 {
		values := least()
		values["sdc:nics"] = "[" + strings.Join(nics, ",") + "]"
		values["sdc:routes"] = `[{"dst":"10.9.0.0/16","gateway":"10.1.0.9","linklocal":false},{"dst":"10.8.0.1","gateway":"10.0.0.6","linklocal":true}]`
		z, err := Decode(Init, values)
		got := showNICs(z) + "\n" + showRoutes(z) + "\n" + told(z, err)
		if want == "" {
			want = got
		}
		if got != want {
			t.Fatalf("%s\n got %s\nwant %s", values["sdc:nics"], got, want)
		}
		rand.Shuffle(len(nics), func(i, j int) { nics[i], nics[j] = nics[j], nics[i] })
	}
}

func TestRoutes(t *testing.T) {
	decodeRowsIn(t, map[string]string{
		"sdc:nics": `[{"interface":"eth0","ips":["10.0.0.5/24","fd00::5/64"],"primary":true,"gateways":["10.0.0.1","fd00::1"]},
			{"interface":"eth1","ips":["10.1.0.5/16"]},{"interface":"eth2","ips":["10.1.9.5/24"]},{"interface":"eth3","ips":["10.2.0.1/24"]},{"interface":"eth4","ips":["10.2.0.2/24"]},
			{"interface":"eth5","ips":["10.5.0.1/24"]},{"interface":"eth6","ips":["10.5.1.1/16"]}]`,
	}, "sdc:routes", showRoutes, []row{
		{"none but the gateways", `[]`, "default via 10.0.0.1 dev eth0\ndefault6 via fd00::1 dev eth0"},
		{"on-link, then default, then others", `[{"dst":"10.3.0.0/16","gateway":"10.1.0.9","linklocal":false},{"dst":"10.4.0.0/16","gateway":"10.1.0.5","linklocal":true}]`,
			`10.4.0.0/16 on-link from 10.1.0.5 dev eth1
			default via 10.0.0.1 dev eth0
			default6 via fd00::1 dev eth0
			10.3.0.0/16 via 10.1.0.9 dev eth1`},
		{"N7 no prefix length is a host route", `[{"dst":"10.3.0.1","gateway":"10.0.0.9"},{"dst":"fd01::1","gateway":"fd00::9"}]`,
			`default via 10.0.0.1 dev eth0
			default6 via fd00::1 dev eth0
			10.3.0.1/32 via 10.0.0.9 dev eth0
			fd01::1/128 via fd00::9 dev eth0`},
		{"longest prefix says the NIC", `[{"dst":"10.3.0.0/16","gateway":"10.1.9.9"}]`,
			`default via 10.0.0.1 dev eth0
			default6 via fd00::1 dev eth0
			10.3.0.0/16 via 10.1.9.9 dev eth2`},
		{"longest prefix first", `[{"dst":"10.3.0.0/16","gateway":"10.5.0.9"}]`,
			`default via 10.0.0.1 dev eth0
			default6 via fd00::1 dev eth0
			10.3.0.0/16 via 10.5.0.9 dev eth5`},
		{"the kernel chooses between two as good", `[{"dst":"10.3.0.0/16","gateway":"10.2.0.9"}]`,
			`default via 10.0.0.1 dev eth0
			default6 via fd00::1 dev eth0
			10.3.0.0/16 via 10.2.0.9`},
		{"gateway on no link", `[{"dst":"10.3.0.0/16","gateway":"192.0.2.9"}]`,
			`default via 10.0.0.1 dev eth0
			default6 via fd00::1 dev eth0
			10.3.0.0/16 via 192.0.2.9`},
		{"default once", `[{"dst":"0.0.0.0/0","gateway":"10.0.0.1"},{"dst":"0.0.0.0/0","gateway":"10.0.0.2"}]`,
			`default via 10.0.0.1 dev eth0
			default6 via fd00::1 dev eth0
			default via 10.0.0.2 dev eth0`},
		{"default before others", `[{"dst":"10.3.0.0/16","gateway":"10.0.0.9"},{"dst":"0.0.0.0/0","gateway":"10.0.0.2"}]`,
			`default via 10.0.0.1 dev eth0
			default6 via fd00::1 dev eth0
			default via 10.0.0.2 dev eth0
			10.3.0.0/16 via 10.0.0.9 dev eth0`},
		{"twice is once", `[{"dst":"10.3.0.0/16","gateway":"10.0.0.9"},{"dst":"10.3.0.0/16","gateway":"10.0.0.9"}]`,
			`default via 10.0.0.1 dev eth0
			default6 via fd00::1 dev eth0
			10.3.0.0/16 via 10.0.0.9 dev eth0
			warning: sdc:routes: route 2: the same as route 1`},
		{"bits of a host", `[{"dst":"10.3.0.7/16","gateway":"10.0.0.9"}]`,
			`default via 10.0.0.1 dev eth0
			default6 via fd00::1 dev eth0
			10.3.0.0/16 via 10.0.0.9 dev eth0
			warning: sdc:routes: route 1: dst "10.3.0.7/16": taken as 10.3.0.0/16`},
		{"linklocal from somebody else's address", `[{"dst":"10.3.0.0/16","gateway":"10.0.0.9","linklocal":true}]`,
			`10.3.0.0/16 on-link from 10.0.0.9
			default via 10.0.0.1 dev eth0
			default6 via fd00::1 dev eth0
			warning: sdc:routes: route 1: gateway "10.0.0.9": a linklocal route names an address of the zone's own, and no NIC has this one`},
		{"N8 strict numbers: a route that is none is left out", `[{"dst":"10.3.0.0/24x","gateway":"10.0.0.9"},{"dst":"10.3.0.0/","gateway":"10.0.0.9"},{"dst":"default","gateway":"10.0.0.9"},{"dst":"0.0.0.0","gateway":"10.0.0.9"},{"dst":"x","gateway":"y"},{"dst":"::ffff:10.0.0.0/100","gateway":"10.0.0.9"},{"dst":"10.3.0.0/16","gateway":"0.0.0.0"}]`,
			`default via 10.0.0.1 dev eth0
			default6 via fd00::1 dev eth0
			warning: sdc:routes: route 1: dst "10.3.0.0/24x": prefix length "24x" is not a number from 0 to 32; the route is left out
			warning: sdc:routes: route 2: dst "10.3.0.0/": prefix length "" is not a number from 0 to 32; the route is left out
			warning: sdc:routes: route 3: dst "default": "0.0.0.0/0" is expected; the route is left out
			warning: sdc:routes: route 4: dst "0.0.0.0": one machine cannot have this address; "0.0.0.0/0" is everything; the route is left out
			warning: sdc:routes: route 5: dst "x": not an IP address; the route is left out
			warning: sdc:routes: route 5: gateway "y": not an IP address; the route is left out
			warning: sdc:routes: route 6: dst "::ffff:10.0.0.0/100": an IPv4 network is written in the IPv4 way; the route is left out
			warning: sdc:routes: route 7: gateway "0.0.0.0": no machine has this address; the route is left out`},
		{"missing, mixed and mistyped", `[{},{"dst":"10.3.0.0/16","gateway":"fd00::9"},{"dst":5,"gateway":null,"linklocal":"yes"},[]]`,
			`default via 10.0.0.1 dev eth0
			default6 via fd00::1 dev eth0
			20 sdc:routes: route 3: dst: a number where text is expected
			20 sdc:routes: route 3: gateway: null where text is expected
			20 sdc:routes: route 3: linklocal: text where a boolean is expected
			20 sdc:routes: route 4: an array where an object is expected
			warning: sdc:routes: route 1: dst: missing; the route is left out
			warning: sdc:routes: route 1: gateway: missing; the route is left out
			warning: sdc:routes: route 2: gateway "fd00::9": dst and gateway are not of the same IP version; the route is left out`},
	})
}

func TestLinkLocalGatewayOfARoute(t *testing.T) {
	const routes = `[{"dst":"2001:db8:1::/48","gateway":"fe80::1"}]`
	one, two := `{"interface":"eth0","ips":["2001:db8::7/64"]}`, `{"interface":"eth1"}`
	for nics, want := range map[string]string{
		"[" + one + "]":             "2001:db8:1::/48 via fe80::1 dev eth0",
		"[" + one + "," + two + "]": "2001:db8:1::/48 via fe80::1", // which link, nobody says
	} {
		values := least()
		values["sdc:nics"], values["sdc:routes"] = nics, routes
		z, err := Decode(Init, values)
		if got := showRoutes(z); got != want || err != nil {
			t.Errorf("%s\n got %s, %v\nwant %s", nics, got, err, want)
		}
	}
}

func TestDefaultGatewayOutsideOfThePrefix(t *testing.T) {
	decodeRows(t, "sdc:nics", showRoutes, []row{
		{"is reached on the link first", `[{"interface":"eth0","ips":["203.0.113.7/32"],"primary":true,"gateways":["198.51.100.254"]}]`,
			`198.51.100.254/32 on-link from 203.0.113.7 dev eth0
			default via 198.51.100.254 dev eth0`},
		{"of both versions", `[{"interface":"eth0","ips":["203.0.113.7/32","2001:db8::7/128"],"primary":true,"gateways":["198.51.100.254","2001:db8:ff::1"]}]`,
			`198.51.100.254/32 on-link from 203.0.113.7 dev eth0
			2001:db8:ff::1/128 on-link from 2001:db8::7 dev eth0
			default via 198.51.100.254 dev eth0
			default6 via 2001:db8:ff::1 dev eth0`},
		{"link-local one is always on the link", `[{"interface":"eth0","ips":["2001:db8::7/64"],"primary":true,"gateways":["fe80::1"]}]`,
			`default6 via fe80::1 dev eth0`},
		{"a lease may bring it on the link", `[{"interface":"eth0","ips":["dhcp"],"primary":true,"gateways":["198.51.100.254"]}]`,
			`default via 198.51.100.254 dev eth0`},
		{"an IPv4 one is not on every link", `[{"interface":"eth0","ips":["203.0.113.7/32"],"primary":true,"gateways":["169.254.1.1"]}]`,
			`169.254.1.1/32 on-link from 203.0.113.7 dev eth0
			default via 169.254.1.1 dev eth0`},
		{"not from a link-local address, which others do not answer", `[{"interface":"eth0","ips":["169.254.3.4/16","203.0.113.7/32"],"primary":true,"gateways":["198.51.100.254"]}]`,
			`198.51.100.254/32 on-link from 203.0.113.7 dev eth0
			default via 198.51.100.254 dev eth0`},
		{"on the link of another NIC, it is there", `[{"interface":"eth0","ips":["203.0.113.7/24"],"primary":true,"gateways":["10.1.0.1"]},{"interface":"eth1","ips":["10.1.0.5/24"]}]`,
			`default via 10.1.0.1 dev eth1`},
		{"on the links of two others, the kernel chooses", `[{"interface":"eth0","ips":["203.0.113.7/24"],"primary":true,"gateways":["10.1.0.1"]},{"interface":"eth1","ips":["10.1.0.5/24"]},{"interface":"eth2","ips":["10.1.0.6/24"]}]`,
			`default via 10.1.0.1`},
		{"on its own link and another's, the longest prefix says where, as to a kernel", `[{"interface":"eth0","ips":["10.1.0.5/16"],"primary":true,"gateways":["10.1.0.1"]},{"interface":"eth1","ips":["10.1.0.6/24"]}]`,
			`default via 10.1.0.1 dev eth1`},
		{"on its own link and as much on others', it is on its own", `[{"interface":"eth0","ips":["10.1.0.4/24"]},{"interface":"eth1","ips":["10.1.0.5/24"],"primary":true,"gateways":["10.1.0.1"]},{"interface":"eth2","ips":["10.1.0.6/24"]}]`,
			`default via 10.1.0.1 dev eth1`},
		{"link-local one of two NICs", `[{"interface":"eth0","ips":["fe80::5/64"]},{"interface":"eth1","ips":["2001:db8::7/64"],"primary":true,"gateways":["fe80::1"]}]`,
			`default6 via fe80::1 dev eth1`},
		{"inside needs nothing", `[{"interface":"eth0","ips":["203.0.113.7/24"],"primary":true,"gateways":["203.0.113.1"]}]`,
			`default via 203.0.113.1 dev eth0`},
	})
	decodeRowsIn(t, map[string]string{"sdc:nics": `[{"interface":"eth0","ips":["203.0.113.7/32"],"primary":true,"gateways":["198.51.100.254"]}]`},
		"sdc:routes", showRoutes, []row{
			{"a route of the host's own is enough", `[{"dst":"198.51.100.254","gateway":"203.0.113.7","linklocal":true}]`,
				`198.51.100.254/32 on-link from 203.0.113.7 dev eth0
				default via 198.51.100.254 dev eth0`},
			{"one from nobody's address is not", `[{"dst":"198.51.100.254","gateway":"192.0.2.1","linklocal":true}]`,
				`198.51.100.254/32 on-link from 192.0.2.1
				198.51.100.254/32 on-link from 203.0.113.7 dev eth0
				default via 198.51.100.254 dev eth0
				warning: sdc:routes: route 1: gateway "192.0.2.1": a linklocal route names an address of the zone's own, and no NIC has this one`},
			{"other routes use it as well", `[{"dst":"10.9.0.0/16","gateway":"198.51.100.254"}]`,
				`198.51.100.254/32 on-link from 203.0.113.7 dev eth0
				default via 198.51.100.254 dev eth0
				10.9.0.0/16 via 198.51.100.254 dev eth0`},
			{"a wider one too", `[{"dst":"198.51.100.0/24","gateway":"203.0.113.7","linklocal":true}]`,
				`198.51.100.0/24 on-link from 203.0.113.7 dev eth0
				default via 198.51.100.254 dev eth0`},
		})
	decodeRowsIn(t, map[string]string{"sdc:nics": `[{"interface":"eth0","ips":["10.0.0.5/24"],"primary":true,"gateways":["10.0.0.77"]},{"interface":"eth1","ips":["10.1.0.5/24"]}]`},
		"sdc:routes", showRoutes, []row{
			{"what an on-link route of another NIC leads to is behind that", `[{"dst":"10.0.0.77","gateway":"10.1.0.5","linklocal":true},{"dst":"10.9.0.0/16","gateway":"10.0.0.77"},{"dst":"10.8.0.0/16","gateway":"10.0.0.78"}]`,
				`10.0.0.77/32 on-link from 10.1.0.5 dev eth1
				default via 10.0.0.77 dev eth1
				10.9.0.0/16 via 10.0.0.77 dev eth1
				10.8.0.0/16 via 10.0.0.78 dev eth0`},
			{"a wider one does not take it from its link", `[{"dst":"10.0.0.0/8","gateway":"10.1.0.5","linklocal":true},{"dst":"10.9.0.0/16","gateway":"10.0.0.77"}]`,
				`10.0.0.0/8 on-link from 10.1.0.5 dev eth1
				default via 10.0.0.77 dev eth0
				10.9.0.0/16 via 10.0.0.77 dev eth0`},
		})
}
