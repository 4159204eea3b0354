//go:build linux

package lx

import (
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"dockerinit/platform_lx/lxkernel"
)

// newLXZone is a zone on the kernel of an LX zone. nics and routes are those of
// its payload, as JSON.
func newLXZone(t *testing.T, internal, nics, routes string, links ...*lxkernel.Link) *bootZone {
	t.Helper()
	z := newBootZone(t, internal, `, "nics": [`+nics+`], "routes": {`+routes+`}`)
	z.lx = lxkernel.New(links...)
	l, err := net.Listen("unix", z.root+"/native/.zonecontrol/lx.sock")
	must(t, err)
	served := make(chan struct{})
	go func() { defer close(served); z.lx.Tools(l) }()
	t.Cleanup(func() {
		must(t, l.Close())
		<-served
	})
	z.streams("")
	return z
}

func eth(n int) *lxkernel.Link {
	return &lxkernel.Link{Name: fmt.Sprintf("eth%d", n), MAC: []byte{0x90, 0xb8, 0xd0, 0, 0, byte(5 + n)}, MTU: 1500}
}

// nic is a NIC of a payload.
func nic(n int, more string) string {
	return fmt.Sprintf(`{"interface": "eth%d", "mac": "90:b8:d0:00:00:%02x", "nic_tag": "external", %s}`, n, 5+n, more)
}

const loopback = "lo0 mtu 8232 127.0.0.1/8 ::1/128\n"

const linkLocal = " fe80::92b8:d0ff:fe00:5/10"

