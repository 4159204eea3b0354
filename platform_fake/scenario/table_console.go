package scenario

import (
	"dockerinit/core/zone"
)

// consoles are the command's stdio, and the log driver.
var consoles = []Scenario{{
	Name:    "a terminal, and stdin open",
	Payload: `{"internal_metadata": {"docker:tty": true, "docker:open_stdin": true}}`,
	Want: network + `
console a terminal, stdin open
command ["/bin/app"] as 0:0 in / on a terminal
provisioned
`,
}, {
	Name:    "a terminal without stdin",
	Payload: `{"internal_metadata": {"docker:tty": true}}`,
	Want: network + `
console a terminal
command ["/bin/app"] as 0:0 in / on a terminal
provisioned
`,
}, {
	Name:    "three streams, and stdin open",
	Payload: `{"internal_metadata": {"docker:open_stdin": "true"}}`,
	Want: network + `
console three streams, stdin open
command ["/bin/app"] as 0:0 in /
provisioned
`,
}, {
	Name:    "what is neither true nor false is told",
	Payload: `{"internal_metadata": {"docker:tty": "yes", "docker:open_stdin": "1"}}`,
	Warns: `
validate: docker:tty "yes": taken as false; the host takes any text for true and reads a terminal only, so output may be lost
validate: docker:open_stdin "1": taken as false; true is written exactly so`,
	Want: usual + `
command ["/bin/app"] as 0:0 in /
provisioned
`,
}, {
	Name:    "a log driver gets exactly its variables",
	Payload: `{"internal_metadata": {"docker:logdriver": "syslog", "docker:logconfig": {"syslog-address": "tcp://10.0.0.9:514", "tag": "` + Canary + `"}, "docker:id": "5d1c3c1e5b7e4a7e9d0b2f6f4a3b1c005d1c3c1e5b7e4a7e9d0b2f6f4a3b1c00", "docker:imagename": "web:2", "docker:env": ["SECRET=x"]}}`,
	Show:    []string{"logger"},
	Want: network + `
console three streams, teed
started ["logger" "syslog"] as 0:0 in / with descriptors 3 to 4 sharing its fate
command ["/bin/app"] as 0:0 in /
provisioned
path /native/lib/sdc/docker/logger
env DOCKERLOG_CONFIG={"syslog-address":"tcp://10.0.0.9:514","tag":"c4nary-T0k3n"}
env DOCKERLOG_CONTAINERID=5d1c3c1e5b7e4a7e9d0b2f6f4a3b1c005d1c3c1e5b7e4a7e9d0b2f6f4a3b1c00
env DOCKERLOG_CONTAINERNAME=web
env DOCKERLOG_CREATETIME=2026-03-02T09:14:31.204Z
env DOCKERLOG_IMAGENAME=web:2
env DOCKERLOG_CMD=["/bin/app"]
`,
}, {
	Name:    "a log driver on a terminal and on joyent-minimal",
	Brand:   zone.JoyentMinimal,
	Payload: `{"internal_metadata": {"docker:tty": true, "docker:logdriver": "gelf", "docker:logconfig": {"gelf-address": "udp://10.0.0.9:12201", "mode": "non-blocking"}, "docker:id": null}}`,
	Show:    []string{"logger"},
	Want: `
hostname web0
mount fd on /dev/fd
nic lo0 127.0.0.1/8 ::1/128
nic net0 10.0.0.5/24 mtu 1500
route default via 10.0.0.1 dev net0
daemons ipmgmtd
console a terminal, teed
started ["logger" "gelf"] as 0:0 in / with descriptors 3 to 4 sharing its fate
command ["/bin/app"] as 0:0 in / on a terminal
provisioned
path /lib/sdc/docker/logger
env DOCKERLOG_CONFIG={"gelf-address":"udp://10.0.0.9:12201","mode":"non-blocking"}
env DOCKERLOG_CONTAINERID=5d1c3c1e5b7e4a7e9d0b2f6f4a3b1c00ca306184eff94824be35662c9583f4e7
env DOCKERLOG_CONTAINERNAME=web
env DOCKERLOG_CREATETIME=2026-03-02T09:14:31.204Z
env DOCKERLOG_CMD=["/bin/app"]
`,
}, {
	Name:    "json-file is the host's business",
	Payload: `{"internal_metadata": {"docker:logdriver": "json-file", "docker:logconfig": {"max-size": "10m"}}}`,
	Want: usual + `
command ["/bin/app"] as 0:0 in /
provisioned
`,
}, {
	Name:    "a log driver that nobody knows is named and started",
	Payload: `{"internal_metadata": {"docker:logdriver": "splunk", "docker:logconfig": {}}}`,
	Warns:   `validate: docker:logdriver "splunk": the logger knows fluentd, gelf and syslog, and ends at once for others, and the zone with it`,
	Want: network + `
console three streams, teed
started ["logger" "splunk"] as 0:0 in / with descriptors 3 to 4 sharing its fate
command ["/bin/app"] as 0:0 in /
provisioned
`,
}, {
	Name:    "a log driver that leads elsewhere is no driver",
	Payload: `{"internal_metadata": {"docker:logdriver": "../../../bin/sh"}}`,
	Want: `
provisioning
fatal 64 docker:logdriver "../../../bin/sh": the name of a log driver is expected: json-file, none, fluentd, gelf or syslog
status 125
`,
}}
