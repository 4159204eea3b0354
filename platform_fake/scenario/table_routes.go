package scenario

import (
	"fmt"
	"strings"

	"dockerinit/platform_fake/host"
)

// routes are those of sdc:routes and of gateways, and many of each kind.
var routes = []Scenario{{
	Name:    "a gateway outside of the prefix is reached on the link",
	Payload: `{"nics": [{"interface": "eth0", "mac": "90:b8:d0:00:00:05", "ips": ["203.0.113.9/32"], "gateways": ["198.51.100.254"], "primary": true}]}`,
	Want: `
hostname web0
mount tmpfs on /dev/shm (mode=1777)
nic lo 127.0.0.1/8 ::1/128
nic eth0 203.0.113.9/32 mtu 1500
route default via 198.51.100.254 dev eth0
route 198.51.100.254/32 on-link from 203.0.113.9 dev eth0
daemons ipmgmtd
console three streams
command ["/bin/app"] as 0:0 in /
provisioned
`,
}, {
	Name: "routes: on-link ones first, then the default, then the others",
	Payload: `{
		"nics": [
			{"interface": "eth0", "mac": "90:b8:d0:00:00:05", "ips": ["10.0.0.5/24"], "gateways": ["10.0.0.1"], "primary": true},
			{"interface": "eth1", "mac": "90:b8:d0:00:00:06", "ips": ["10.1.0.5/24"]}
		],
		"routes": {
			"192.0.2.0/24": "203.0.113.1",
			"203.0.113.0/24": "nics[1]",
			"198.51.100.7": "10.1.0.254",
			"198.51.100.0/24": "macs[90:b8:d0:00:00:06]"
		}}`,
	Want: `
hostname web0
mount tmpfs on /dev/shm (mode=1777)
nic lo 127.0.0.1/8 ::1/128
nic eth0 10.0.0.5/24 mtu 1500
nic eth1 10.1.0.5/24 mtu 1500
route default via 10.0.0.1 dev eth0
route 192.0.2.0/24 via 203.0.113.1 dev eth1
route 198.51.100.0/24 on-link from 10.1.0.5 dev eth1
route 198.51.100.7/32 via 10.1.0.254 dev eth1
route 203.0.113.0/24 on-link from 10.1.0.5 dev eth1
daemons ipmgmtd
console three streams
command ["/bin/app"] as 0:0 in /
provisioned
`,
}, {
	Name:    "a route with an unreachable gateway is a warning",
	Payload: `{"routes": {"192.0.2.0/24": "172.16.0.1", "198.51.100.0/24": "10.0.0.254"}}`,
	Warns:   `routes: route 192.0.2.0/24 via 172.16.0.1: gateway 172.16.0.1 is on no link: network is unreachable`,
	Want: `
hostname web0
mount tmpfs on /dev/shm (mode=1777)
nic lo 127.0.0.1/8 ::1/128
nic eth0 10.0.0.5/24 mtu 1500
route default via 10.0.0.1 dev eth0
route 198.51.100.0/24 via 10.0.0.254 dev eth0
daemons ipmgmtd
console three streams
command ["/bin/app"] as 0:0 in /
provisioned
`,
}, {
	Name:    "IPv6 routes, which no vmadm makes, are taken",
	Payload: `{"nics": [{"interface": "eth0", "mac": "90:b8:d0:00:00:05", "ips": ["fd00::5/64"], "primary": true}]}`,
	Host: func(s *host.Store) {
		s.Set("sdc:routes", `[{"linklocal":false,"dst":"2001:db8::/32","gateway":"fd00::1"}]`)
	},
	Want: `
hostname web0
mount tmpfs on /dev/shm (mode=1777)
nic lo 127.0.0.1/8 ::1/128
nic eth0 fd00::5/64 mtu 1500
route 2001:db8::/32 via fd00::1 dev eth0
daemons ipmgmtd
console three streams
command ["/bin/app"] as 0:0 in /
provisioned
`,
}, {
	Name:    "32 addresses on one NIC",
	Payload: manyAddresses(32),
	Want: `
hostname web0
mount tmpfs on /dev/shm (mode=1777)
nic lo 127.0.0.1/8 ::1/128
nic eth0 10.0.0.5/24 10.0.1.5/24 10.0.2.5/24 10.0.3.5/24 10.0.4.5/24 10.0.5.5/24 10.0.6.5/24 10.0.7.5/24 10.0.8.5/24 10.0.9.5/24 10.0.10.5/24 10.0.11.5/24 10.0.12.5/24 10.0.13.5/24 10.0.14.5/24 10.0.15.5/24 10.0.16.5/24 10.0.17.5/24 10.0.18.5/24 10.0.19.5/24 10.0.20.5/24 10.0.21.5/24 10.0.22.5/24 10.0.23.5/24 10.0.24.5/24 10.0.25.5/24 10.0.26.5/24 10.0.27.5/24 10.0.28.5/24 10.0.29.5/24 10.0.30.5/24 10.0.31.5/24 mtu 1500
daemons ipmgmtd
console three streams
command ["/bin/app"] as 0:0 in /
provisioned
`,
}, {
	Name:    "200 routes",
	Payload: manyRoutes(200),
	Want: strings.TrimSuffix(network, "\ndaemons ipmgmtd") + manyRoutesWant(200) + `
daemons ipmgmtd
console three streams
command ["/bin/app"] as 0:0 in /
provisioned
`,
}}

func manyAddresses(n int) string {
	var ips []string
	for i := range n {
		ips = append(ips, fmt.Sprintf(`"10.0.%d.5/24"`, i))
	}
	return `{"nics": [{"interface": "eth0", "mac": "90:b8:d0:00:00:05", "primary": true, "ips": [` + strings.Join(ips, ",") + `]}]}`
}

func manyRoutes(n int) string {
	var routes []string
	for i := range n {
		routes = append(routes, fmt.Sprintf(`"172.16.%d.0/24": "10.0.0.%d"`, i, 1+i%4))
	}
	return `{"routes": {` + strings.Join(routes, ",") + `}}`
}

func manyRoutesWant(n int) string {
	var lines strings.Builder
	for i := range n {
		fmt.Fprintf(&lines, "\nroute 172.16.%d.0/24 via 10.0.0.%d dev eth0", i, 1+i%4)
	}
	return lines.String()
}