func TestBootOnAnLXKernel(t *testing.T) {
	yes := `"docker:cmd": ` + list("sh", "-c", "echo up")
	lease := eth(0)
	lease.Lease = netip.MustParsePrefix("10.7.0.9/24")
	router := eth(0)
	router.Router = netip.MustParsePrefix("fd07::9/64")
	router2 := eth(0)
	router2.Router = router.Router
	denied := eth(0)
	denied.Denied = []netip.Prefix{netip.MustParsePrefix("10.0.0.66/24")}
	var many []string
	for i := range 32 {
		many = append(many, fmt.Sprintf("10.0.0.%d/24", i+10))
	}
	static := nic(0, `"primary": true, "ips": ["10.0.0.5/24"], "gateways": ["10.0.0.1"]`)
	fault := func(tool, out string, status int) func(string, []string, bool) *lxkernel.Answer {
		return func(name string, _ []string, _ bool) *lxkernel.Answer {
			if name != tool {
				return nil
			}
			return &lxkernel.Answer{Out: out + "\n", Status: status}
		}
	}
	for _, tt := range []struct {
		name         string
		nics, routes string
		links        []*lxkernel.Link
		fault        func(string, []string, bool) *lxkernel.Answer
		env, daemon  string
		want         string   // the network
		code         int      // of the end; 0: the command runs
		log          []string // what its lines hold
	}{
		{name: "no NIC", want: loopback},
		{name: "both IP versions, a gateway of each, an MTU", nics: nic(0, `"primary": true, "mtu": 1400, "ips": ["10.0.0.5/24", "fd00::5/64"], "gateways": ["10.0.0.1", "fd00::1"]`),
			links: []*lxkernel.Link{eth(0)}, want: loopback + "eth0 mtu 1400" + linkLocal + " 10.0.0.5/24 fd00::5/64\n" +
				"route default via 10.0.0.1\nroute default via fd00::1\n"},
		{name: "several NICs, on-link and static routes", nics: static + "," + nic(1, `"ips": ["10.1.0.5/24", "10.1.0.6/24"]`),
			routes: `"10.2.0.0/16": "10.3.0.1", "10.3.0.1": "nics[1]"`, links: []*lxkernel.Link{eth(0), eth(1)},
			want: loopback + "eth0 mtu 1500" + linkLocal + " 10.0.0.5/24\neth1 mtu 1500" + linkLocal + " 10.1.0.5/24 10.1.0.6/24\n" +
				"route 10.2.0.0/16 via 10.3.0.1\nroute 10.3.0.1/32 on-link from 10.1.0.5\nroute default via 10.0.0.1\n"},
		{name: "a gateway outside of every network", nics: nic(0, `"primary": true, "ips": ["10.0.0.5/32"], "gateways": ["10.9.9.9"]`), links: []*lxkernel.Link{eth(0)},
			want: loopback + "eth0 mtu 1500" + linkLocal + " 10.0.0.5/32\nroute 10.9.9.9/32 on-link from 10.0.0.5\nroute default via 10.9.9.9\n"},
		{name: "32 addresses", nics: nic(0, `"ips": ["`+strings.Join(many, `","`)+`"]`), links: []*lxkernel.Link{eth(0)},
			want: loopback + "eth0 mtu 1500" + linkLocal + " " + strings.Join(many, " ") + "\n"},
		{name: "ipmgmtd runs already", daemon: "ipmgmtd", want: loopback, log: []string{"WARN network: run"}},
		{name: "in.ndpd runs already", daemon: "in.ndpd", nics: nic(0, `"ips": ["addrconf"]`), links: []*lxkernel.Link{router2},
			want: loopback + "eth0 mtu 1500" + linkLocal + " fd07::9/64\n", log: []string{`WARN network: run ["in.ndpd"]`}},
		{name: "a gateway on no link", nics: static, routes: `"10.2.0.0/16": "10.77.0.1", "10.3.0.0/16": "10.77.0.2"`, links: []*lxkernel.Link{eth(0)},
			want: loopback + "eth0 mtu 1500" + linkLocal + " 10.0.0.5/24\nroute default via 10.0.0.1\n",
			log:  []string{"WARN routes: route 10.2.0.0/16 via 10.77.0.1: gateway 10.77.0.1 is on no link: network is unreachable", "gateway 10.77.0.2 is on no link"}},
		{name: "what is there already", nics: static, links: []*lxkernel.Link{eth(0).Has("10.0.0.5/24")},
			want: loopback + "eth0 mtu 1500 10.0.0.5/24" + linkLocal + "\nroute default via 10.0.0.1\n"},
		{name: "an address that nobody asked for", nics: static, links: []*lxkernel.Link{eth(0).Has("10.0.0.99/24")}, code: 33,
			log: []string{"eth0 has the address 10.0.0.99/24, which the host did not ask for"}},
		{name: "the same address with another prefix", nics: static, links: []*lxkernel.Link{eth(0).Has("10.0.0.5/16")}, code: 33,
			log: []string{"address 10.0.0.5/24: there with another prefix, as 10.0.0.5/16"}},
		{name: "an address that ipadm makes and nobody sees", nics: static, links: []*lxkernel.Link{eth(0)},
			fault: func(_ string, args []string, _ bool) *lxkernel.Answer {
				if args[len(args)-1] == "eth0/addr0" {
					return &lxkernel.Answer{}
				}
				return nil
			}, code: 33, log: []string{"eth0: address 10.0.0.5/24: ipadm has made it, and the kernel does not list it"}},
		{name: "a tool that hangs is given up, and not run again", nics: static, routes: `"10.2.0.0/16": "10.0.0.3"`, links: []*lxkernel.Link{eth(0)},
			fault: func(name string, _ []string, _ bool) *lxkernel.Answer {
				if name == "route" {
					return &lxkernel.Answer{Out: "asking\n", Hang: true}
				}
				return nil
			}, want: loopback + "eth0 mtu 1500" + linkLocal + " 10.0.0.5/24\n",
			log: []string{`no end after 10s: killed; it said: "asking"`, "route: not run again"}},
		{name: "a lease", nics: nic(0, `"ips": ["dhcp"]`), links: []*lxkernel.Link{lease}, want: loopback + "eth0 mtu 1500 10.7.0.9/24" + linkLocal + "\n"},
		{name: "no lease", nics: nic(0, `"ips": ["dhcp"]`), links: []*lxkernel.Link{eth(0)}, code: 33,
			log: []string{`eth0: dhcp: ipadm: status 1: "ipadm: Could not create address: Operation timed out"`}},
		{name: "addrconf beside a static address", nics: nic(0, `"ips": ["addrconf", "10.0.0.5/24"]`), links: []*lxkernel.Link{router},
			want: loopback + "eth0 mtu 1500" + linkLocal + " fd07::9/64 10.0.0.5/24\n"},
		{name: "an interface that is not there", nics: static, code: 32,
			log: []string{`eth0: create the interface: ipadm: status 1: "ipadm: cannot create interface eth0: No such interface"`}},
		{name: "an address that the host does not allow; all is tried", nics: nic(0, `"ips": ["10.0.0.66/24", "10.0.0.67/24"]`), links: []*lxkernel.Link{denied}, code: 33,
			want: loopback + "eth0 mtu 1500" + linkLocal + " 10.0.0.67/24\n",
			log:  []string{`eth0: address 10.0.0.66/24: ipadm: status 1: "ipadm: Could not create address: Permission denied"`}},
		{name: "ipmgmtd ends at once", fault: fault("ipmgmtd", "no door", 1), code: 37,
			log: []string{`WARN`, `["ipmgmtd"] with the root /native: ipmgmtd: status 1: "no door"`, `["ipmgmtd"] with the zone's root: ipmgmtd: status 1: "no door"`}},
		{name: "ipmgmtd dies", fault: func(name string, _ []string, _ bool) *lxkernel.Answer {
			if name == "ipmgmtd" {
				return &lxkernel.Answer{Signal: 9}
			}
			return nil
		}, code: 38, log: []string{"ipmgmtd: ended by signal 9"}},
		{name: "ipmgmtd is not there", env: "LX_TEST_WITHOUT=/lib/inet/ipmgmtd", code: 39, log: []string{"ipmgmtd could not be started: /native/lib/inet: no such file"}},
		{name: "tools that may be the image's are not executed", env: "LX_TEST_WRITABLE=all", code: 39,
			log: []string{"/native/lib/inet/ipmgmtd: not on a read-only mount of the host's"}},
		{name: "the zone's root does not do, and the native one does", nics: static, links: []*lxkernel.Link{eth(0)},
			fault: func(_ string, _ []string, rooted bool) *lxkernel.Answer {
				if !rooted {
					return &lxkernel.Answer{Out: "ld.so.1: fatal: libc.so.1: open failed\n", Status: 1}
				}
				return nil
			},
			want: loopback + "eth0 mtu 1500" + linkLocal + " 10.0.0.5/24\nroute default via 10.0.0.1\n",
			log:  []string{`["ipadm" "create-if" "-t" "lo0"] with the zone's root: ipadm: status 1: "ld.so.1: fatal: libc.so.1: open failed"`}},
		{name: "a route that cannot be added is a warning", nics: static, links: []*lxkernel.Link{eth(0)}, fault: fault("route", "add net default: gateway 10.0.0.1: Network is unreachable", 128),
			want: loopback + "eth0 mtu 1500" + linkLocal + " 10.0.0.5/24\n",
			log:  []string{"WARN", "gateway 10.0.0.1 is on no link"}},
		{name: "the IPv6 side is missed by who asked for it alone", nics: static, links: []*lxkernel.Link{eth(0)}, fault: fault("ifconfig", "no such interface", 1),
			want: loopback + "eth0 mtu 1500 10.0.0.5/24\nroute default via 10.0.0.1\n",
			log:  []string{"WARN", "eth0: bring the IPv6 side up: ifconfig: status 1"}},
		{name: "the IPv6 side is needed for an IPv6 address", nics: nic(0, `"ips": ["fd00::5/64"]`), links: []*lxkernel.Link{eth(0)}, fault: fault("ifconfig", "no such interface", 1), code: 34,
			log: []string{"eth0: bring the IPv6 side up"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			z := newLXZone(t, yes, tt.nics, tt.routes, tt.links...)
			z.lx.Fault = tt.fault
			if tt.daemon != "" {
				z.lx.Runs(tt.daemon, 30000)
			}
			if tt.env != "" {
				z.env = []string{tt.env}
			}
			e := z.boot("")
			if got := z.lx.State(); tt.want != "" && got != tt.want {
				t.Errorf("the network\n got\n%s\nwant\n%s", got, tt.want)
			}
			if tt.code == 0 && (e.status != 0 || e.out != "up\n" || e.err != "") {
				t.Errorf("status %d, stdout %q, stderr %q", e.status, e.out, e.err)
			}
			if want := fmt.Sprintf("FATAL (code: %d): ", tt.code); tt.code != 0 && (e.status != 125 || !strings.Contains(e.log, want)) {
				t.Errorf("status %d, want 125 and %s", e.status, want)
			}
			for _, want := range tt.log {
				if !strings.Contains(e.log, want) {
					t.Errorf("the log has no %s", want)
				}
			}
			if tt.log == nil && strings.Contains(e.log, " WARN ") {
				t.Error("the log has a warning")
			}
			rooted := slices.ContainsFunc(z.lx.Calls, func(call string) bool { return strings.HasPrefix(call, "chroot ") })
			if rooted && tt.fault == nil && tt.daemon == "" && tt.code == 0 {
				t.Error("a tool was run with the native root though it works with the zone's")
			}
			if z.lx.Refused != 0 {
				t.Errorf("the kernel was asked %d times for what it refuses", z.lx.Refused)
			}
			if t.Failed() {
				t.Logf("the log\n%s\nthe tools\n%s", e.log, strings.Join(z.lx.Calls, "\n"))
			}
		})
	}
}

