package scenario

import "dockerinit/core/zone"

// docker:init: the command is a child, and the end of it the container's.
var stays = []Scenario{{
	Name:    "with docker:init the command is a child",
	Payload: `{"internal_metadata": {"docker:init": true, "docker:user": "alice", "docker:workdir": "/srv"}}`,
	Want: usual + `
command ["/bin/app"] as 1000:1000 groups 4,50 in /srv as a child
provisioned
`,
}, {
	Name:    "with docker:init on a terminal",
	Brand:   zone.JoyentMinimal,
	Payload: `{"internal_metadata": {"docker:init": true, "docker:tty": true, "docker:umask": "027"}}`,
	Want: `
hostname web0
mount fd on /dev/fd
nic lo0 127.0.0.1/8 ::1/128
nic net0 10.0.0.5/24 mtu 1500
route default via 10.0.0.1 dev net0
daemons ipmgmtd
console a terminal
command ["/bin/app"] as 0:0 in / on a terminal umask 027 as a child
provisioned
`,
}, {
	Name:    "with docker:init beside a log driver",
	Payload: `{"internal_metadata": {"docker:init": true, "docker:logdriver": "syslog", "docker:logconfig": {}}}`,
	Want: network + `
console three streams, teed
started ["logger" "syslog"] as 0:0 in / with descriptors 3 to 4 sharing its fate
command ["/bin/app"] as 0:0 in / as a child
provisioned
`,
}, {
	Name:    "docker:init_restart is content with what has ended well, and tells the host",
	Payload: `{"internal_metadata": {"docker:init": true, "docker:init_restart": "on-failure:3"}}`,
	Want: usual + `
command ["/bin/app"] as 0:0 in / as a child
provisioned
metadata __dockerinit_last_exit = "0"
`,
}, {
	Name:    "an image's own init takes dockerinit's place",
	Payload: `{"internal_metadata": {"docker:init": true, "docker:cmd": ["/sbin/init"]}}`,
	Image:   []File{exe("sbin/init", Program())},
	Warns:   `exec: docker:init: "/sbin/init" works as PID 1 alone: it takes dockerinit's place`,
	Want: usual + `
command ["/sbin/init"] as 0:0 in /
provisioned
`,
}}
