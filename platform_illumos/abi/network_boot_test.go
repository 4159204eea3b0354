//go:build linux && amd64

package abi

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"dockerinit/core/zone"
	"dockerinit/platform_fake/host"
	"dockerinit/platform_fake/scenario"
)

// duration is how long an action took, at the end of a line.
var duration = regexp.MustCompile(` \([0-9.]+[µm]?s\)$`)

// renumber is the state where the loopback had no address object before the others.
func renumber(state string) string {
	for n := range 4 {
		state = strings.ReplaceAll(state, "/addr"+string(rune('1'+n)), "/addr"+string(rune('0'+n)))
	}
	return state
}

// bootNetwork boots a zone whose command ends at once, and returns what the boot
// has said that was no INFO, and the network that it has left.
func bootNetwork(t *testing.T, s scenario.Scenario, setup func(*bootedZone)) (e ended, said, state string) {
	t.Helper()
	z := newZone(t, s)
	z.streams()
	if setup != nil {
		setup(z)
	}
	e = z.boot()
	for line := range strings.Lines(e.log) {
		if _, text, _ := strings.Cut(line, " "); !strings.HasPrefix(text, "INFO ") && !strings.HasPrefix(text, "EXEC ") {
			said += duration.ReplaceAllString(strings.TrimSuffix(text, "\n"), "") + "\n"
		}
	}
	return e, said, networkState(e.model)
}

const rich = `{
	"nics": [
		{"interface": "net0", "mac": "90:b8:d0:00:00:05", "primary": true, "gateways": ["198.51.100.254", "fd00::1"],
		 "ips": ["10.0.0.5/24", "10.0.1.5/24", "fd00::5/64", "10.0.2.5/32", "fd00:0:0:1::5/64"]},
		{"interface": "net1", "mac": "90:b8:d0:00:00:06", "ips": ["192.168.1.7/22"], "mtu": 9000},
		{"interface": "net2", "mac": "90:b8:d0:00:00:07", "ips": ["fd02::5/64"], "mtu": 1400},
		{"interface": "net3", "mac": "90:b8:d0:00:00:08"}
	],
	"routes": {"192.0.2.0/24": "10.0.1.254", "203.0.113.0/24": "nics[1]", "198.18.0.0/15": "203.0.113.9"}
}`

// Each of these, in the order in which it came to be.
const richState = `
if lo0 v4 mtu 8232 up
addr lo0 127.0.0.1/8 object lo0/addr0
if lo0 v6 mtu 8252 up
addr lo0 ::1/128
if net0 v4 mtu 1500 up
addr net0 10.0.0.5/24 object net0/addr1
addr net0:1 10.0.1.5/24 object net0/addr2
addr net0:2 10.0.2.5/32 object net0/addr3
if net0 v6 mtu 1500 up
addr net0 fe80::92b8:d0ff:fe00:5/10
addr net0:1 fd00::5/64 object net0/addr4
addr net0:2 fd00:0:0:1::5/64 object net0/addr5
if net1 v4 mtu 9000 up
addr net1 192.168.1.7/22 object net1/addr6
if net1 v6 mtu 9000 up
addr net1 fe80::92b8:d0ff:fe00:6/10
if net2 v4 mtu 1400
if net2 v6 mtu 1400 up
addr net2 fe80::92b8:d0ff:fe00:7/10
addr net2:1 fd02::5/64 object net2/addr7
if net3 v4 mtu 1500
if net3 v6 mtu 1500 up
addr net3 fe80::92b8:d0ff:fe00:8/10
route default via 198.51.100.254 dev net0
route 192.0.2.0/24 via 10.0.1.254 dev net0
route 198.18.0.0/15 via 203.0.113.9 dev net1
route 198.51.100.254/32 on-link from 10.0.0.5 dev net0
route 203.0.113.0/24 on-link from 192.168.1.7 dev net1
route default6 via fd00::1 dev net0
route 2001:db8::/32 via fe80::9 dev net0
daemon ipmgmtd
`

