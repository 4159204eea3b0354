// Package zone is what the host says of a zone: the table of metadata keys, and
// Decode, which turns their texts into typed values and names everything that
// is wrong with them at once.
//
// It knows the host's formats and nothing of how they are put into effect. What
// is looked up in the image (users, the command) is not judged here.
package zone

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// A Brand is the kind of zone, which decides the mounts and where native
// programs are.
type Brand string

// The brands that a docker zone can have.
const (
	LX            Brand = "lx"
	JoyentMinimal Brand = "joyent-minimal"
)

// A Zone is all that the host says of it, decoded. Its zero value is a zone of
// which nothing is known.
type Zone struct {
	Brand    Brand
	Hostname string // "": the kernel's name stays

	Network Network
	Volumes []Volume // NFS, so that none covers another, else in the host's order
	Tmpfs   []Tmpfs  // docker:tmpfs, sorted by path
	ShmSize int64    // docker:shmsize in bytes, 0: the kernel's own limit

	User       string   // docker:user as it stands; "" is root
	GroupAdd   []string // docker:group_add
	Workdir    string   // docker:workdir as it stands; "" is "/"
	LinkEnv    []string // docker:linkEnv
	Env        []string // docker:env
	Entrypoint []string
	Cmd        []string
	Umask      uint32 // docker:umask, 0o022 where absent
	Limits     []Ulimit

	Console Console
	Logger  Logger
	Attach  string // docker:wait_for_attach as it was at the first look; read again before it counts

	Supervise Supervise

	FailureRecorded bool   // an earlier boot left __dockerinit_failure behind
	Told            Report // what an earlier boot has left
	Host            HostValues

	// Warnings are what was odd but understood, in the order of the table of keys.
	Warnings []string
}

// Network is what the network step brings up.
type Network struct {
	NICs        []NIC
	Routes      []Route // of sdc:routes alone; the gateways stand with their NICs
	StopDaemons bool    // docker:noipmgmtd: end the daemons after set-up
	Hostname    string  // sdc:hostname, which DHCP's servers are told; "": they are told none
}

// A NIC is one network interface of the zone.
type NIC struct {
	Interface string // "eth0" in lx, "net0" otherwise
	MAC       string // two small digits a byte: 90:b8:d0:0a:bb:cc
	Primary   bool
	MTU       int            // 0: what the link has
	Addresses []netip.Prefix // static ones, IPv4 and IPv6
	DHCP      bool           // one of ips was "dhcp"
	Addrconf  bool           // one of ips was "addrconf"
	Gateways  []netip.Addr
	Loopback  bool
}

// Lo is the loopback interface, which no host ever names.
func Lo(brand Brand) NIC {
	name := "lo0"
	if brand == LX {
		name = "lo"
	}
	return NIC{
		Interface: name,
		Loopback:  true,
		Addresses: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/8"), netip.MustParsePrefix("::1/128")},
	}
}

// String is the NIC as the log and a plan show it: "net0 10.0.0.5/24 mtu 1500".
func (n NIC) String() string {
	words := []string{n.Interface}
	for _, a := range n.Addresses {
		words = append(words, a.String())
	}
	if n.DHCP {
		words = append(words, "dhcp")
	}
	if n.Addrconf {
		words = append(words, "addrconf")
	}
	if n.MTU != 0 {
		words = append(words, fmt.Sprintf("mtu %d", n.MTU))
	}
	return strings.Join(words, " ")
}

// A Route sends what is for Dst to Gateway. An on-link route's Gateway is the
// address of the zone's own NIC. An invalid Dst, the zero value, is no route.
type Route struct {
	Dst       netip.Prefix
	Gateway   netip.Addr
	OnLink    bool
	Interface string // the NIC it goes out of, "" where the kernel finds it by the gateway
}

// Default tells whether the route is for everything.
func (r Route) Default() bool { return r.Dst.Bits() == 0 }

// String is "10.2.0.0/16 via 10.0.0.1", "default via …" or "… on-link from …".
func (r Route) String() string {
	dst := r.Dst.String()
	if r.Default() {
		dst = "default"
		if r.Dst.Addr().Is6() {
			dst = "default6"
		}
	}
	word := "via"
	if r.OnLink {
		word = "on-link from"
	}
	s := fmt.Sprintf("%s %s %s", dst, word, r.Gateway)
	if r.Interface != "" {
		s += " dev " + r.Interface
	}
	return s
}

