package scenario

import (
	"dockerinit/core/zone"
)

// mounts are the file systems beyond the brand's.
var mounts = []Scenario{{
	Name:    "tmpfs mounts, by path, and a size of /dev/shm",
	Payload: `{"internal_metadata": {"docker:tmpfs": {"/run": "rw,noexec,size=64m", "/cache": ""}, "docker:shmsize": "67108864"}}`,
	Show:    []string{"run", "cache"},
	Want: `
hostname web0
mount tmpfs on /dev/shm (mode=1777,size=67108864)
mount tmpfs on /cache (noexec,nosuid,nodev)
mount tmpfs on /run (nosuid,nodev,rw,noexec,size=64m)
nic lo 127.0.0.1/8 ::1/128
nic eth0 10.0.0.5/24 mtu 1500
route default via 10.0.0.1 dev eth0
daemons ipmgmtd
console three streams
command ["/bin/app"] as 0:0 in /
provisioned
drwxr-xr-x run
drwxr-xr-x cache
`,
}, {
	Name:    "a tmpfs of one's own on /dev/shm takes the place of the usual one",
	Payload: `{"nics": null, "internal_metadata": {"docker:tmpfs": {"/dev/shm": "size=1m,exec"}}}`,
	Want: `
hostname web0
mount tmpfs on /dev/shm (nosuid,nodev,size=1m,exec)
nic lo 127.0.0.1/8 ::1/128
daemons ipmgmtd
console three streams
command ["/bin/app"] as 0:0 in /
provisioned
`,
}, {
	Name:    "an NFS volume and a read-only one",
	Payload: `{"internal_metadata": {"docker:nfsvolumes": [{"nfsvolume": "10.0.0.9:/exports/data", "mountpoint": "/data"}, {"nfsvolume": "10.0.0.9:/exports/conf", "mountpoint": "/etc/app", "readonly": true}]}}`,
	Show:    []string{"data", "etc/app"},
	Want: `
hostname web0
mount tmpfs on /dev/shm (mode=1777)
mount 10.0.0.9:/exports/data on /data
mount 10.0.0.9:/exports/conf on /etc/app (ro)
nic lo 127.0.0.1/8 ::1/128
nic eth0 10.0.0.5/24 mtu 1500
route default via 10.0.0.1 dev eth0
daemons ipmgmtd
console three streams
command ["/bin/app"] as 0:0 in /
provisioned
drwxr-xr-x data
drwxr-xr-x etc/app
`,
}, {
	Name:    "a volume covers no other mount",
	Payload: `{"internal_metadata": {"docker:tmpfs": {"/data/cache": "size=1m", "/database": "size=2m"}, "docker:nfsvolumes": [{"nfsvolume": "10.0.0.9:/b", "mountpoint": "/data/b"}, {"nfsvolume": "10.0.0.9:/a", "mountpoint": "/data"}]}}`,
	Want: `
hostname web0
mount tmpfs on /dev/shm (mode=1777)
mount tmpfs on /database (noexec,nosuid,nodev,size=2m)
mount 10.0.0.9:/a on /data
mount 10.0.0.9:/b on /data/b
mount tmpfs on /data/cache (noexec,nosuid,nodev,size=1m)
nic lo 127.0.0.1/8 ::1/128
nic eth0 10.0.0.5/24 mtu 1500
route default via 10.0.0.1 dev eth0
daemons ipmgmtd
console three streams
command ["/bin/app"] as 0:0 in /
provisioned
`,
}, {
	Name:    "an NFS server that no route leads to is fatal, and all volumes are tried",
	Payload: `{"nics": [{"interface": "eth0", "mac": "90:b8:d0:00:00:05", "ips": ["10.0.0.5/24"], "primary": true}], "internal_metadata": {"docker:nfsvolumes": [{"nfsvolume": "192.0.2.9:/a", "mountpoint": "/a"}, {"nfsvolume": "10.0.0.9:/b", "mountpoint": "/b"}, {"nfsvolume": "192.0.2.9:/c", "mountpoint": "/c"}]}}`,
	Want: `
hostname web0
mount tmpfs on /dev/shm (mode=1777)
mount 10.0.0.9:/b on /b
nic lo 127.0.0.1/8 ::1/128
nic eth0 10.0.0.5/24 mtu 1500
daemons ipmgmtd
provisioning
error volumes: mount 192.0.2.9:/a on /a: server 192.0.2.9: network is unreachable
error volumes: mount 192.0.2.9:/c on /c: server 192.0.2.9: network is unreachable
fatal 58 volumes: mount 192.0.2.9:/a on /a: server 192.0.2.9: network is unreachable (and 1 more)
status 125
`,
}, {
	Name:    "a link on the way is followed within the image, as /var/run in most",
	Payload: `{"internal_metadata": {"docker:tmpfs": {"/var/run": "size=1m"}, "docker:nfsvolumes": [{"nfsvolume": "10.0.0.9:/a", "mountpoint": "/data/new"}]}}`,
	Image:   []File{dir("run"), link("var/run", "../run"), link("data", "../../../srv")},
	Show:    []string{"var/run", "srv/new"},
	Want: `
hostname web0
mount tmpfs on /dev/shm (mode=1777)
mount tmpfs on /run (noexec,nosuid,nodev,size=1m)
mount 10.0.0.9:/a on /srv/new
nic lo 127.0.0.1/8 ::1/128
nic eth0 10.0.0.5/24 mtu 1500
route default via 10.0.0.1 dev eth0
daemons ipmgmtd
console three streams
command ["/bin/app"] as 0:0 in /
provisioned
Lrwxrwxrwx var/run -> ../run
drwxr-xr-x srv/new
`,
}, {
	Name:    "two names of one directory have one tmpfs",
	Payload: `{"internal_metadata": {"docker:tmpfs": {"/run": "size=1m", "/var/run": "size=2m"}}}`,
	Image:   []File{dir("run"), link("var/run", "/run")},
	Warns:   "mounts: mount tmpfs on /var/run: /run is one already, by another name: that one's options hold",
	Want: `
hostname web0
mount tmpfs on /dev/shm (mode=1777)
mount tmpfs on /run (noexec,nosuid,nodev,size=1m)
nic lo 127.0.0.1/8 ::1/128
nic eth0 10.0.0.5/24 mtu 1500
route default via 10.0.0.1 dev eth0
daemons ipmgmtd
console three streams
command ["/bin/app"] as 0:0 in /
provisioned
`,
}, {
	Name:    "S-31: a volume goes through no link to the platform's own or to the root",
	Payload: `{"internal_metadata": {"docker:nfsvolumes": [{"nfsvolume": "10.0.0.9:/a", "mountpoint": "/data"}, {"nfsvolume": "10.0.0.9:/a", "mountpoint": "/srv/up"}]}}`,
	Image:   []File{dir("native/usr"), link("data", "/native/usr"), link("srv/up", "..")},
	Want: network + `
provisioning
error volumes: mount 10.0.0.9:/a on /data: /data is a link to /native/usr in this image
error volumes: mount 10.0.0.9:/a on /srv/up: /srv/up is a link to / in this image
fatal 58 volumes: mount 10.0.0.9:/a on /data: /data is a link to /native/usr in this image (and 1 more)
status 125
`,
}, {
	Name:    "S-31: a volume over the platform's own is refused",
	Payload: `{"internal_metadata": {"docker:nfsvolumes": [{"nfsvolume": "10.0.0.9:/a", "mountpoint": "/native/usr"}, {"nfsvolume": "10.0.0.9:/a", "mountpoint": "/proc"}]}}`,
	Want: `
provisioning
error docker:nfsvolumes: volume 1: mountpoint "/native/usr": nothing is mounted under /native, which is the platform's
error docker:nfsvolumes: volume 2: mountpoint "/proc": nothing is mounted under /proc, which is the platform's
fatal 57 docker:nfsvolumes: volume 1: mountpoint "/native/usr": nothing is mounted under /native, which is the platform's (and 1 more)
status 125
`,
}, {
	Name:  "S-11: /dev/shm is a link",
	Image: []File{gone("dev/shm"), link("dev/shm", "/etc")},
	Want: `
daemons ipmgmtd
provisioning
fatal 56 mounts: mount tmpfs on /dev/shm (mode=1777): /dev/shm is a link to /etc in this image
status 125
`,
}, {
	Name:  "S-11: /dev/shm is a file",
	Image: []File{gone("dev/shm"), file("dev/shm", "")},
	Want: `
daemons ipmgmtd
provisioning
fatal 49 mounts: mount tmpfs on /dev/shm (mode=1777): /dev/shm is not a directory
status 125
`,
}, {
	Name:  "S-11: /dev/fd is a link, on joyent-minimal",
	Brand: zone.JoyentMinimal,
	Image: []File{gone("dev/fd"), link("dev/fd", "/proc/self/fd"), dir("proc"), dir("proc/self/fd")},
	Want: `
daemons ipmgmtd
provisioning
fatal 49 mounts: mount fd on /dev/fd: mkdir /dev/fd: leads through a link of /proc that has no path
status 125
`,
}, {
	Name:    "a tmpfs that the kernel refuses is fatal",
	Payload: `{"internal_metadata": {"docker:tmpfs": {"/etc/passwd": ""}}}`,
	Want: `
mount tmpfs on /dev/shm (mode=1777)
daemons ipmgmtd
provisioning
fatal 49 mounts: mount tmpfs on /etc/passwd (noexec,nosuid,nodev): /etc/passwd is not a directory
status 125
`,
}}