// A zone with all that NICs and routes may have, in both brands. The IPv6 routes
// are of a kind that no vmadm makes; a link-local gateway is on every link, and on
// the first one where nobody says which.
func TestBootWithARichNetwork(t *testing.T) {
	for _, brand := range []zone.Brand{zone.JoyentMinimal, zone.LX} {
		t.Run(string(brand), func(t *testing.T) {
			t.Parallel()
			e, said, state := bootNetwork(t, scenario.Scenario{Brand: brand, Payload: rich, Host: func(s *host.Store) {
				routes, _, _ := s.Get("sdc:routes")
				s.Set("sdc:routes", strings.TrimSuffix(routes, "]")+`,{"linklocal":false,"dst":"2001:db8::/32","gateway":"fe80::9"}]`)
			}}, nil)
			want := strings.TrimPrefix(richState, "\n")
			if e.status != 0 || said != "" || state != want {
				t.Errorf("status %d, said %s\n got\n%s\nwant\n%s", e.status, said, state, want)
			}
		})
	}
}

// What the daemons and the library answer that is not what it should be, and what
// the boot tells of it. All NICs are tried before a step decides.
func TestNetworkFails(t *testing.T) {
	const (
		two = `{"nics": [
			{"interface": "net0", "mac": "90:b8:d0:00:00:05", "ips": ["10.0.0.5/24", "10.0.1.5/24", "fd00::5/64"], "gateways": ["10.0.0.1"], "primary": true},
			{"interface": "net1", "mac": "90:b8:d0:00:00:06", "ips": ["10.1.0.5/24"]}
		], "routes": {"192.0.2.0/24": "10.1.0.1"}}`
		dhcp = `{"nics": [{"interface": "net0", "mac": "90:b8:d0:00:00:05", "ips": ["dhcp", "10.9.0.5/24"]}]}`
		mtu  = `{"nics": [{"interface": "net0", "mac": "90:b8:d0:00:00:05", "ips": ["10.0.0.5/24"], "mtu": 1400}]}`

		lo = "if lo0 v4 mtu 8232 up\naddr lo0 127.0.0.1/8 object lo0/addr0\nif lo0 v6 mtu 8252 up\naddr lo0 ::1/128\n"
		v4 = "if net0 v4 mtu 1500 up\naddr net0 10.0.0.5/24 object net0/addr1\naddr net0:1 10.0.1.5/24 object net0/addr2\n"
		v6 = "if net0 v6 mtu 1500 up\naddr net0 fe80::92b8:d0ff:fe00:5/10\naddr net0:1 fd00::5/64 object net0/addr3\n"
		// net1's, whose object has the next number.
		other  = "if net1 v4 mtu 1500 up\naddr net1 10.1.0.5/24 object net1/addr4\nif net1 v6 mtu 1500 up\naddr net1 fe80::92b8:d0ff:fe00:6/10\n"
		routes = "route default via 10.0.0.1 dev net0\nroute 192.0.2.0/24 via 10.1.0.1 dev net1\n"
		daemon = "daemon ipmgmtd\n"
		whole  = lo + v4 + v6 + other + routes + daemon

		nics  = "configure net0 10.0.0.5/24 10.0.1.5/24 fd00::5/64: "
		fatal = "FATAL (code: "
	)
	for _, tt := range []struct {
		behaviour string
		payload   string
		settings  []string
		said      string // before its FATAL line, ERROR lines if there are several
		state     string
	}{
		{"nothing fails", two, nil, "", whole},
		{"the library cannot be opened, at the first NIC", two, []string{"fault=ipadm_open:1:34"},
			fatal + "31): nics: configure lo0 127.0.0.1/8 ::1/128: ipadm_open: ipmgmtd could not be spoken to (IPADM_IPC_ERROR)\n", renumber(v4+v6+other) + daemon},
		{"an interface cannot be created, and the other NIC is", two, []string{"fault=ipadm_create_if:3:17"},
			fatal + "32): nics: " + nics + "IPv4: ipadm_create_if: the link could not be opened (IPADM_DLPI_FAILURE)\n",
			lo + "if net1 v4 mtu 1500 up\naddr net1 10.1.0.5/24 object net1/addr1\nif net1 v6 mtu 1500 up\naddr net1 fe80::92b8:d0ff:fe00:6/10\n" + daemon},
		{"an IPv6 side cannot be created", two, []string{"fault=ipadm_create_if:4:5"},
			fatal + "32): nics: " + nics + "IPv6: ipadm_create_if: out of memory (IPADM_NO_MEMORY)\n",
			lo + "if net0 v4 mtu 1500\nif net1 v4 mtu 1500 up\naddr net1 10.1.0.5/24 object net1/addr1\nif net1 v6 mtu 1500 up\naddr net1 fe80::92b8:d0ff:fe00:6/10\n" + daemon},
		{"both NICs fail: each is told", two, []string{"fault=ipadm_create_if:3:17", "fault=ipadm_create_if:4:17"},
			"ERROR nics: " + nics + "IPv4: ipadm_create_if: the link could not be opened (IPADM_DLPI_FAILURE)\n" +
				"ERROR nics: configure net1 10.1.0.5/24: IPv4: ipadm_create_if: the link could not be opened (IPADM_DLPI_FAILURE)\n" +
				fatal + "32): nics: " + nics + "IPv4: ipadm_create_if: the link could not be opened (IPADM_DLPI_FAILURE) (and 1 more)\n",
			lo + daemon},
		{"an address cannot be set, and the others are", two, []string{"fault=ipadm_create_addr:2:27"},
			fatal + "33): nics: " + nics + "10.0.0.5/24: ipadm_create_addr: the address is not available (IPADM_ADDR_NOTAVAIL)\n",
			lo + "if net0 v4 mtu 1500\naddr net0:1 10.0.1.5/24 object net0/addr2\n" + v6 + other + daemon},
		{"the second one cannot be, and its logical interface goes", two, []string{"fault=ipadm_create_addr:3:8"},
			fatal + "33): nics: " + nics + "10.0.1.5/24: ipadm_create_addr: another machine on the link has this address (IPADM_DAD_FOUND)\n",
			lo + "if net0 v4 mtu 1500 up\naddr net0 10.0.0.5/24 object net0/addr1\n" + v6 + other + daemon},
		{"nor can an IPv6 one", two, []string{"fault=ipadm_create_addr:4:6"},
			fatal + "33): nics: " + nics + "fd00::5/64: ipadm_create_addr: not an address (IPADM_BAD_ADDR)\n",
			lo + v4 + "if net0 v6 mtu 1500 up\naddr net0 fe80::92b8:d0ff:fe00:5/10\n" + other + daemon},
		{"no object of an address", two, []string{"fault=ipadm_create_addrobj:2:5"},
			fatal + "33): nics: " + nics + "10.0.0.5/24: ipadm_create_addrobj: out of memory (IPADM_NO_MEMORY)\n",
			lo + "if net0 v4 mtu 1500\naddr net0:1 10.0.1.5/24 object net0/addr2\n" + v6 + other + daemon},
		{"an object that takes no address", two, []string{"fault=ipadm_set_addr:2:15"},
			fatal + "33): nics: " + nics + "10.0.0.5/24: ipadm_set_addr: invalid argument (IPADM_INVALID_ARG)\n",
			lo + "if net0 v4 mtu 1500\naddr net0:1 10.0.1.5/24 object net0/addr2\n" + v6 + other + daemon},
		{"no logical interface", two, []string{"fault=SIOCLIFADDIF:1:12"},
			fatal + "33): nics: " + nics + "10.0.1.5/24: make a logical interface: not enough space\n",
			lo + "if net0 v4 mtu 1500 up\naddr net0 10.0.0.5/24 object net0/addr1\n" +
				strings.ReplaceAll(v6, "addr3", "addr2") + strings.ReplaceAll(other, "addr4", "addr3") + daemon},
		{"a logical interface that stays", two, []string{"fault=ipadm_create_addr:3:8", "fault=SIOCLIFREMOVEIF:1:16"},
			fatal + "33): nics: " + nics + "10.0.1.5/24: ipadm_create_addr: another machine on the link has this address (IPADM_DAD_FOUND)\n",
			lo + "if net0 v4 mtu 1500 up\naddr net0 10.0.0.5/24 object net0/addr1\naddr net0:1 0.0.0.0/0 down\n" + v6 + other + daemon},
		{"an IPv6 side whose flags cannot be read", two, []string{"fault=SIOCGLIFFLAGS:2:6"},
			fatal + "34): nics: " + nics + "raise IPv6: read its flags: no such device or address\n",
			lo + v4 + strings.Replace(strings.Replace(v6, " up\n", "\n", 1), "fe00:5/10", "fe00:5/10 down", 1) + other + daemon},
		{"an IPv6 side that does not come up", two, []string{"fault=SIOCSLIFFLAGS:2:126"},
			fatal + "34): nics: " + nics + "raise IPv6: set its flags: cannot assign requested address\n",
			lo + v4 + strings.Replace(strings.Replace(v6, " up\n", "\n", 1), "fe00:5/10", "fe00:5/10 down", 1) + other + daemon},
		{"two things of one NIC are wrong: one line, and the code of the first", two, []string{"fault=ipadm_create_addr:2:25", "fault=SIOCSLIFFLAGS:2:126"},
			fatal + "33): nics: " + nics + "10.0.0.5/24: ipadm_create_addr: the address is in use (IPADM_ADDR_INUSE); raise IPv6: set its flags: cannot assign requested address\n",
			lo + "if net0 v4 mtu 1500\naddr net0:1 10.0.1.5/24 object net0/addr2\n" + strings.Replace(strings.Replace(v6, " up\n", "\n", 1), "fe00:5/10", "fe00:5/10 down", 1) + other + daemon},

		{"a route is there already", two, []string{"fault=RTM_ADD:1:17"}, "", strings.Replace(whole, "route default via 10.0.0.1 dev net0\n", "", 1)},
		{"a route is refused, and the other one is added", two, []string{"fault=RTM_ADD:1:128"},
			"WARN routes: route default via 10.0.0.1 dev net0: network is unreachable\n", strings.Replace(whole, "route default via 10.0.0.1 dev net0\n", "", 1)},
		{"the routing message is interrupted", two, []string{"fault=RTM_ADD:1:4"}, "", whole},
		{"no routing socket", two, []string{"fault=socket_route:2:24"},
			"WARN routes: route 192.0.2.0/24 via 10.1.0.1 dev net1: routing socket: too many open files\n", strings.Replace(whole, "route 192.0.2.0/24 via 10.1.0.1 dev net1\n", "", 1)},
		{"an interface without a number", two, []string{"fault=SIOCGLIFINDEX:1:6"},
			"WARN routes: route default via 10.0.0.1 dev net0: interface \"net0\": read its index: no such device or address\n", strings.Replace(whole, "route default via 10.0.0.1 dev net0\n", "", 1)},

		{"the MTU is refused, and the link's stays", mtu, []string{"fault=ipadm_set_ifprop:1:15"},
			"WARN nics: net0: IPv4 MTU: ipadm_set_ifprop: invalid argument (IPADM_INVALID_ARG): the link's own stays\n",
			lo + "if net0 v4 mtu 1400 up\naddr net0 10.0.0.5/24 object net0/addr1\nif net0 v6 mtu 1400 up\naddr net0 fe80::92b8:d0ff:fe00:5/10\n" + daemon},

		{"nobody answers DHCP, and the rest is tried", dhcp, []string{"dhcp=net0 silence"},
			fatal + "33): nics: configure net0 10.9.0.5/24 dhcp: dhcp: ipadm_create_addr: dhcpagent did not answer in time (IPADM_DHCP_IPC_TIMEOUT)\n",
			lo + "if net0 v4 mtu 1500\naddr net0 0.0.0.0/0 object net0/addr1 dhcp down\naddr net0:1 10.9.0.5/24 object net0/addr2\n" +
				"if net0 v6 mtu 1500 up\naddr net0 fe80::92b8:d0ff:fe00:5/10\ndaemon ipmgmtd\ndaemon dhcpagent\n"},
		{"the DHCP server says no", dhcp, []string{"dhcp=net0 no"},
			fatal + "33): nics: configure net0 10.9.0.5/24 dhcp: dhcp: ipadm_create_addr: dhcpagent could not be spoken to (IPADM_DHCP_IPC_ERROR)\n",
			lo + "if net0 v4 mtu 1500\naddr net0:1 10.9.0.5/24 object net0/addr2\n" +
				"if net0 v6 mtu 1500 up\naddr net0 fe80::92b8:d0ff:fe00:5/10\ndaemon ipmgmtd\ndaemon dhcpagent\n"},
		{"no second conversation for a lease", dhcp, []string{"fault=ipadm_open:2:4"},
			fatal + "33): nics: configure net0 10.9.0.5/24 dhcp: dhcp: ipadm_open: no buffer space (IPADM_NO_BUFS)\n",
			lo + "if net0 v4 mtu 1500\naddr net0:1 10.9.0.5/24 object net0/addr2\n" +
				"if net0 v6 mtu 1500 up\naddr net0 fe80::92b8:d0ff:fe00:5/10\ndaemon ipmgmtd\n"},
		{"a time that the library does not take", dhcp, []string{"fault=ipadm_set_wait_time:1:15"},
			fatal + "33): nics: configure net0 10.9.0.5/24 dhcp: dhcp: ipadm_set_wait_time: invalid argument (IPADM_INVALID_ARG)\n",
			lo + "if net0 v4 mtu 1500\naddr net0:1 10.9.0.5/24 object net0/addr2\n" +
				"if net0 v6 mtu 1500 up\naddr net0 fe80::92b8:d0ff:fe00:5/10\ndaemon ipmgmtd\n"},
		{"no contract for what the library starts", dhcp, []string{"fault=contract_activate:2:12"},
			fatal + "33): nics: configure net0 10.9.0.5/24 dhcp: dhcp: start \"/sbin/dhcpagent\": /system/contract/process/template: activate: not enough space\n",
			lo + "if net0 v4 mtu 1500\naddr net0:1 10.9.0.5/24 object net0/addr1\n" +
				"if net0 v6 mtu 1500 up\naddr net0 fe80::92b8:d0ff:fe00:5/10\ndaemon ipmgmtd\n"},
	} {
		t.Run(tt.behaviour, func(t *testing.T) {
			t.Parallel()
			e, said, state := bootNetwork(t, scenario.Scenario{Brand: zone.JoyentMinimal, Payload: tt.payload}, func(z *bootedZone) { z.set(tt.settings...) })
			if said != tt.said || state != tt.state || (e.status == 0) == strings.Contains(tt.said, fatal) {
				t.Errorf("status %d\n said\n%s\n want\n%s\n state\n%s\n want\n%s", e.status, said, tt.said, state, tt.state)
			}
		})
	}
}

