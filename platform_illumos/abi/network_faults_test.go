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

// What fails beside that of TestNetworkFails and TestNetworkDaemons, by the log's line
// alone.
func TestMoreOfTheNetworkFails(t *testing.T) {
	const (
		two      = `{"interface": "net0", "mac": "90:b8:d0:00:00:05", "primary": true, "ips": ["10.0.0.5/24", "10.0.0.6/24", "fd00::5/64"], "gateways": ["10.0.0.1"]}`
		small    = `{"interface": "net0", "mac": "90:b8:d0:00:00:05", "primary": true, "mtu": 1000, "ips": ["10.0.0.5/24"]}`
		addrconf = `{"interface": "net0", "mac": "90:b8:d0:00:00:05", "primary": true, "ips": ["addrconf"]}`
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
		{"ipmgmtd is not there", "", "", func(z *bootedZone) { must(z.t, os.Remove(z.root+"/lib/inet/ipmgmtd")) }, 39, first + `/lib/inet/ipmgmtd: execute "/lib/inet/ipmgmtd": no such file`},
		{"ipmgmtd's door is not made", "", "fault=door_create:1:12", nil, 37, first + "/lib/inet/ipmgmtd: ended with status 1; it said: "},
		{"in.ndpd is not there", addrconf, "", func(z *bootedZone) { must(z.t, os.Remove(z.root+"/usr/lib/inet/in.ndpd")) }, 33, `addrconf: /usr/lib/inet/in.ndpd: execute "/usr/lib/inet/in.ndpd": no such file`},
		{"in.ndpd has nowhere to listen", addrconf, "", func(z *bootedZone) {
			must(z.t, os.RemoveAll(z.root+"/var/run"))
			z.write("/var/run", "", 0o644)
		}, 33, "addrconf: /var/run is not a directory"},
		{"an interface that is said to be there already", "", "fault=ipadm_create_if:1:10", nil, 33, first + "127.0.0.1/8: ipadm_create_addr: no such interface (IPADM_ENXIO)"},
		{"a status that nobody knows", "", "fault=ipadm_create_if:3:99", nil, 32, nic + ": IPv4: ipadm_create_if: libipadm status 99"},
		{"no IPv6 address", two, "fault=SIOCLIFADDIF:2:12", nil, 33, "fd00::5/64: make a logical interface: not enough space"},
		{"an MTU that IPv6 does not have", small, "", nil, 0, ""},
		{"no socket for an interface", "", "fault=libc.__xnet_socket:2:24", nil, 34, first + "raise IPv6: socket: too many open files"},
		{"a routing message is taken in part", two, "fault=RTM_ADD:1:-7", nil, 0, "the kernel took 7 bytes of "},
		{"ipmgmtd hangs, and in the kernel", "", "order=ipmgmtd hang\nfault=libc.kill:1:-1", nil, 39, "no end after 30s: killed; wait for process "},
		{"ipmgmtd is nobody's child here", stop, "fault=libc.wait4:2:10", nil, 0, "INFO daemons: stop the network's daemons ("},
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