// What the boot before has left is no obstacle.
func TestBootTwiceOnAnLXKernel(t *testing.T) {
	z := newLXZone(t, `"docker:cmd": `+list("true"), nic(0, `"primary": true, "ips": ["10.0.0.5/24", "fd00::5/64"], "gateways": ["10.0.0.1", "fd00::1"]`),
		`"10.2.0.0/16": "10.3.0.1", "10.3.0.1": "nics[0]"`, eth(0))
	e := z.boot("")
	first := z.lx.State()
	z.lx.Runs("ipmgmtd", 0) // it ended with its zone
	again := z.boot("")
	if got := z.lx.State(); got != first || e.status != 0 || again.status != 0 || strings.Contains(e.log+again.log, " WARN ") {
		t.Errorf("status %d, %d\n got\n%s\nwant\n%s\n%s\n%s", e.status, again.status, got, first, e.log, again.log)
	}
}

// The daemon that only set-up needs stays, unless the host asks that it does not.
func TestIpmgmtdOnAnLXKernel(t *testing.T) {
	const look = `for p in /proc/[0-9]*; do read comm <$p/comm; case $comm in sh) ;; *) echo "$comm" ;; esac; done`
	for _, tt := range []struct{ name, key, want string }{
		{"stays", "", "ipmgmtd\n"},
		{"docker:noipmgmtd: is ended, and nothing is left of it", `"docker:noipmgmtd": true, `, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			z := newLXZone(t, tt.key+`"docker:cmd": `+list("sh", "-c", look), nic(0, `"ips": ["10.0.0.5/24"]`), "", eth(0))
			if e := z.boot(""); e.out != tt.want || e.err != "" || strings.Contains(e.log, " WARN ") {
				t.Errorf("got %q, want %q; stderr %q\n%s", e.out, tt.want, e.err, e.log)
			}
		})
	}
}