// How the network's daemons start, and end.
func TestNetworkDaemons(t *testing.T) {
	const (
		addrconf = `{"nics": [{"interface": "net0", "mac": "90:b8:d0:00:00:05", "ips": ["addrconf"]}, {"interface": "net1", "mac": "90:b8:d0:00:00:06", "ips": ["addrconf", "fd01::5/64"]}]}`
		dhcp     = `{"nics": [{"interface": "net0", "mac": "90:b8:d0:00:00:05", "ips": ["dhcp"]}]}`
		stop     = `{"internal_metadata": {"docker:noipmgmtd": true}}`
		lo       = "nics: configure lo0 127.0.0.1/8 ::1/128: "
	)
	for _, tt := range []struct {
		behaviour string
		payload   string
		setup     func(*bootedZone)
		said      string
		daemons   string // that are there in the end
		log       string // a line that the log has
	}{
		{"ipmgmtd is slow, and waited for", `{}`, order("ipmgmtd slow 300"), "", "daemon ipmgmtd\n", "INFO network: ipmgmtd has started ("},
		{"ipmgmtd has a word to say", `{}`, order("ipmgmtd say hello"), "", "daemon ipmgmtd\n", `; it said: "ipmgmtd: hello"`},
		{"ipmgmtd fails", `{}`, order("ipmgmtd status 3"),
			once(37, lo, `/lib/inet/ipmgmtd: ended with status 3; it said: "ipmgmtd: told to fail"`), "", ""},
		{"ipmgmtd is ended by a signal", `{}`, order("ipmgmtd signal 11"), once(38, lo, "/lib/inet/ipmgmtd: ended by signal 11"), "", ""},
		{"ipmgmtd hangs", `{}`, order("ipmgmtd hang"), once(39, lo, "/lib/inet/ipmgmtd: no end after 30s: killed"), "", ""},
		{"in.ndpd fails", addrconf, order("in.ndpd status 4"),
			both(33, `addrconf: /usr/lib/inet/in.ndpd: ended with status 4; it said: "in.ndpd: told to fail"`), "daemon ipmgmtd\n", ""},
		{"in.ndpd starts once for all NICs, also those that are raised later", addrconf, nil, "", "daemon ipmgmtd\ndaemon in.ndpd\n", "INFO network: in.ndpd has started ("},
		{"in.ndpd has where to listen, also where the image has no such directory", addrconf, func(z *bootedZone) { must(z.t, os.RemoveAll(z.root+"/var/run")) },
			"", "daemon ipmgmtd\ndaemon in.ndpd\n", "INFO network: in.ndpd has started ("},
		{"dhcpagent fails", dhcp, order("dhcpagent status 5"),
			"FATAL (code: 33): nics: configure net0 dhcp: dhcp: ipadm_create_addr: dhcpagent could not be started (IPADM_DHCP_START_ERROR)\n", "daemon ipmgmtd\n", ""},
		{"dhcpagent is in a contract of its own", dhcp, nil, "", "daemon ipmgmtd\ndaemon dhcpagent\n", ""},

		{"ipmgmtd is stopped", stop, nil, "", "", "INFO daemons: stop the network's daemons ("},
		{"ipmgmtd does not stop", stop, order("ipmgmtd deaf"),
			"WARN daemons: stop the network's daemons: process PID, which serves /etc/svc/volatile/ipadm/ipmgmt_door, is still there 5s after SIGTERM\n", "daemon ipmgmtd\n", ""},
		{"nobody tells who serves the door", stop, func(z *bootedZone) { z.set("fault=door_info:1:9") },
			"WARN daemons: stop the network's daemons: /etc/svc/volatile/ipadm/ipmgmt_door: who serves it: bad file number\n", "daemon ipmgmtd\n", ""},
		{"who has served the door is gone", stop, func(z *bootedZone) { z.set("fault=door_info:1:-1") },
			"WARN daemons: stop the network's daemons: /etc/svc/volatile/ipadm/ipmgmt_door: served by process -1\n", "daemon ipmgmtd\n", ""},
	} {
		t.Run(tt.behaviour, func(t *testing.T) {
			t.Parallel()
			e, said, state := bootNetwork(t, scenario.Scenario{Brand: zone.JoyentMinimal, Payload: tt.payload}, tt.setup)
			daemons := ""
			for line := range strings.Lines(state) {
				if strings.HasPrefix(line, "daemon ") || strings.HasPrefix(line, "refused ") {
					daemons += line
				}
			}
			said = regexp.MustCompile(`process \d+`).ReplaceAllString(said, "process PID")
			if said != tt.said || daemons != tt.daemons || !strings.Contains(e.log, tt.log) || (e.status == 0) == strings.Contains(tt.said, "FATAL") {
				t.Errorf("status %d\n said\n%s\n want\n%s\n%s\n%s", e.status, said, tt.said, e.log, e.model)
			}
			for line := range strings.Lines(e.model) {
				if strings.HasPrefix(line, "contract 1:") && len(strings.Fields(line)) != 3 {
					t.Errorf("in init's own contract there are others: %s", line)
				}
			}
		})
	}
}

func order(text string) func(*bootedZone) {
	return func(z *bootedZone) { z.set("order=" + text) }
}

// once is what a boot says where the loopback fails, and each NIC for the same reason.
func once(code int, lo, why string) string {
	return fmt.Sprintf("FATAL (code: %d): %s%s\n", code, lo, why)
}

// both is what it says where two NICs with addrconf do.
func both(code int, why string) string {
	const net0, net1 = "nics: configure net0 addrconf: ", "nics: configure net1 fd01::5/64 addrconf: "
	return fmt.Sprintf("ERROR %s%s\nERROR %s%[2]s\nFATAL (code: %[4]d): %[1]s%[2]s (and 1 more)\n", net0, why, net1, code)
}