// A Volume is an NFS volume of docker:nfsvolumes.
type Volume struct {
	Source     string // HOST:/path
	Mountpoint string // absolute and clean
	ReadOnly   bool
}

// A Tmpfs is one mount of docker:tmpfs. Options are Docker's, comma-separated.
type Tmpfs struct {
	Path    string
	Options string
}

// A Mount is something for System.Mount to mount.
type Mount struct {
	Type    string // "tmpfs", "fd", "nfs"
	Source  string
	Target  string
	Options []string
}

// String is "tmpfs on /dev/shm (mode=1777)".
func (m Mount) String() string {
	s := m.Type + " on " + m.Target
	if m.Type == "nfs" {
		s = m.Source + " on " + m.Target
	}
	if len(m.Options) > 0 {
		s += " (" + strings.Join(m.Options, ",") + ")"
	}
	return s
}

// Owner is whom uid= and gid= give the root of a tmpfs to, -1 where they do not say,
// and the other options. These two are Linux's: illumos passes over them in silence,
// and the kernel of an LX zone refuses them. So the owner is changed when it is mounted.
func (m Mount) Owner() (uid, gid int, rest []string) {
	uid, gid = -1, -1
	for _, option := range m.Options {
		name, value, _ := strings.Cut(option, "=")
		n, err := strconv.ParseUint(value, 10, 32)
		switch {
		case err == nil && m.Type == "tmpfs" && name == "uid":
			uid = int(n)
		case err == nil && m.Type == "tmpfs" && name == "gid":
			gid = int(n)
		default:
			rest = append(rest, option)
		}
	}
	return uid, gid, rest
}

// Console is what the command's stdio is to be.
type Console struct {
	TTY        bool
	OpenStdin  bool
	DropCopies bool // docker:logconfig's mode is non-blocking: lose a copy rather than wait for the log driver
}

// A Logger is the log driver: the program's one argument and its environment.
type Logger struct {
	Driver string   // "": none is wanted
	Env    []string // DOCKERLOG_…=…, only those whose key is present
}

// A Ulimit is one element of docker:ulimits; -1 is unlimited.
type Ulimit struct {
	Name       string
	Soft, Hard int64
}

// Supervise is what a dockerinit that stays as PID 1 does.
type Supervise struct {
	Stay        bool          // docker:init
	Group       bool          // docker:init_group: signals go to the whole process group
	Grace       time.Duration // docker:init_grace: for the rest of the zone, after the command's end
	Restart     Restart       // docker:init_restart
	StopSignal  Signal        // docker:stopsignal, TERM where absent
	StopTimeout time.Duration // docker:stoptimeout, 10 s where absent; negative: for ever
	Health      *HealthCheck
}

// A Restart policy is Docker's.
type Restart struct {
	Policy string // "no", "always", "unless-stopped", "on-failure"
	Max    int    // for on-failure; 0: no limit
}

// A HealthCheck is Docker's, with its defaults filled in.
type HealthCheck struct {
	Test          []string // argv; a CMD-SHELL is already ["/bin/sh", "-c", …]
	Interval      time.Duration
	Timeout       time.Duration
	StartPeriod   time.Duration
	StartInterval time.Duration
	Retries       int
}

// A Report is what the host is told of a command for which dockerinit stays, each
// as the key has it, "" where that is absent.
type Report struct {
	Restarts string // __dockerinit_restart_count
	LastExit string // __dockerinit_last_exit
	Health   string // __dockerinit_health
}

// HostValues are values that the host reads and the zone does not; a plan judges them.
type HostValues struct {
	RestartPolicy Restart // docker:restartpolicy
	RestartCount  int
	RestartDelay  time.Duration

	Resolvers  []netip.Addr
	DNSSearch  []string
	DNSDomain  string
	ExtraHosts []ExtraHost
	LinkHosts  string // lines for the hosts file

	HostsFile, HostnameFile, ResolvConfFile string // docker:hostsFile …, "" where the default stands

	AttachStdin, AttachStdout, AttachStderr bool

	TmpfsMiB int64 // sdc:tmpfs, 0: /tmp is on the zone's disk
}

// An ExtraHost is one NAME:IP of docker:extraHosts.
type ExtraHost struct {
	Name string
	IP   netip.Addr
}