// All that is in a zone works with the calls that LX has.
func TestAllOnAnLXKernel(t *testing.T) {
	z := newLXZone(t, `"docker:entrypoint": `+list("sh", "-c")+`, "docker:env": `+list("GREETING=hello", "PATH=/usr/bin:/bin:/sbin.zone")+`,
		"docker:workdir": "/srv/web", "docker:open_stdin": true, "docker:cmd": `+list(`
uname -v
pwd
mdata get sdc:hostname
mdata put greeting hallo && mdata get greeting
dockerexec --user web -- sh -c 'echo "$GREETING from $(pwd), $(id -u):$(id -g) $(id -G)"' 2>/tmp/exec
sed 's/^[^ ]* //' /tmp/exec
`), nic(0, `"ips": ["10.0.0.5/24"]`), "", eth(0))
	for _, program := range []string{"dockerexec", "mdata"} {
		z.program(program)
	}
	e := z.boot("")
	want := "BrandZ virtual linux\n/srv/web\nweb0\nhallo\nhello from /srv/web, 1500:1600 1600 1700\nEXEC\n"
	if e.out != want || e.err != "" || e.status != 0 {
		t.Errorf("status %d, stderr %q\n got\n%s\nwant\n%s\n%s", e.status, e.err, e.out, want, e.log)
	}
}

// Who stays does so with the calls that LX has: what is at rest comes back, and
// knows when it is alone.
func TestStayOnAnLXKernel(t *testing.T) {
	z := newLXZone(t, `"docker:init": true, "docker:init_restart": "on-failure:1", "docker:init_grace": 1, "docker:cmd": `+list("sh", "-c", atRest+`
echo run; [ -e /tmp/ran ] && exit 7; >/tmp/ran; exit 1`), "", "")
	if e := z.boot(""); e.status != 7 || e.out != "run\nrun\n" || e.err != "" || strings.Contains(e.log, " left") || z.lx.Refused != 0 {
		t.Errorf("status %d, stdout %q, stderr %q, %d calls refused\n%s", e.status, e.out, e.err, z.lx.Refused, e.log)
	}
}

// What Docker takes and LX does not know of a tmpfs is no obstacle.
func TestTmpfsOnAnLXKernel(t *testing.T) {
	z := newLXZone(t, `"docker:tmpfs": "{\"/run\": \"size=64k,mode=750,sync,dirsync,mand,nodiratime,rprivate\"}", "docker:cmd": `+
		list("sh", "-c", "grep ' /run tmpfs rw,nosuid,nodev,noexec,' /proc/mounts"), "", "")
	if e := z.boot(""); e.status != 0 || !strings.Contains(e.out, "size=64k,mode=750") {
		t.Errorf("status %d, stdout %q\n%s", e.status, e.out, e.log)
	}
}

