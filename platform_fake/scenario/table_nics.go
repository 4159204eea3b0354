package scenario

import (
	"dockerinit/core/zone"
	"dockerinit/platform_fake/host"
)

// nics are what NICs a zone may have.
var nics = []Scenario{{
	Name: "a zone that asks for nothing beyond its command",
	Want: usual + `
command ["/bin/app"] as 0:0 in /
provisioned
`,
}, {
	Name:  "joyent-minimal has its own names and mounts",
	Brand: zone.JoyentMinimal,
	Want: `
hostname web0
mount fd on /dev/fd
nic lo0 127.0.0.1/8 ::1/128
nic net0 10.0.0.5/24 mtu 1500
route default via 10.0.0.1 dev net0
daemons ipmgmtd
console three streams
command ["/bin/app"] as 0:0 in /
provisioned
`,
}, {
	Name:    "no NIC: loopback alone",
	Payload: `{"nics": []}`,
	Want: `
hostname web0
mount tmpfs on /dev/shm (mode=1777)
nic lo 127.0.0.1/8 ::1/128
daemons ipmgmtd
console three streams
command ["/bin/app"] as 0:0 in /
provisioned
`,
}, {
	Name:  "sdc:nics absent: loopback alone",
	Host:  func(s *host.Store) { s.Unset("sdc:nics"); s.Unset("sdc:routes") },
	Warns: `validate: sdc:nics: absent; the zone has no network but loopback`,
	Want: `
hostname web0
mount tmpfs on /dev/shm (mode=1777)
nic lo 127.0.0.1/8 ::1/128
daemons ipmgmtd
console three streams
command ["/bin/app"] as 0:0 in /
provisioned
`,
}, {
	Name: "several NICs: the gateway of the primary one is the default route",
	Payload: `{"nics": [
		{"interface": "eth0", "mac": "90:b8:d0:00:00:05", "ips": ["192.168.1.7/24"], "gateways": ["192.168.1.1"]},
		{"interface": "eth1", "mac": "90:b8:d0:00:00:06", "ips": ["10.0.0.5/24"], "gateways": ["10.0.0.1"], "primary": true},
		{"interface": "eth2", "mac": "90:b8:d0:00:00:07", "ips": ["172.16.0.9/12"]}
	]}`,
	Want: `
hostname web0
mount tmpfs on /dev/shm (mode=1777)
nic lo 127.0.0.1/8 ::1/128
nic eth0 192.168.1.7/24 mtu 1500
nic eth1 10.0.0.5/24 mtu 1500
nic eth2 172.16.0.9/12 mtu 1500
route default via 10.0.0.1 dev eth1
daemons ipmgmtd
console three streams
command ["/bin/app"] as 0:0 in /
provisioned
`,
}, {
	Name:    "IPv6 alone",
	Payload: `{"nics": [{"interface": "eth0", "mac": "90:b8:d0:00:00:05", "ips": ["fd00::5/64"], "primary": true}]}`,
	Want: `
hostname web0
mount tmpfs on /dev/shm (mode=1777)
nic lo 127.0.0.1/8 ::1/128
nic eth0 fd00::5/64 mtu 1500
daemons ipmgmtd
console three streams
command ["/bin/app"] as 0:0 in /
provisioned
`,
}, {
	Name: "dual stack with a gateway of each version",
	Payload: `{"nics": [{"interface": "eth0", "mac": "90:b8:d0:00:00:05", "primary": true,
		"ips": ["10.0.0.5/24", "fd00::5/64"], "gateways": ["10.0.0.1", "fd00::1"]}]}`,
	Want: `
hostname web0
mount tmpfs on /dev/shm (mode=1777)
nic lo 127.0.0.1/8 ::1/128
nic eth0 10.0.0.5/24 fd00::5/64 mtu 1500
route default via 10.0.0.1 dev eth0
route default6 via fd00::1 dev eth0
daemons ipmgmtd
console three streams
command ["/bin/app"] as 0:0 in /
provisioned
`,
}, {
	Name: "a NIC in the form of old: ip and netmask",
	Host: func(s *host.Store) {
		s.Set("sdc:nics", `[{"interface":"eth0","mac":"90:b8:d0:00:00:05","ip":"10.0.0.5","netmask":"255.255.255.0","gateway":"10.0.0.1","primary":true}]`)
	},
	Want: usual + `
command ["/bin/app"] as 0:0 in /
provisioned
`,
}, {
	Name:    "dhcp",
	Payload: `{"nics": [{"interface": "eth0", "mac": "90:b8:d0:00:00:05", "ips": ["dhcp"], "primary": true}]}`,
	Want: `
hostname web0
mount tmpfs on /dev/shm (mode=1777)
nic lo 127.0.0.1/8 ::1/128
nic eth0 198.18.1.10/24 mtu 1500
route default via 198.18.1.1
daemons ipmgmtd dhcpagent
console three streams
command ["/bin/app"] as 0:0 in /
provisioned
`,
}, {
	Name:    "addrconf",
	Payload: `{"nics": [{"interface": "eth0", "mac": "90:b8:d0:00:00:05", "ips": ["addrconf"], "primary": true}]}`,
	Want: `
hostname web0
mount tmpfs on /dev/shm (mode=1777)
nic lo 127.0.0.1/8 ::1/128
nic eth0 fe80::92b8:d0ff:fe00:5/64 2001:db8:1:0:92b8:d0ff:fe00:5/64 mtu 1500
route default6 via fe80::1 dev eth0
daemons ipmgmtd in.ndpd
console three streams
command ["/bin/app"] as 0:0 in /
provisioned
`,
}, {
	Name:    "dhcp and addrconf beside a static address",
	Payload: `{"nics": [{"interface": "eth0", "mac": "90:b8:d0:00:00:05", "ips": ["10.0.0.5/24", "dhcp", "addrconf"], "primary": true}]}`,
	Want: `
hostname web0
mount tmpfs on /dev/shm (mode=1777)
nic lo 127.0.0.1/8 ::1/128
nic eth0 10.0.0.5/24 198.18.1.10/24 fe80::92b8:d0ff:fe00:5/64 2001:db8:1:0:92b8:d0ff:fe00:5/64 mtu 1500
route default via 198.18.1.1
route default6 via fe80::1 dev eth0
daemons ipmgmtd dhcpagent in.ndpd
console three streams
command ["/bin/app"] as 0:0 in /
provisioned
`,
}, {
	Name:    "an mtu of its own",
	Payload: `{"nics": [{"interface": "eth0", "mac": "90:b8:d0:00:00:05", "ips": ["10.0.0.5/24"], "mtu": 9000, "primary": true}]}`,
	Want: `
hostname web0
mount tmpfs on /dev/shm (mode=1777)
nic lo 127.0.0.1/8 ::1/128
nic eth0 10.0.0.5/24 mtu 9000
daemons ipmgmtd
console three streams
command ["/bin/app"] as 0:0 in /
provisioned
`,
}, {
	Name:    "docker:noipmgmtd: no foreign process stays",
	Payload: `{"internal_metadata": {"docker:noipmgmtd": true}}`,
	Want: `
hostname web0
mount tmpfs on /dev/shm (mode=1777)
nic lo 127.0.0.1/8 ::1/128
nic eth0 10.0.0.5/24 mtu 1500
route default via 10.0.0.1 dev eth0
daemons none
console three streams
command ["/bin/app"] as 0:0 in /
provisioned
`,
}, {
	Name:    "docker:noipmgmtd: an agent that holds a lease stays",
	Payload: `{"nics": [{"interface": "eth0", "mac": "90:b8:d0:00:00:05", "ips": ["dhcp"], "primary": true}], "internal_metadata": {"docker:noipmgmtd": true}}`,
	Want: `
hostname web0
mount tmpfs on /dev/shm (mode=1777)
nic lo 127.0.0.1/8 ::1/128
nic eth0 198.18.1.10/24 mtu 1500
route default via 198.18.1.1
daemons dhcpagent
console three streams
command ["/bin/app"] as 0:0 in /
provisioned
`,
}, {
	Name:    "a NIC without addresses is plumbed and up",
	Payload: `{"nics": [{"interface": "eth0", "mac": "90:b8:d0:00:00:05", "primary": true}]}`,
	Want: `
hostname web0
mount tmpfs on /dev/shm (mode=1777)
nic lo 127.0.0.1/8 ::1/128
nic eth0 mtu 1500
daemons ipmgmtd
console three streams
command ["/bin/app"] as 0:0 in /
provisioned
`,
}, {
	Name:    "one address on two NICs is fatal",
	Payload: `{"nics": [{"interface": "eth0", "mac": "90:b8:d0:00:00:05", "ips": ["10.0.0.5/24"], "primary": true}, {"interface": "eth1", "mac": "90:b8:d0:00:00:06", "ips": ["10.0.0.5/25"]}]}`,
	Want: `
provisioning
fatal 64 sdc:nics: NIC 2 (eth1): ips "10.0.0.5": NIC 1 has it too
status 125
`,
}, {
	Name: "an address that the host does not allow is fatal, and all NICs are tried",
	Host: func(s *host.Store) {
		s.Set("sdc:nics", `[{"interface":"eth0","mac":"90:b8:d0:00:00:05","ips":["10.0.0.77/24"],"primary":true},{"interface":"eth9","mac":"90:b8:d0:00:00:99","ips":["10.9.0.5/24"]}]`)
	},
	Want: `
hostname web0
mount tmpfs on /dev/shm (mode=1777)
nic lo 127.0.0.1/8 ::1/128
nic eth0 mtu 1500 down
daemons ipmgmtd
provisioning
error nics: configure eth0 10.0.0.77/24: address 10.0.0.77/24: not among the allowed-ips of eth0: operation not permitted
error nics: configure eth9 10.9.0.5/24: "eth9": the host made no link of that name: no such device or address
fatal 33 nics: configure eth0 10.0.0.77/24: address 10.0.0.77/24: not among the allowed-ips of eth0: operation not permitted (and 1 more)
status 125
`,
}, {
	Name:    "several mistakes in the NICs are told together",
	Payload: `{"nics": [{"interface": "eth0", "mac": "90:b8:d0:00:00:05", "ips": ["10.0.0.300/24", "10.0.0.5"], "mtu": 10, "primary": true}]}`,
	Want: `
provisioning
error sdc:nics: NIC 1 (eth0): mtu "10": no link has such an MTU; 576 to 9000 is expected
error sdc:nics: NIC 1 (eth0): ips element 1 "10.0.0.300/24": not an IP address
error sdc:nics: NIC 1 (eth0): ips element 2 "10.0.0.5": no prefix length; "10.0.0.5/24" perhaps
fatal 64 sdc:nics: NIC 1 (eth0): mtu "10": no link has such an MTU; 576 to 9000 is expected (and 2 more)
status 125
`,
}}
