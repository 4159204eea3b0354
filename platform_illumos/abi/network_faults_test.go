//go:build linux && amd64

package abi

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"dockerinit/core/zone"
	"dockerinit/platform_fake/scenario"
)

// Each call of a boot's network, and each daemon, failing.
func TestEachCallOfTheNetworkFails(t *testing.T) {
	const (
		two      = `{"interface": "net0", "mac": "90:b8:d0:00:00:05", "primary": true, "ips": ["10.0.0.5/24", "10.0.0.6/24", "fd00::5/64"], "gateways": ["10.0.0.1"]}`
		mtu      = `{"interface": "net0", "mac": "90:b8:d0:00:00:05", "primary": true, "mtu": 1400, "ips": ["10.0.0.5/24"]}`
		small    = `{"interface": "net0", "mac": "90:b8:d0:00:00:05", "primary": true, "mtu": 1000, "ips": ["10.0.0.5/24"]}`
		addrconf = `{"interface": "net0", "mac": "90:b8:d0:00:00:05", "primary": true, "ips": ["addrconf"]}`
		dhcp     = `{"interface": "net0", "mac": "90:b8:d0:00:00:05", "primary": true, "ips": ["dhcp"]}`
		stop     = "docker:noipmgmtd"
		first    = "nics: configure lo0 127.0.0.1/8 ::1/128: "
		nic      = "nics: configure net0 10.0.0.5/24"
		stopping = "WARN daemons: stop the network's daemons: "
	)
	for _, tt := range []struct {
		name     string
		nic      string // in place of the usual one; or a key to be true
		settings string // a line each
		setup    func(*bootedZone)
		code     int // 0: the command runs
		log      string
	}{
		{"ipmgmtd is slow", "", "order=ipmgmtd slow 50", nil, 0, ""},
		{"ipmgmtd ends at once", "", "order=ipmgmtd status 3", nil, 37, first + `/lib/inet/ipmgmtd: ended with status 3; it said: "ipmgmtd: told to fail"`},
		{"ipmgmtd dies", "", "order=ipmgmtd signal 9", nil, 38, first + "/lib/inet/ipmgmtd: ended by signal 9"},
		{"ipmgmtd hangs", "", "order=ipmgmtd hang", nil, 39, first + "/lib/inet/ipmgmtd: no end after 30s: killed"},
		{"ipmgmtd is not there", "", "", func(z *bootedZone) { must(z.t, os.Remove(z.root+"/lib/inet/ipmgmtd")) }, 39, first + `/lib/inet/ipmgmtd: execute "/lib/inet/ipmgmtd": no such file`},
		{"ipmgmtd's door is not made", "", "fault=door_create:1:12", nil, 37, first + "/lib/inet/ipmgmtd: ended with status 1; it said: "},
		{"in.ndpd is not there", addrconf, "", func(z *bootedZone) { must(z.t, os.Remove(z.root+"/usr/lib/inet/in.ndpd")) }, 33, `addrconf: /usr/lib/inet/in.ndpd: execute "/usr/lib/inet/in.ndpd": no such file`},

		{"the library is not opened", "", "fault=ipadm_open:0:34", nil, 31, first + "ipadm_open: ipmgmtd could not be spoken to (IPADM_IPC_ERROR)"},
		{"an interface is not made", "", "fault=ipadm_create_if:3:3", nil, 32, nic + ": IPv4: ipadm_create_if: not permitted (IPADM_EPERM)"},
		{"its IPv6 side is not made", "", "fault=ipadm_create_if:4:17", nil, 32, nic + ": IPv6: ipadm_create_if: the link could not be opened (IPADM_DLPI_FAILURE)"},
		{"an interface that is said to be there already", "", "fault=ipadm_create_if:1:10", nil, 33, first + "127.0.0.1/8: ipadm_create_addr: no such interface (IPADM_ENXIO)"},
		{"a status that nobody knows", "", "fault=ipadm_create_if:3:99", nil, 32, nic + ": IPv4: ipadm_create_if: libipadm status 99"},
		{"no address object", "", "fault=ipadm_create_addrobj:2:5", nil, 33, nic + ": 10.0.0.5/24: ipadm_create_addrobj: out of memory (IPADM_NO_MEMORY)"},
		{"an address is not taken", "", "fault=ipadm_set_addr:2:6", nil, 33, nic + ": 10.0.0.5/24: ipadm_set_addr: not an address (IPADM_BAD_ADDR)"},
		{"an address is another machine's", "", "fault=ipadm_create_addr:2:8", nil, 33, nic + ": 10.0.0.5/24: ipadm_create_addr: another machine on the link has this address (IPADM_DAD_FOUND)"},
		{"a logical interface's address is another machine's", two, "fault=ipadm_create_addr:3:8", nil, 33, "10.0.0.6/24: ipadm_create_addr: another machine on the link has this address (IPADM_DAD_FOUND)"},
		{"no logical interface", two, "fault=SIOCLIFADDIF:1:12", nil, 33, "10.0.0.6/24: make a logical interface: not enough space"},
		{"no IPv6 address", two, "fault=SIOCLIFADDIF:2:12", nil, 33, "fd00::5/64: make a logical interface: not enough space"},
		{"an IPv6 side whose flags cannot be read", "", "fault=SIOCGLIFFLAGS:0:5", nil, 34, "raise IPv6: read its flags: I/O error"},
		{"an IPv6 side that is not raised", "", "fault=SIOCSLIFFLAGS:0:5", nil, 34, "raise IPv6: set its flags: I/O error"},
		{"an MTU is a warning", mtu, "fault=ipadm_set_ifprop:1:20", nil, 0, "WARN nics: net0: IPv4 MTU: ipadm_set_ifprop: out of range (IPADM_ERANGE): the link's own stays"},
		{"an MTU that IPv6 does not have", small, "", nil, 0, ""},
		{"no lease", dhcp, "fault=ipadm_create_addr:2:32", nil, 33, "dhcp: ipadm_create_addr: dhcpagent did not answer in time (IPADM_DHCP_IPC_TIMEOUT)"},
		{"no contract for dhcpagent", dhcp, "fault=contract_activate:2:12", nil, 33, "/system/contract/process/template: activate: not enough space"},
		{"no time for a lease", dhcp, "fault=ipadm_set_wait_time:1:15", nil, 33, "dhcp: ipadm_set_wait_time: invalid argument (IPADM_INVALID_ARG)"},

		{"no routing socket", "", "fault=socket_route:1:12", nil, 0, "WARN routes: route default via 10.0.0.1 dev net0: routing socket: not enough space"},
		{"a route is there already", "", "fault=RTM_ADD:1:17", nil, 0, "INFO routes: route default via 10.0.0.1 dev net0"},
		{"a route is interrupted", "", "fault=RTM_ADD:1:4", nil, 0, "INFO routes: route default via 10.0.0.1 dev net0"},
		{"a route that the kernel refuses", "", "fault=RTM_ADD:1:128", nil, 0, "WARN routes: route default via 10.0.0.1 dev net0: network is unreachable"},
		{"an interface without an index", "", "fault=SIOCGLIFINDEX:1:6", nil, 0, `WARN routes: route default via 10.0.0.1 dev net0: interface "net0": read its index: no such device or address`},

		{"a door that is none", stop, "fault=door_info:1:9", nil, 0, stopping + "/etc/svc/volatile/ipadm/ipmgmt_door: who serves it: bad file number"},
		{"ipmgmtd cannot be ended", stop, "fault=libc.kill:1:1", nil, 0, stopping + "end process"},
		{"ipmgmtd does not end", stop, "fault=libc.kill:1:-1", nil, 0, "is still there 5s after SIGTERM"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			payload := map[string]any{"internal_metadata": map[string]any{"docker:cmd": script("echo up"), "docker:noipmgmtd": tt.nic == stop}}
			if strings.HasPrefix(tt.nic, "{") {
				payload["nics"] = []json.RawMessage{json.RawMessage(tt.nic)}
			}
			text, err := json.Marshal(payload)
			must(t, err)
			z := newZone(t, scenario.Scenario{Brand: zone.JoyentMinimal, Payload: string(text)})
			if tt.setup != nil {
				tt.setup(z)
			}
			for setting := range strings.Lines(tt.settings) {
				z.set(strings.TrimSpace(setting))
			}
			z.bootFailing(tt.code, tt.log)
		})
	}
}
