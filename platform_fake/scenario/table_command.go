package scenario

import (
	"dockerinit/core/zone"
)

// commands are how the command is found.
var commands = []Scenario{{
	Name:    "X1: the entrypoint's words come before the command's",
	Payload: `{"internal_metadata": {"docker:entrypoint": ["/bin/app", "-x"], "docker:cmd": ["serve", ""]}}`,
	Want: usual + `
command ["/bin/app" "-x" "serve" ""] as 0:0 in /
provisioned
`,
}, {
	Name:    "X1: an entrypoint alone",
	Payload: `{"internal_metadata": {"docker:entrypoint": ["/bin/app"], "docker:cmd": []}}`,
	Want: usual + `
command ["/bin/app"] as 0:0 in /
provisioned
`,
}, {
	Name:    "X1: an entrypoint of one empty word is none",
	Payload: `{"internal_metadata": {"docker:entrypoint": [""], "docker:cmd": ["/bin/app", ""]}}`,
	Want: usual + `
command ["/bin/app" ""] as 0:0 in /
provisioned
`,
}, {
	Name:    "X1: an entrypoint of one empty word, and no command",
	Payload: `{"internal_metadata": {"docker:entrypoint": [""], "docker:cmd": []}}`,
	Want: `
provisioning
fatal 13 docker:cmd: there is no command, and none in docker:entrypoint; one of them is expected
status 125
`,
}, {
	Name:    "X1: no command",
	Payload: `{"internal_metadata": {"docker:entrypoint": [], "docker:cmd": null}}`,
	Want: `
provisioning
fatal 13 docker:cmd: there is no command, and none in docker:entrypoint; one of them is expected
status 125
`,
}, {
	Name:    "X2: argv[0] stays as the user wrote it",
	Payload: `{"internal_metadata": {"docker:cmd": ["app"]}}`,
	Show:    []string{"path"},
	Want: usual + `
command ["app"] as 0:0 in /
provisioned
path /bin/app
`,
}, {
	Name:    "X3: a path is relative to the working directory",
	Payload: `{"internal_metadata": {"docker:workdir": "/srv/app", "docker:cmd": ["./run.sh"]}}`,
	Image:   []File{exe("srv/app/run.sh", "#!/bin/app\n")},
	Show:    []string{"path"},
	Want: usual + `
command ["./run.sh"] as 0:0 in /srv/app
provisioned
path ./run.sh
`,
}, {
	Name:    "X3: a path to nothing",
	Payload: `{"internal_metadata": {"docker:cmd": ["/bin/none"]}}`,
	Want: `
provisioning
fatal 25 "/bin/none": no such file or directory
status 127
`,
}, {
	Name:    "X3: a path through a file",
	Payload: `{"internal_metadata": {"docker:cmd": ["/etc/passwd/app"]}}`,
	Want: `
provisioning
fatal 25 "/etc/passwd/app": what stands before a slash in it is not a directory
status 127
`,
}, {
	Name:    "X3: a directory",
	Payload: `{"internal_metadata": {"docker:cmd": ["/srv"]}}`,
	Want: `
provisioning
fatal 26 "/srv": is a directory
status 126
`,
}, {
	Name:    "X3: a file that nobody may execute",
	Payload: `{"internal_metadata": {"docker:cmd": ["/bin/data"]}}`,
	Image:   []File{{Name: "bin/data", Mode: 0o600, Content: "#!/bin/app\n"}},
	Want: `
provisioning
fatal 27 "/bin/data": may not be executed by 0:0 (mode 0600, owner 0:0)
status 126
`,
}, {
	Name:    "X4: PATH of the environment is searched, past what cannot be executed",
	Payload: `{"internal_metadata": {"docker:env": ["PATH=/none:/srv/a:/srv/b:/srv/c"], "docker:cmd": ["tool"]}}`,
	Image:   []File{dir("srv/a/tool"), file("srv/b/tool", ""), exe("srv/c/tool", "#!/bin/app\n")},
	Show:    []string{"path"},
	Want: usual + `
command ["tool"] as 0:0 in /
provisioned
path /srv/c/tool
`,
}, {
	Name:    "X4: in no directory of PATH",
	Payload: `{"internal_metadata": {"docker:cmd": ["tool"]}}`,
	Want: `
provisioning
fatal 17 "tool": not found in any of the 6 directories of PATH
status 127
`,
}, {
	Name:    "X4: no PATH at all",
	Payload: `{"internal_metadata": {"docker:env": ["PATH"], "docker:cmd": ["app"]}}`,
	Want: `
provisioning
fatal 17 "app": the environment has no PATH to look it up in
status 127
`,
}, {
	Name:    "X5: an empty word",
	Payload: `{"internal_metadata": {"docker:cmd": [""]}}`,
	Want: `
provisioning
fatal 17 "": the command is an empty word
status 127
`,
}, {
	Name:    "X6: an empty element of PATH is the working directory",
	Payload: `{"internal_metadata": {"docker:workdir": "/srv", "docker:env": ["PATH=/none:"], "docker:cmd": ["tool"]}}`,
	Image:   []File{exe("srv/tool", "#!/bin/app\n")},
	Show:    []string{"path"},
	Warns:   `validate: PATH: element 2 is empty or relative and means the working directory`,
	Want: usual + `
command ["tool"] as 0:0 in /srv
provisioned
path ./tool
`,
}, {
	Name:    "X7: a directory on the way that the user may not search",
	Payload: `{"internal_metadata": {"docker:user": "4711:4712", "docker:cmd": ["/root/tool"]}}`,
	Image:   []File{exe("root/tool", "#!/bin/app\n")},
	Want: `
provisioning
fatal 27 "/root/tool": is in "/root", which 4711:4712 may not search by its mode; ACLs are not looked at
status 126
`,
}}

