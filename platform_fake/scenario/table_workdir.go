package scenario

// workdirs are where the command starts.
var workdirs = []Scenario{{
	Name:    "W1: a relative working directory begins at the root",
	Payload: `{"internal_metadata": {"docker:workdir": "srv//./app/../app"}}`,
	Image:   []File{dir("srv/app")},
	Warns:   `validate: docker:workdir "srv//./app/../app": not absolute; taken from /`,
	Want: usual + `
command ["/bin/app"] as 0:0 in /srv/app
provisioned
`,
}, {
	Name:    "W2: a missing working directory is made, with its parents",
	Payload: `{"internal_metadata": {"docker:workdir": "/opt/a/b"}}`,
	Show:    []string{"opt", "opt/a/b"},
	Want: usual + `
command ["/bin/app"] as 0:0 in /opt/a/b
provisioned
drwxr-xr-x opt
drwxr-xr-x opt/a/b
`,
}, {
	Name:    "W2: a working directory that is there is left as it is",
	Payload: `{"internal_metadata": {"docker:workdir": "/root", "docker:user": "alice"}}`,
	Show:    []string{"root"},
	Want: usual + `
command ["/bin/app"] as 1000:1000 groups 4,50 in /root
provisioned
drwx------ root
`,
}, {
	Name:    "W3: a file in the working directory's way is fatal",
	Payload: `{"internal_metadata": {"docker:workdir": "/etc/passwd/app"}}`,
	Want: network + `
provisioning
fatal 49 workdir: working directory /etc/passwd/app: /etc/passwd is not a directory
status 125
`,
}, {
	Name:    "W3: a working directory that is a file is fatal, and is not one that could not be made",
	Payload: `{"internal_metadata": {"docker:workdir": "/etc/passwd"}}`,
	Want: network + `
provisioning
fatal 2 workdir: working directory /etc/passwd: /etc/passwd is not a directory
status 125
`,
}, {
	Name:    "W6: ~ is the user's home",
	Payload: `{"internal_metadata": {"docker:workdir": "~/data", "docker:user": "alice"}}`,
	Show:    []string{"home/alice/data"},
	Want: usual + `
command ["/bin/app"] as 1000:1000 groups 4,50 in /home/alice/data
provisioned
drwxr-xr-x home/alice/data
`,
}, {
	Name:    "W6: ~name is a directory of that name",
	Payload: `{"internal_metadata": {"docker:workdir": "~alice"}}`,
	Show:    []string{"~alice"},
	Warns:   `validate: docker:workdir "~alice": not absolute; taken from /`,
	Want: usual + `
command ["/bin/app"] as 0:0 in /~alice
provisioned
drwxr-xr-x ~alice
`,
}, {
	Name:    "a working directory through a link is made where it leads",
	Payload: `{"internal_metadata": {"docker:workdir": "/app/data"}}`,
	Image:   []File{link("app", "/srv")},
	Show:    []string{"srv/data", "app"},
	Want: usual + `
command ["/bin/app"] as 0:0 in /app/data
provisioned
drwxr-xr-x srv/data
Lrwxrwxrwx app -> /srv
`,
}, {
	Name:    "S-9: a link that leads out of the image leads to its root",
	Payload: `{"internal_metadata": {"docker:workdir": "/app/data"}}`,
	Image:   []File{link("app", "../../../../srv")},
	Show:    []string{"srv/data"},
	Want: usual + `
command ["/bin/app"] as 0:0 in /app/data
provisioned
drwxr-xr-x srv/data
`,
}, {
	Name:    "S-9: links in a circle are fatal",
	Payload: `{"internal_metadata": {"docker:workdir": "/a/data"}}`,
	Image:   []File{link("a", "b"), link("b", "a")},
	Want: network + `
provisioning
fatal 49 workdir: working directory /a/data: mkdir /a/data: too many levels of symbolic links
status 125
`,
}, {
	Name:    "S-9: a link of a process is not followed",
	Payload: `{"internal_metadata": {"docker:workdir": "/proc/self/fd/7"}}`,
	Image:   []File{dir("proc"), link("proc/self/fd/7", "/srv")},
	Want: network + `
provisioning
fatal 49 workdir: working directory /proc/self/fd/7: mkdir /proc/self/fd/7: leads through a link of /proc that has no path
status 125
`,
}}
