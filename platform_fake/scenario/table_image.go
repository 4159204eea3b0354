package scenario

import (
	"io/fs"
)

const logName = "var/log/sdc-dockerinit.log"

// images are hostile. The ids are those of the table of attacks, here and below.
var images = []Scenario{{
	Name:  "S-1: /var/log is a link",
	Image: []File{gone("var/log"), link("var/log", "/srv")},
	Show:  []string{"srv/sdc-dockerinit.log"},
	Warns: `log: write /var/log/sdc-dockerinit.log: the log is kept in memory: create /var/log/sdc-dockerinit.log: is reached through a symbolic link`,
	Want: usual + `
command ["/bin/app"] as 0:0 in /
provisioned
no srv/sdc-dockerinit.log
`,
}, {
	Name:  "S-1: /var is a link",
	Image: []File{gone("var"), link("var", "srv"), dir("srv/log"), file("srv/svc/provisioning", "")},
	Show:  []string{"srv/log/sdc-dockerinit.log"},
	Warns: `log: write /var/log/sdc-dockerinit.log: the log is kept in memory: create /var/log/sdc-dockerinit.log: is reached through a symbolic link`,
	Want: usual + `
provisioning
no srv/log/sdc-dockerinit.log
fatal 22 provisioned: mark the zone as provisioned: rename /var/svc/provisioning: is reached through a symbolic link
status 125
`,
}, {
	Name:    "S-1: where the log is kept in memory the console tells every mistake",
	Payload: `{"internal_metadata": {"docker:user": "nobdy", "docker:cmd": ["/bin/none"]}}`,
	Image:   []File{gone("var/log"), link("var/log", "/srv")},
	Warns:   `log: write /var/log/sdc-dockerinit.log: the log is kept in memory: create /var/log/sdc-dockerinit.log: is reached through a symbolic link`,
	Want: `
said "dockerinit: \"/bin/none\": no such file or directory"
provisioning
error docker:user "nobdy": no such user in /etc/passwd
error "/bin/none": no such file or directory
fatal 29 docker:user "nobdy": no such user in /etc/passwd (and 1 more)
status 125
`,
}, {
	Name:  "S-2: the log is a link to a file of the image",
	Image: []File{link(logName, "/etc/passwd")},
	Show:  []string{logName, "etc/passwd"},
	Want: usual + `
command ["/bin/app"] as 0:0 in /
provisioned
-rw------- var/log/sdc-dockerinit.log
-rw-r--r-- etc/passwd
`,
}, {
	Name:  "S-2: the log is a FIFO",
	Image: []File{fifo(logName)},
	Show:  []string{logName},
	Want: usual + `
command ["/bin/app"] as 0:0 in /
provisioned
-rw------- var/log/sdc-dockerinit.log
`,
}, {
	Name:  "S-2: the log is a directory",
	Image: []File{file(logName+"/x", "")},
	Show:  []string{logName},
	Warns: `log: write /var/log/sdc-dockerinit.log: the log is kept in memory: create /var/log/sdc-dockerinit.log: is a directory`,
	Want: usual + `
command ["/bin/app"] as 0:0 in /
provisioned
drwxr-xr-x var/log/sdc-dockerinit.log
`,
}, {
	Name:  "S-3: the log is there, and everybody's",
	Image: []File{{Name: logName, Mode: 0o666, Content: "2024-01-01T00:00:00.000Z EXEC\n"}},
	Show:  []string{logName},
	Want: usual + `
command ["/bin/app"] as 0:0 in /
provisioned
-rw------- var/log/sdc-dockerinit.log
`,
}, {
	Name:    "S-4: /etc/passwd is a FIFO: a name is fatal",
	Payload: `{"internal_metadata": {"docker:user": "alice"}}`,
	Image:   []File{fifo("etc/passwd")},
	Warns:   `validate: open /etc/passwd: is a FIFO, not a regular file`,
	Want: `
provisioning
fatal 29 docker:user "alice": open /etc/passwd: is a FIFO, not a regular file
status 125
`,
}, {
	Name:    "S-4: /etc/passwd is a FIFO: a number works",
	Payload: `{"internal_metadata": {"docker:user": "1000:1000"}}`,
	Image:   []File{fifo("etc/passwd"), dir("etc/group.d"), gone("etc/group"), link("etc/group", "group.d")},
	Warns:   `validate: open /etc/passwd: is a FIFO, not a regular file`,
	Want: usual + `
command ["/bin/app"] as 1000:1000 in /
provisioned
`,
}, {
	Name:    "S-4: /etc/group is a socket",
	Payload: `{"internal_metadata": {"docker:user": "alice"}}`,
	Image:   []File{socket("etc/group")},
	Warns:   `validate: open /etc/group: is a socket, not a regular file`,
	Want: usual + `
command ["/bin/app"] as 1000:1000 in /
provisioned
`,
}, {
	Name:    "S-5: /etc/passwd is endless",
	Payload: `{"internal_metadata": {"docker:user": "alice"}}`,
	Image:   []File{sparse("etc/passwd", "root:x:0:0::/root:/bin/sh\n", 20<<30)},
	Want: `
provisioning
fatal 29 docker:user "alice": read /etc/passwd: too large
status 125
`,
}, {
	Name:  "S-8: /etc/mtab is a directory",
	Image: []File{file("etc/mtab/x", "")},
	Show:  []string{"etc/mtab"},
	Warns: `mounts: link /etc/mtab to /proc/mounts: link /etc/mtab: is a directory`,
	Want: usual + `
command ["/bin/app"] as 0:0 in /
provisioned
drwxr-xr-x etc/mtab
`,
}, {
	Name:  "S-8: /etc/mtab is a file: it becomes the link",
	Image: []File{file("etc/mtab", "/dev/sda / ext4")},
	Show:  []string{"etc/mtab"},
	Want: usual + `
command ["/bin/app"] as 0:0 in /
provisioned
Lrwxrwxrwx etc/mtab -> /proc/mounts
`,
}, {
	Name:  "S-8: /etc is a link: mtab is left alone",
	Image: []File{gone("etc"), link("etc", "srv"), file("srv/passwd", "root:x:0:0::/root:/bin/sh\n")},
	Show:  []string{"srv/mtab"},
	Warns: `mounts: link /etc/mtab to /proc/mounts: link /etc/mtab: is reached through a symbolic link`,
	Want: usual + `
command ["/bin/app"] as 0:0 in /
provisioned
no srv/mtab
`,
}, {
	Name:    "S-9: a file descriptor of the boot is no working directory",
	Payload: `{"internal_metadata": {"docker:workdir": "/app"}}`,
	Image:   []File{link("app", "/proc/self/fd/8/../../../etc"), dir("proc"), dir("proc/self/fd")},
	Want: network + `
provisioning
fatal 49 workdir: working directory /app: mkdir /app: leads through a link of /proc that has no path
status 125
`,
}, {
	Name:    "S-13: a FIFO in PATH is passed over",
	Payload: `{"internal_metadata": {"docker:env": ["PATH=/srv:/bin"], "docker:cmd": ["app"]}}`,
	Image:   []File{{Name: "srv/app", Mode: fs.ModeNamedPipe | 0o755}},
	Show:    []string{"path"},
	Want: usual + `
command ["app"] as 0:0 in /
provisioned
path /bin/app
`,
}}