// The kernel takes a host name up to its 0, and nothing of what lies behind it.
func TestHostnameOnAnLXKernel(t *testing.T) {
	for _, length := range []int{1, 8, 16, 32, 48, 64} {
		z := newLXZone(t, `"docker:cmd": `+list("uname", "-n"), "", "")
		name := strings.Repeat("n", length)
		z.store.Set("sdc:hostname", name)
		if e := z.boot(""); e.out != name+"\n" {
			t.Errorf("got %q, want %q\n%s", e.out, name, e.log)
		}
	}
}

// NFS volumes are the native helper's business, which is the host's own or is not
// executed.
func TestVolumesOnAnLXKernel(t *testing.T) {
	const two = `"docker:nfsvolumes": "[{\"nfsvolume\":\"10.0.0.9:/a\",\"mountpoint\":\"/srv/a\"},{\"nfsvolume\":\"10.0.0.9:/b\",\"mountpoint\":\"/srv/b\",\"readonly\":true}]", `
	for _, tt := range []struct {
		name, env string
		fault     func(string, []string, bool) *lxkernel.Answer
		calls     int
		status    int
		log       []string
	}{
		{name: "it mounts", calls: 2, log: []string{"INFO volumes: mount 10.0.0.9:/b on /srv/b (ro) (", "WARN volumes: NFS volumes are mounted without the lock daemon"}},
		{name: "it refuses both, in its own words", calls: 2, status: 125, fault: func(name string, args []string, _ bool) *lxkernel.Answer {
			if name != "mount" {
				return nil
			}
			return &lxkernel.Answer{Out: "nfs mount: " + args[3] + ": access denied\n", Status: 32}
		}, log: []string{"ERROR volumes: mount 10.0.0.9:/a on /srv/a: nfs mount: 10.0.0.9:/a: access denied (status 32)",
			"FATAL (code: 58): volumes: mount 10.0.0.9:/a on /srv/a: nfs mount: 10.0.0.9:/a: access denied (status 32) (and 1 more)",
			"ERROR volumes: mount 10.0.0.9:/b on /srv/b (ro): nfs mount: 10.0.0.9:/b: access denied (status 32)"}},
		{name: "it may be the image's", env: "LX_TEST_WRITABLE=/native/usr", status: 125,
			log: []string{"FATAL (code: 58): ", "/native/usr/lib/fs/nfs/mount: not on a read-only mount of the host's"}},
		{name: "it is not there", env: "LX_TEST_WITHOUT=/usr/lib/fs/nfs/mount", status: 125, log: []string{"FATAL (code: 58): ", "/native/usr/lib/fs: no such file"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			z := newLXZone(t, two+`"docker:cmd": `+list("ls", "/srv"), "", "")
			z.lx.Fault, z.env = tt.fault, []string{tt.env}
			e := z.boot("")
			var calls []string
			for _, call := range z.lx.Calls {
				if strings.Contains(call, "mount ") {
					calls = append(calls, call)
				}
			}
			want := []string{"mount -o vers=3,sec=sys 10.0.0.9:/a /srv/a", "mount -o vers=3,sec=sys,ro 10.0.0.9:/b /srv/b"}[:tt.calls]
			if e.status != tt.status || !slices.Equal(calls, want) || tt.status == 0 && e.out != "a\nb\n" {
				t.Errorf("status %d, want %d, stdout %q\n got %q\nwant %q", e.status, tt.status, e.out, calls, want)
			}
			for _, want := range tt.log {
				if !strings.Contains(e.log, want) || strings.Count(e.log, "lock daemon") > 1 {
					t.Errorf("want %s, once, in\n%s", want, e.log)
				}
			}
		})
	}
}

// A Linux program cannot have the console copied in an LX zone, and says what can.
func TestALogDriverOnAnLXKernel(t *testing.T) {
	z := newLXZone(t, `"docker:logdriver": "syslog", "docker:cmd": `+list("true"), "", "")
	e := z.boot("")
	want := "FATAL (code: 53): logger: "
	if e.status != 125 || !strings.Contains(e.log, want) || !strings.Contains(e.log, "a Linux program cannot have the console copied") {
		t.Errorf("status %d, want 125 and %s\n%s", e.status, want, e.log)
	}
}
