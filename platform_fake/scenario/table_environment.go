package scenario

// environments are what the command is told.
var environments = []Scenario{{
	Name: "E1: the environment's defaults",
	Show: []string{"env"},
	Want: usual + `
command ["/bin/app"] as 0:0 in /
provisioned
env PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
env HOME=/root
env HOSTNAME=web0
env TERM=xterm
`,
}, {
	Name: "E2: a later setting wins in the first one's place; an entry without = removes",
	Payload: `{"internal_metadata": {
		"docker:linkEnv": ["DB_PORT=tcp://10.0.0.9:5432", "A=link"],
		"docker:env": ["A=1", "PATH=/srv/bin:/bin", "B=2", "A=3", "TERM", "EMPTY="]}}`,
	Show: []string{"env"},
	Want: usual + `
command ["/bin/app"] as 0:0 in /
provisioned
env PATH=/srv/bin:/bin
env HOME=/root
env HOSTNAME=web0
env DB_PORT=tcp://10.0.0.9:5432
env A=3
env B=2
env EMPTY=
`,
}, {
	Name:    "E4: an empty HOME is the user's home, by number",
	Payload: `{"internal_metadata": {"docker:user": "alice", "docker:env": ["HOME="]}}`,
	Show:    []string{"env"},
	Want: usual + `
command ["/bin/app"] as 1000:1000 groups 4,50 in /
provisioned
env PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
env HOME=/home/alice
env HOSTNAME=web0
env TERM=xterm
`,
}, {
	Name:    "E5: a value may have newlines and equals signs",
	Payload: `{"internal_metadata": {"docker:env": ["A=x=y\nz"]}}`,
	Show:    []string{"env"},
	Want: usual + `
command ["/bin/app"] as 0:0 in /
provisioned
env PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
env HOME=/root
env HOSTNAME=web0
env TERM=xterm
env A=x=y\nz
`,
}, {
	Name:    "E3: an entry without a name is fatal, and no value is told",
	Payload: `{"internal_metadata": {"docker:env": ["A=1", "=` + Canary + `"]}}`,
	Want: `
provisioning
fatal 64 docker:env: element 2: a variable without a name
status 125
`,
}, {
	Name:    "no host name: no HOSTNAME, and the kernel's stays",
	Payload: `{"hostname": null}`,
	Show:    []string{"env"},
	Want: `
mount tmpfs on /dev/shm (mode=1777)
nic lo 127.0.0.1/8 ::1/128
nic eth0 10.0.0.5/24 mtu 1500
route default via 10.0.0.1 dev eth0
daemons ipmgmtd
console three streams
command ["/bin/app"] as 0:0 in /
provisioned
env PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
env HOME=/root
env TERM=xterm
`,
}}

// limits are what it inherits besides.
var limits = []Scenario{{
	Name:    "umask and ulimits",
	Payload: `{"internal_metadata": {"docker:umask": "0077", "docker:ulimits": [{"Name": "nofile", "Soft": 1024, "Hard": 4096}, {"Name": "core", "Soft": 0, "Hard": -1}]}}`,
	Want: usual + `
command ["/bin/app"] as 0:0 in / umask 077 nofile=1024:4096 core=0:unlimited
provisioned
`,
}, {
	Name:    "a limit above its own maximum is fatal",
	Payload: `{"internal_metadata": {"docker:ulimits": [{"Name": "nofile", "Soft": 4096, "Hard": 1024}]}}`,
	Want: `
provisioning
fatal 64 docker:ulimits: limit 1 (nofile): Soft "4096": more than Hard, 1024
status 125
`,
}}
