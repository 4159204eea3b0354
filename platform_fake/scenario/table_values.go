package scenario

import (
	"strings"

	"dockerinit/platform_fake/host"
)

// values are hostile too: the tenant's are aimed at logs and at whoever reads
// them.
var values = []Scenario{{
	Name:    "S-7: a user with a newline",
	Payload: `{"internal_metadata": {"docker:user": "alice\nroot"}}`,
	Want: `
provisioning
fatal 64 docker:user "alice\nroot": control characters are not taken
status 125
`,
}, {
	Name:    "S-7: a user with a NUL and spaces",
	Payload: `{"internal_metadata": {"docker:user": " root\u0000 "}}`,
	Want: `
provisioning
fatal 64 docker:user " root\x00 ": control characters are not taken
status 125
`,
}, {
	Name:    "S-7: a user of a MiB",
	Payload: `{"internal_metadata": {"docker:user": "` + strings.Repeat("a", 1<<20) + `"}}`,
	Want: `
provisioning
fatal 64 docker:user "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"… (1048576 bytes): longer than 512 bytes
status 125
`,
}, {
	Name:    "S-14: NUL in the environment, the command, the working directory",
	Payload: `{"internal_metadata": {"docker:env": ["A=` + Canary + `\u0000"], "docker:cmd": ["/bin/app", "\u0000"], "docker:workdir": "/srv\u0000"}}`,
	Want: `
provisioning
error docker:workdir "/srv\x00": control characters are not taken
error docker:env: element 1 (A): a NUL byte
error docker:cmd: element 2: a NUL byte
fatal 64 docker:workdir "/srv\x00": control characters are not taken (and 2 more)
status 125
`,
}, {
	Name:    "S-14: a host name that is none, which the host lets pass, is not used",
	Payload: `{"hostname": "a b\n2024-01-01T00:00:00.000Z EXEC"}`,
	Warns:   `validate: sdc:hostname "a b\n2024-01-01T00:00:00.000Z EXEC": letters, digits, _ - and . are expected; the zone keeps its own name`,
	Want: strings.TrimPrefix(usual, "\nhostname web0") + `
command ["/bin/app"] as 0:0 in /
provisioned
`,
}, {
	Name: "S-14: bytes that are no UTF-8",
	Host: func(s *host.Store) {
		s.Set("docker:env", "[\"A=\xff\"]")
		s.Set("docker:workdir", "/srv/\xfe")
	},
	Want: `
provisioning
error docker:workdir "/srv/\xfe": not valid UTF-8
error docker:env: element 1: no valid UTF-8 in the text that begins at byte 3; expected is JSON array of NAME=value
fatal 64 docker:workdir "/srv/\xfe": not valid UTF-8 (and 1 more)
status 125
`,
}, {
	Name:    "S-15: a value forges no line of the log",
	Payload: `{"internal_metadata": {"docker:user": "x\n2024-01-01T00:00:00.000Z FATAL (code: 0): y", "docker:workdir": "/a\n2024-01-01T00:00:00.000Z EXEC", "docker:env": ["A=1\n2024-01-01T00:00:00.000Z EXEC\n"]}}`,
	Want: `
provisioning
error docker:user "x\n2024-01-01T00:00:00.000Z FATAL (code: 0): y": control characters are not taken
error docker:workdir "/a\n2024-01-01T00:00:00.000Z EXEC": control characters are not taken
fatal 64 docker:user "x\n2024-01-01T00:00:00.000Z FATAL (code: 0): y": control characters are not taken (and 1 more)
status 125
`,
}, {
	Name:    "S-15: a newline in the environment is the command's, and in no line of the log",
	Payload: `{"internal_metadata": {"docker:env": ["A=1\n2024-01-01T00:00:00.000Z EXEC\n"]}}`,
	Want: usual + `
command ["/bin/app"] as 0:0 in /
provisioned
`,
}, {
	Name: "S-16: no secret is told, whatever is wrong with its key",
	Payload: `{"internal_metadata": {
		"docker:env": ["` + Canary + `", "=` + Canary + `", "A=` + Canary + `", 7],
		"docker:linkEnv": "{` + Canary + `",
		"docker:logdriver": "syslog", "docker:logconfig": {"x": ["` + Canary + `"], "mode": "` + Canary + `"},
		"root_pw": "` + Canary + `"}}`,
	Warns: `validate: docker:env: element 1: an entry without "=" removes a variable, and there is none of that name`,
	Want: `
provisioning
error docker:linkEnv: unexpected character at byte 2; expected is JSON array of NAME=value
error docker:env: element 2: a variable without a name
error docker:env: element 4: a number where text is expected
error docker:logconfig: member 1: an array where text is expected
error docker:logconfig: mode: blocking or non-blocking is expected
fatal 20 docker:linkEnv: unexpected character at byte 2; expected is JSON array of NAME=value (and 4 more)
status 125
`,
}, {
	Name:    "S-16: the words of the command may be secrets",
	Payload: `{"internal_metadata": {"docker:entrypoint": ["/bin/none", "--password=` + Canary + `"]}}`,
	Want: `
provisioning
fatal 25 "/bin/none": no such file or directory
status 127
`,
}, {
	Name:    "S-17: what is no array of strings",
	Payload: `{"internal_metadata": {"docker:cmd": "{\"a\":1,\"a\":2}", "docker:env": "[1e999]", "docker:entrypoint": "[\"a\"] x", "docker:linkEnv": "null"}}`,
	Want: `
provisioning
error docker:linkEnv: null; expected is JSON array of NAME=value
error docker:env: element 1: a number where text is expected
error docker:entrypoint: text after the end of the value at byte 7; expected is JSON array of strings
error docker:cmd: the name "a" for the second time at byte 8; expected is JSON array of strings
fatal 20 docker:linkEnv: null; expected is JSON array of NAME=value (and 3 more)
status 125
`,
}, {
	Name:    "S-17: too deep",
	Payload: `{"internal_metadata": {"docker:cmd": "` + strings.Repeat("[", 100_000) + `"}}`,
	Want: `
provisioning
fatal 20 docker:cmd: element 1: element 1: element 1: element 1: element 1: element 1: element 1: element 1: element 1: element 1: element 1: element 1: element 1: element 1: element 1: element 1: element 1: element 1: element 1: element 1: element 1: element 1: element 1: element 1: element 1: element 1: element 1: element 1: element 1: element 1: element 1: element 1: element 1: element 1: element 1: element 1: element 1: element 1: element 1: element 1: element 1: element 1: element 1: element 1: element 1: element 1: element 1: element 1: element 1: element 1: element 1: element 1: element 1: element 1: element 1: element 1: element 1: element 1: element 1: element 1: element 1: element 1: element 1: element 1: more than 64 levels at byte 65; expected is JSON array of strings
status 125
`,
}, {
	Name:    "S-17: a name twice, a byte order mark, a lone surrogate",
	Payload: `{"internal_metadata": {"docker:tmpfs": "{\"/a\":\"\",\"/a\":\"\"}", "docker:cmd": "\ufeff[\"/bin/app\"]", "docker:group_add": "[\"\\ud800\"]"}}`,
	Want: `
provisioning
error docker:tmpfs: the name "/a" for the second time at byte 10; expected is JSON object from path to mount options
error docker:group_add: element 1: half a surrogate pair at byte 3; expected is JSON array of group names or numbers as text
error docker:cmd: it begins with a byte order mark; expected is JSON array of strings
fatal 20 docker:tmpfs: the name "/a" for the second time at byte 10; expected is JSON object from path to mount options (and 2 more)
status 125
`,
}, {
	Name:    "S-21: without the namespace the zone itself could have written docker:user",
	Payload: `{"docker": false, "customer_metadata": {"docker:cmd": "[\"/bin/app\"]", "docker:user": "root"}}`,
	Warns:   `validate: sdc:internal_metadata_namespaces: docker is not among them: the container's own processes can write its docker:* keys, docker:user too`,
	Want: usual + `
command ["/bin/app"] as 0:0 in /
provisioned
`,
}, {
	Name: "a key that the host refuses is named",
	Host: func(s *host.Store) { s.Refuse("docker:env", "no such luck") },
	Want: `
provisioning
fatal 8 metadata key "docker:env": the host refused the GET: "no such luck"
status 125
`,
}, {
	Name: "several keys that the host refuses are all named",
	Host: func(s *host.Store) { s.Refuse("docker:env", ""); s.Refuse("sdc:nics", "") },
	Want: `
provisioning
error metadata key "sdc:nics": the host refused the GET
error metadata key "docker:env": the host refused the GET
fatal 8 metadata key "sdc:nics": the host refused the GET (and 1 more)
status 125
`,
}, {
	Name:    "a failure that an earlier boot left behind is deleted",
	Payload: `{"customer_metadata": {"__dockerinit_failure": "{\"code\":29}"}}`,
	Want: usual + `
command ["/bin/app"] as 0:0 in /
provisioned
metadata __dockerinit_failure deleted
`,
}, {
	Name:    "so is what one told that stayed",
	Payload: `{"customer_metadata": {"__dockerinit_restart_count": "3", "__dockerinit_last_exit": "1", "__dockerinit_health": "healthy"}}`,
	Want: usual + `
command ["/bin/app"] as 0:0 in /
provisioned
metadata __dockerinit_health deleted
metadata __dockerinit_last_exit deleted
metadata __dockerinit_restart_count deleted
`,
}, {
	Name:    "a failure that an earlier boot left behind is replaced by a new one",
	Payload: `{"customer_metadata": {"__dockerinit_failure": "{\"code\":29}"}, "internal_metadata": {"docker:cmd": ["/bin/none"]}}`,
	Want: `
provisioning
fatal 25 "/bin/none": no such file or directory
status 127
`,
}, {
	Name:    "a host of version 1 answers a good boot",
	V1Only:  true,
	Payload: `{"internal_metadata": {"docker:user": "alice", "docker:env": ["A=x\n.y"]}}`,
	Show:    []string{"env"},
	Want: usual + `
command ["/bin/app"] as 1000:1000 groups 4,50 in /
provisioned
env PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
env HOME=/home/alice
env HOSTNAME=web0
env TERM=xterm
env A=x\n.y
`,
}, {
	Name:    "a host of version 1 cannot be told of a failure",
	V1Only:  true,
	Payload: `{"internal_metadata": {"docker:cmd": ["/bin/none"]}}`,
	Warns:   `metadata: PUT was posted and not done: metadata: PUT "__dockerinit_failure": the host speaks version 1`,
	Want: `
provisioning
fatal 25 "/bin/none": no such file or directory
status 127
no failure record
`,
}}