// programs are what the kernel makes of the file that was found.
var programs = []Scenario{{
	Name:    "X8: a script with CR LF",
	Payload: `{"internal_metadata": {"docker:cmd": ["/srv/run.sh"]}}`,
	Image:   []File{exe("srv/run.sh", "#!/bin/app\r\necho\r\n")},
	Want: `
provisioning
fatal 3 "/srv/run.sh": its first line ends in CR LF, so that its interpreter "/bin/app" is looked for under a name that ends in CR: save it with Unix line ends
status 127
`,
}, {
	Name:    "X8: a script whose interpreter the image lacks",
	Payload: `{"internal_metadata": {"docker:cmd": ["/srv/run.sh"]}}`,
	Image:   []File{exe("srv/run.sh", "#!/usr/bin/python3 -u\n")},
	Want: `
provisioning
fatal 3 "/srv/run.sh": its first line asks for the interpreter "/usr/bin/python3", which the image does not have
status 127
`,
}, {
	Name:    "X8: a program for another processor",
	Payload: `{"internal_metadata": {"docker:cmd": ["/srv/tool"]}}`,
	Image:   []File{exe("srv/tool", foreignProgram())},
	Here:    noEmulator,
	Want: `
provisioning
fatal 3 "/srv/tool": is for s390x, this zone runs x86_64
status 126
`,
}, {
	Name:    "X8: an empty file",
	Payload: `{"internal_metadata": {"docker:cmd": ["/srv/tool"]}}`,
	Image:   []File{exe("srv/tool", "")},
	Want: `
provisioning
fatal 3 "/srv/tool": is an empty file
status 126
`,
}, {
	Name:    "X10: text is not given to a shell",
	Payload: `{"internal_metadata": {"docker:cmd": ["/srv/tool"]}}`,
	Image:   []File{exe("srv/tool", "echo hello\n")},
	Here:    noEmulator,
	Want: `
provisioning
fatal 3 "/srv/tool": is text without a first line such as #!/bin/sh, which says who shall read it
status 126
`,
}, {
	Name:    "S-13: a FIFO for a command is not waited for",
	Payload: `{"internal_metadata": {"docker:cmd": ["/srv/pipe"]}}`,
	Image:   []File{{Name: "srv/pipe", Mode: fifo("").Mode | 0o111}},
	Want: `
provisioning
fatal 27 "/srv/pipe": is not a regular file
status 126
`,
}, {
	Name:    "S-28: a command that begins with a dash is a command",
	Payload: `{"internal_metadata": {"docker:cmd": ["-app"]}}`,
	Image:   []File{exe("bin/-app", "#!/bin/app\n")},
	Show:    []string{"path"},
	Want: usual + `
command ["-app"] as 0:0 in /
provisioned
path /bin/-app
`,
}, {
	Name:    "a command that only a volume has is looked up again behind it",
	Payload: `{"internal_metadata": {"docker:cmd": ["/data/tool"], "docker:nfsvolumes": [{"nfsvolume": "10.0.0.9:/exports/data", "mountpoint": "/data"}]}}`,
	Want: `
hostname web0
mount tmpfs on /dev/shm (mode=1777)
mount 10.0.0.9:/exports/data on /data
nic lo 127.0.0.1/8 ::1/128
nic eth0 10.0.0.5/24 mtu 1500
route default via 10.0.0.1 dev eth0
daemons ipmgmtd
provisioning
fatal 25 command: look for "/data/tool" again, on what was mounted: "/data/tool": no such file or directory
status 127
`,
}, {
	Name:    "a working directory and a command on joyent-minimal",
	Brand:   zone.JoyentMinimal,
	Payload: `{"internal_metadata": {"docker:user": "www-data", "docker:workdir": "/var/www", "docker:cmd": ["app", "serve"]}}`,
	Want: `
hostname web0
mount fd on /dev/fd
nic lo0 127.0.0.1/8 ::1/128
nic net0 10.0.0.5/24 mtu 1500
route default via 10.0.0.1 dev net0
daemons ipmgmtd
console three streams
command ["app" "serve"] as 33:33 groups 50 in /var/www
provisioned
`,
}}
