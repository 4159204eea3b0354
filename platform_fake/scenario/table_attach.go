package scenario

import (
	"strconv"
	"time"

	"dockerinit/core/metadata"
	"dockerinit/platform_fake/host"
)

// attaches hold the command back.
var attaches = []Scenario{{
	Name:    "an attach that failed long ago is a warning",
	Payload: `{"internal_metadata": {"docker:wait_for_attach": "1700000060000"}}`,
	Warns:   `attach: docker:wait_for_attach is from an attach that failed,`,
	Want: usual + `
command ["/bin/app"] as 0:0 in /
provisioned
`,
}, {
	Name: "the host removes docker:wait_for_attach while the zone waits",
	Host: func(s *host.Store) {
		s.Set("docker:wait_for_attach", strconv.FormatInt(time.Now().Add(time.Minute).UnixMilli(), 10))
		s.OnChange(func(c metadata.Change) {
			if c.Key == "__dockerinit_waiting_for_attach" && !c.Delete {
				s.Unset("docker:wait_for_attach")
			}
		})
	},
	Want: usual + `
command ["/bin/app"] as 0:0 in /
provisioned
`,
}, {
	Name:    "docker:wait_for_attach is no time",
	Payload: `{"internal_metadata": {"docker:wait_for_attach": "soon"}}`,
	Want: `
provisioning
fatal 43 docker:wait_for_attach "soon": not a time in milliseconds since 1970
status 125
`,
}, {
	Name: "the host refuses docker:wait_for_attach while the zone waits",
	Host: func(s *host.Store) {
		s.Set("docker:wait_for_attach", strconv.FormatInt(time.Now().Add(time.Minute).UnixMilli(), 10))
		s.OnChange(func(c metadata.Change) {
			if c.Key == "__dockerinit_waiting_for_attach" && !c.Delete {
				s.Refuse("docker:wait_for_attach", "gone")
			}
		})
	},
	Want: usual + `
provisioning
fatal 8 attach: see whether someone is to attach first: metadata key "docker:wait_for_attach": the host refused the GET: "gone"
status 125
`,
}}

// marker is vmadm's, which waits for it to be renamed.
var marker = []Scenario{{
	Name:  "no marker: the zone has booted before",
	Image: []File{gone("var/svc/provisioning")},
	Want: usual + `
command ["/bin/app"] as 0:0 in /
`,
}, {
	Name:  "no /var/svc at all",
	Image: []File{gone("var/svc")},
	Want: usual + `
command ["/bin/app"] as 0:0 in /
`,
}, {
	Name:  "the marker of an earlier boot is replaced",
	Image: []File{file("var/svc/provision_success", "old")},
	Show:  []string{"var/svc/provision_success"},
	Want: usual + `
command ["/bin/app"] as 0:0 in /
provisioned
-rw-r--r-- var/svc/provision_success empty
`,
}, {
	Name:  "a directory in the marker's way is fatal",
	Image: []File{file("var/svc/provision_success/x", "")},
	Show:  []string{"var/svc/provisioning"},
	Want: usual + `
provisioned
-rw-r--r-- var/svc/provisioning empty
fatal 22 provisioned: mark the zone as provisioned: rename /var/svc/provisioning: to provision_success: file exists
status 125
`,
}, {
	Name:  "S-41: the marker is a link: the link itself is renamed",
	Image: []File{link("var/svc/provisioning", "/etc/passwd")},
	Show:  []string{"var/svc/provision_success", "etc/passwd"},
	Want: usual + `
command ["/bin/app"] as 0:0 in /
provisioned
Lrwxrwxrwx var/svc/provision_success -> /etc/passwd
-rw-r--r-- etc/passwd
`,
}, {
	Name:  "S-41: /var/svc is a link: nothing is renamed",
	Image: []File{gone("var/svc"), link("var/svc", "/srv"), file("srv/provisioning", "")},
	Show:  []string{"srv/provisioning"},
	Want: usual + `
-rw-r--r-- srv/provisioning empty
fatal 22 provisioned: mark the zone as provisioned: rename /var/svc/provisioning: is reached through a symbolic link
status 125
`,
}, {
	Name:  "/var/svc is a link, and there is no marker to rename",
	Image: []File{gone("var/svc"), link("var/svc", "/srv")},
	Want: usual + `
command ["/bin/app"] as 0:0 in /
`,
}}
