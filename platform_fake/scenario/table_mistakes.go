package scenario

import (
	"dockerinit/platform_fake/host"
)

// mistakes are whole zones that cannot boot, or hardly.
var mistakes = []Scenario{{
	Name: "no brand",
	Host: func(s *host.Store) { s.Unset("sdc:brand") },
	Want: `
provisioning
fatal 12 sdc:brand: absent; lx or joyent-minimal is expected
status 125
`,
}, {
	Name: "an unknown brand",
	Host: func(s *host.Store) { s.Set("sdc:brand", "kvm\n") },
	Want: `
provisioning
fatal 7 sdc:brand "kvm\n": lx or joyent-minimal is expected
status 125
`,
}, {
	Name: "mistakes of every kind are told in the tables' order, with the code of the first",
	Payload: `{
		"nics": [{"interface": "eth0", "mac": "90:b8:d0:00:00:05", "ips": ["10.0.0.300/24"], "primary": true}],
		"internal_metadata": {
			"docker:nfsvolumes": [{"nfsvolume": "10.0.0.9"}],
			"docker:shmsize": "64m", "docker:user": "nobdy", "docker:env": ["=x"], "docker:umask": "9",
			"docker:cmd": ["/bin/none"], "docker:tty": "yes", "docker:stopsignal": "SIGNOPE"}}`,
	Warns: `validate: docker:tty "yes": taken as false; the host takes any text for true and reads a terminal only, so output may be lost`,
	Want: `
provisioning
error sdc:nics: NIC 1 (eth0): ips element 1 "10.0.0.300/24": not an IP address
error docker:nfsvolumes: volume 1: mountpoint: missing
error docker:nfsvolumes: volume 1: nfsvolume "10.0.0.9": HOST:/path is expected
error docker:shmsize "64m": not a number; expected is bytes
error docker:env: element 1: a variable without a name
error docker:umask "9": an octal number up to 0777 is expected
error docker:stopsignal "SIGNOPE": a signal's name or number is expected, as TERM, SIGINT, RTMIN+3 or 15
error docker:user "nobdy": no such user in /etc/passwd
error "/bin/none": no such file or directory
fatal 64 sdc:nics: NIC 1 (eth0): ips element 1 "10.0.0.300/24": not an IP address (and 8 more)
status 125
`,
}, {
	Name:    "the user, a group and the command are told together",
	Payload: `{"internal_metadata": {"docker:user": "nobdy:nogrp", "docker:group_add": ["other"], "docker:cmd": ["/bin/none"]}}`,
	Want: `
provisioning
error docker:user "nobdy:nogrp": no such user in /etc/passwd
error docker:user "nobdy:nogrp": no such group "nogrp" in /etc/group
error docker:group_add: element 1 "other": no such group "other" in /etc/group
error "/bin/none": no such file or directory
fatal 29 docker:user "nobdy:nogrp": no such user in /etc/passwd (and 3 more)
status 125
`,
}, {
	Name:    "docker:workingdir is taken for docker:workdir",
	Payload: `{"internal_metadata": {"docker:workingdir": "/srv"}}`,
	Warns:   `validate: docker:workingdir "/srv": not a key of docker zones; taken for docker:workdir`,
	Want: usual + `
command ["/bin/app"] as 0:0 in /srv
provisioned
`,
}, {
	Name:    "what only a staying init can do is a warning without one",
	Payload: `{"internal_metadata": {"docker:init_restart": "always", "docker:stopsignal": "SIGINT"}}`,
	Warns:   `validate: docker:init: not true, and so without effect: docker:stopsignal, docker:init_restart`,
	Want: usual + `
command ["/bin/app"] as 0:0 in /
provisioned
`,
}}
