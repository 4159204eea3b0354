package scenario

// users are who the command runs as. The ids are those of the rules of process
// semantics, here and below.
var users = []Scenario{{
	Name:    "U1: user and group by name",
	Payload: `{"internal_metadata": {"docker:user": "alice:staff"}}`,
	Want: usual + `
command ["/bin/app"] as 1000:50 in /
provisioned
`,
}, {
	Name:    "U1: a user with an empty group has his own",
	Payload: `{"internal_metadata": {"docker:user": "alice:"}}`,
	Want: usual + `
command ["/bin/app"] as 1000:1000 groups 4,50 in /
provisioned
`,
}, {
	Name:    "U1: a group alone is root with that group",
	Payload: `{"internal_metadata": {"docker:user": ":staff"}}`,
	Want: usual + `
command ["/bin/app"] as 0:50 in /
provisioned
`,
}, {
	Name:    "U1: only the first colon counts",
	Payload: `{"internal_metadata": {"docker:user": "alice:staff:users"}}`,
	Want: `
provisioning
fatal 5 docker:user "alice:staff:users": no such group "staff:users" in /etc/group
status 125
`,
}, {
	Name:    "U2: a number is never taken for a name",
	Payload: `{"internal_metadata": {"docker:user": "2000"}}`,
	Image:   []File{file("etc/passwd", "root:x:0:0::/root:/bin/sh\n2000:x:0:0::/root:/bin/sh\n")},
	Want: usual + `
command ["/bin/app"] as 2000:0 in /
provisioned
`,
}, {
	Name:    "U3: a user's number out of range",
	Payload: `{"internal_metadata": {"docker:user": "-1"}}`,
	Want: `
provisioning
fatal 29 docker:user "-1": an id is a number from 0 to 2147483647
status 125
`,
}, {
	Name:    "U3: a group's number out of range",
	Payload: `{"internal_metadata": {"docker:user": "alice:4294967296"}}`,
	Want: `
provisioning
fatal 5 docker:user "alice:4294967296": an id is a number from 0 to 2147483647
status 125
`,
}, {
	Name:    "U4: an empty user is root",
	Payload: `{"internal_metadata": {"docker:user": ""}}`,
	Want: usual + `
command ["/bin/app"] as 0:0 in /
provisioned
`,
}, {
	Name:    "U5: an unknown name is fatal",
	Payload: `{"internal_metadata": {"docker:user": "nobdy"}}`,
	Want: `
provisioning
fatal 29 docker:user "nobdy": no such user in /etc/passwd
status 125
`,
}, {
	Name:    "U6: a number that is not in the image is used as it is, with group 0 and no other",
	Payload: `{"internal_metadata": {"docker:user": "4711"}}`,
	Show:    []string{"env"},
	Want: usual + `
command ["/bin/app"] as 4711:0 in /
provisioned
env PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
env HOME=/
env HOSTNAME=web0
env TERM=xterm
`,
}, {
	Name:    "U6: a number and a group's number that are not in the image",
	Payload: `{"internal_metadata": {"docker:user": "4711:4712"}}`,
	Want: usual + `
command ["/bin/app"] as 4711:4712 in /
provisioned
`,
}, {
	Name:    "U7: a number that is in the image has its line's group, groups and home",
	Payload: `{"internal_metadata": {"docker:user": "1000"}}`,
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
	Name:    "U8: the first line wins",
	Payload: `{"internal_metadata": {"docker:user": "app"}}`,
	Image:   []File{file("etc/passwd", "app:x:500:501::/srv:/bin/sh\napp:x:0:0::/root:/bin/sh\n")},
	Want: usual + `
command ["/bin/app"] as 500:501 in /
provisioned
`,
}, {
	Name:    "U9: an explicit group comes without those of /etc/group",
	Payload: `{"internal_metadata": {"docker:user": "alice:100"}}`,
	Want: usual + `
command ["/bin/app"] as 1000:100 in /
provisioned
`,
}, {
	Name:    "U10: an implicit group comes with all of /etc/group",
	Payload: `{"internal_metadata": {"docker:user": "alice"}}`,
	Want: usual + `
command ["/bin/app"] as 1000:1000 groups 4,50 in /
provisioned
`,
}, {
	Name:    "U11: no passwd and no group file: numbers work",
	Payload: `{"internal_metadata": {"docker:user": "1000:1000"}}`,
	Image:   []File{gone("etc/passwd"), gone("etc/group")},
	Want: usual + `
command ["/bin/app"] as 1000:1000 in /
provisioned
`,
}, {
	Name:    "U11: no passwd file: a name is fatal",
	Payload: `{"internal_metadata": {"docker:user": "alice:staff"}}`,
	Image:   []File{gone("etc/passwd"), gone("etc/group")},
	Want: `
provisioning
error docker:user "alice:staff": no such user: the image has no /etc/passwd
error docker:user "alice:staff": no such group "staff": the image has no /etc/group
fatal 29 docker:user "alice:staff": no such user: the image has no /etc/passwd (and 1 more)
status 125
`,
}, {
	Name:    "U13: group_add takes names and numbers, each once",
	Payload: `{"internal_metadata": {"docker:user": "www-data:www-data", "docker:group_add": ["users", "4711", "tty", "100"]}}`,
	Want: usual + `
command ["/bin/app"] as 33:33 groups 100,4711,5 in /
provisioned
`,
}, {
	Name:    "U13: group_add with an unknown name is fatal",
	Payload: `{"internal_metadata": {"docker:group_add": ["nogrp"]}}`,
	Want: `
provisioning
fatal 5 docker:group_add: element 1 "nogrp": no such group "nogrp" in /etc/group
status 125
`,
}, {
	Name:    "U14: a line with a broken number gives nobody root",
	Payload: `{"internal_metadata": {"docker:user": "eve"}}`,
	Image:   []File{file("etc/passwd", "root:x:0:0::/root:/bin/sh\neve:x:oops:0::/:/bin/sh\n")},
	Warns:   `validate: /etc/passwd: line 2 is malformed and skipped`,
	Want: `
provisioning
fatal 29 docker:user "eve": no such user in /etc/passwd
status 125
`,
}}
