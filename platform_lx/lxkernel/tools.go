//go:build linux

package lxkernel

import (
	"encoding/json"
	"fmt"
	"net"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Paths are where the tools are, below the native root.
var Paths = []string{
	"/lib/inet/ipmgmtd", "/usr/lib/inet/in.ndpd", "/usr/bin/pgrep", "/sbin/ipadm", "/sbin/ifconfig", "/sbin/route",
	"/usr/lib/fs/nfs/mount",
}

// A Kernel is one zone's.
type Kernel struct {
	mu      sync.Mutex
	sockets map[uint64]*socket

	Links   []*Link
	Fault   func(tool string, args []string, rooted bool) *Answer // nil, or nil from it: the tool does its work
	Calls   []string                                              // how the tools were called, "chroot" before those whose root was changed
	Refused int                                                   // netlink messages, and calls of waitid that want to know nothing

	objects map[string]bool
	routes  map[string]bool
	onLink  []netip.Prefix
	daemons map[string]int
}

// A Link is one that the host gave the zone; loopback is made with the kernel.
type Link struct {
	Name   string
	MAC    []byte
	MTU    int
	Lease  netip.Prefix   // of the DHCP server on its other end, if there is one
	Router netip.Prefix   // the address that a router's advertisement makes
	Denied []netip.Prefix // what the host's protection of links does not allow

	plumbed   bool
	addresses []netip.Prefix
}

// Has plumbs the link with addresses, as an earlier boot would have left it.
func (l *Link) Has(addresses ...string) *Link {
	l.plumbed = true
	for _, a := range addresses {
		l.addresses = append(l.addresses, netip.MustParsePrefix(a))
	}
	return l
}

// Runs says that a daemon runs already.
func (k *Kernel) Runs(daemon string, pid int) { k.daemons[daemon] = pid }

func (l *Link) loopback() bool { return l.Name == "lo0" }

// New is the kernel of a zone with these links.
func New(links ...*Link) *Kernel {
	return &Kernel{
		Links:   append([]*Link{{Name: "lo0", MTU: 8232}}, links...),
		sockets: map[uint64]*socket{}, objects: map[string]bool{}, routes: map[string]bool{}, daemons: map[string]int{},
	}
}

// State is the network as text: links, their addresses, and routes.
func (k *Kernel) State() string {
	k.mu.Lock()
	defer k.mu.Unlock()
	var b strings.Builder
	for _, l := range k.Links {
		if !l.plumbed {
			continue
		}
		fmt.Fprintf(&b, "%s mtu %d", l.Name, l.MTU)
		for _, a := range l.addresses {
			fmt.Fprintf(&b, " %s", a)
		}
		b.WriteByte('\n')
	}
	var all []string
	for r := range k.routes {
		all = append(all, r)
	}
	slices.Sort(all)
	for _, r := range all {
		fmt.Fprintf(&b, "route %s\n", r)
	}
	return b.String()
}

// Call is how a tool was called, and Answer what it is to do.
type Call struct {
	Name   string
	Args   []string
	Env    []string
	Rooted bool
	NoRun  bool
	Daemon int
}

type Answer struct {
	Out    string
	Status int
	Signal int
	Hang   bool
	Daemon bool
}

// Tools answers tools on the listener until that is closed.
func (k *Kernel) Tools(l net.Listener) {
	for {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		var c Call
		if json.NewDecoder(conn).Decode(&c) == nil {
			_ = json.NewEncoder(conn).Encode(k.call(c)) // the tool may have been killed
		}
		_ = conn.Close()
	}
}

func (k *Kernel) call(c Call) Answer {
	k.mu.Lock()
	defer k.mu.Unlock()
	if c.Daemon != 0 {
		k.daemons[c.Name] = c.Daemon
		return Answer{}
	}
	line := strings.Join(c.Args, " ")
	if c.Rooted {
		line = "chroot " + line
	}
	k.Calls = append(k.Calls, line)
	if k.Fault != nil {
		if a := k.Fault(c.Args[0], c.Args, c.Rooted); a != nil {
			return *a
		}
	}
	if c.Name != c.Args[0] {
		return failed(2, "called %s as %s", c.Name, c.Args[0])
	}
	env, words := strings.Join(c.Env, " "), c.Args[1:]
	want := map[string]string{
		"ipmgmtd": "SMF_FMRI=svc:/network/ip-interface-management:default", "in.ndpd": "SMF_FMRI=svc:/network/routing/ndp:default",
	}[c.Args[0]]
	if env != want {
		return failed(2, "%s: the environment is %q, want %q", c.Args[0], env, want)
	}
	switch c.Args[0] {
	case "ipmgmtd", "in.ndpd":
		if len(words) > 0 {
			return failed(2, "%s: usage", c.Args[0])
		}
		if c.NoRun && c.Args[0] == "in.ndpd" { // it binds a socket there
			return failed(1, "in.ndpd: bind: No such file or directory")
		}
		if k.daemons[c.Args[0]] != 0 {
			return failed(1, "%s: is already running", c.Args[0])
		}
		return Answer{Daemon: true}
	case "pgrep":
		if len(words) != 2 || words[0] != "-x" {
			return failed(2, "pgrep: usage")
		}
		if pid := k.daemons[words[1]]; pid != 0 {
			return Answer{Out: fmt.Sprintln(pid)}
		}
		return Answer{Status: 1}
	case "ipadm":
		if k.daemons["ipmgmtd"] == 0 {
			return failed(1, "ipadm: Could not open handle to library - Unable to contact ipmgmtd")
		}
		if c.NoRun && slices.Contains(words, "addrconf") { // the same socket
			return failed(1, "ipadm: Could not create address: Unable to communicate with in.ndpd")
		}
		return k.ipadm(words)
	case "ifconfig":
		return k.ifconfig(words)
	case "route":
		return k.route(words)
	case "mount":
		// mount_nfs(8)
		if len(words) != 4 || words[0] != "-o" || c.Rooted { // the mount point is the zone's
			return failed(1, "nfs mount: usage")
		}
		return Answer{}
	}
	return failed(2, "no such tool")
}

func failed(status int, format string, a ...any) Answer {
	return Answer{Out: fmt.Sprintf(format, a...) + "\n", Status: status}
}

func (k *Kernel) link(name string) *Link {
	for _, l := range k.Links {
		if l.Name == name {
			return l
		}
	}
	return nil
}

// match compares arguments with a form in which * is any one word, and returns
// the words that stand there.
func match(form string, args []string) (words []string, ok bool) {
	want := strings.Fields(form)
	if len(want) != len(args) {
		return nil, false
	}
	for i, w := range want {
		prefix, any := strings.CutSuffix(w, "*")
		rest, has := strings.CutPrefix(args[i], prefix)
		if !any && args[i] != w || !has {
			return nil, false
		}
		if any {
			words = append(words, rest)
		}
	}
	return words, true
}

func (k *Kernel) ipadm(args []string) Answer {
	if w, ok := match("create-if -t *", args); ok {
		l := k.link(w[0])
		switch {
		case l == nil:
			return failed(1, "ipadm: cannot create interface %s: No such interface", w[0])
		case l.plumbed:
			return failed(1, "ipadm: cannot create interface %s: Interface already exists", w[0])
		}
		if l.plumbed = true; l.loopback() {
			l.addresses = []netip.Prefix{netip.MustParsePrefix("127.0.0.1/8"), netip.MustParsePrefix("::1/128")}
		}
		return Answer{}
	}
	if w, ok := match("set-ifprop -t -p mtu=* -m * *", args); ok {
		l, mtu := k.link(w[2]), number(w[0])
		switch {
		case l == nil || !l.plumbed || w[1] != "ipv4" && w[1] != "ipv6":
			return failed(1, "ipadm: set-ifprop: mtu: Interface does not exist")
		case mtu < 68 || mtu > 9000 || w[1] == "ipv6" && mtu < 1280:
			return failed(1, "ipadm: set-ifprop: mtu: Property value out of range")
		}
		if w[1] == "ipv4" {
			l.MTU = mtu
		}
		return Answer{}
	}
	if w, ok := match("create-addr -t -T static -a local=* *", args); ok {
		return k.createAddress(w[1], func(l *Link) Answer { return k.static(l, w[0]) })
	}
	if w, ok := match("create-addr -t -T dhcp -w * *", args); ok && number(w[0]) > 0 {
		return k.createAddress(w[1], func(l *Link) Answer {
			if slices.ContainsFunc(l.addresses, func(p netip.Prefix) bool { return p.Addr().Is4() }) {
				return failed(1, "ipadm: Could not create address: the first logical interface is in use")
			}
			if !l.Lease.IsValid() {
				return failed(1, "ipadm: Could not create address: Operation timed out")
			}
			l.addresses = append(l.addresses, l.Lease)
			return Answer{}
		})
	}
	if w, ok := match("create-addr -t -T addrconf *", args); ok {
		return k.createAddress(w[0], func(l *Link) Answer {
			if k.daemons["in.ndpd"] == 0 {
				return failed(1, "ipadm: Could not create address: Unable to communicate with in.ndpd")
			}
			l.raise6()
			if l.Router.IsValid() {
				l.addresses = append(l.addresses, l.Router)
			}
			return Answer{}
		})
	}
	return failed(2, "ipadm: usage: %q", args)
}

var objectName = regexp.MustCompile(`^([a-z]+[0-9]+)/[a-zA-Z][a-zA-Z0-9_]{0,31}$`)

func (k *Kernel) createAddress(object string, create func(*Link) Answer) Answer {
	m := objectName.FindStringSubmatch(object)
	if m == nil {
		return failed(1, "ipadm: invalid address object name: %s", object)
	}
	l := k.link(m[1])
	switch {
	case l == nil || !l.plumbed:
		return failed(1, "ipadm: Could not create address: Interface does not exist")
	case k.objects[object]:
		return failed(1, "ipadm: Could not create address: Address object already exists")
	}
	a := create(l)
	if a.Status == 0 {
		k.objects[object] = true
	}
	return a
}

func (k *Kernel) static(l *Link, text string) Answer {
	p, err := netip.ParsePrefix(text)
	if err != nil {
		return failed(1, "ipadm: Invalid address: %s", text)
	}
	if l.loopback() && slices.Contains(l.addresses, p) {
		return Answer{}
	}
	if slices.Contains(l.Denied, p) {
		return failed(1, "ipadm: Could not create address: Permission denied")
	}
	for _, other := range k.Links {
		if slices.ContainsFunc(other.addresses, func(o netip.Prefix) bool { return o.Addr() == p.Addr() }) {
			return failed(1, "ipadm: Could not create address: Address already exists")
		}
	}
	if p.Addr().Is6() && !l.loopback() && !slices.ContainsFunc(l.addresses, func(p netip.Prefix) bool { return p.Addr().Is6() }) {
		return failed(1, "ipadm: Could not create address: IPv6 link-local address is missing")
	}
	l.addresses = append(l.addresses, p)
	return Answer{}
}

// raise6 brings the IPv6 side up: a link-local address comes of it.
func (l *Link) raise6() {
	p := netip.MustParsePrefix("fe80::92b8:d0ff:fe00:5/10")
	if !slices.Contains(l.addresses, p) {
		l.addresses = append(l.addresses, p)
	}
}

func (k *Kernel) ifconfig(args []string) Answer {
	w, ok := match("* inet6 up", args)
	if !ok {
		return failed(1, "ifconfig: bad arguments: %q", args)
	}
	l := k.link(w[0])
	if l == nil || !l.plumbed {
		return failed(1, "ifconfig: status: SIOCGLIFFLAGS: %s: no such interface", w[0])
	}
	l.raise6()
	return Answer{}
}

func (k *Kernel) route(args []string) Answer {
	usage := failed(2, "route: usage: %q", args)
	if len(args) < 2 || args[0] != "-n" || args[1] != "add" {
		return usage
	}
	args = args[2:]
	six := len(args) > 0 && args[0] == "-inet6"
	if six {
		args = args[1:]
	}
	direct := len(args) > 0 && args[0] == "-interface"
	if direct {
		args = args[1:]
	}
	out := ""
	if len(args) == 4 && args[2] == "-ifp" {
		out, args = args[3], args[:2]
	}
	if len(args) != 2 {
		return usage
	}
	dst, err := netip.ParsePrefix(args[0])
	gateway, gatewayErr := netip.ParseAddr(args[1])
	if args[0] != "default" && (err != nil || dst.Addr().Is6() != six) || gatewayErr != nil || gateway.Is6() != six {
		return failed(1, "route: bad address: %q", args)
	}
	own, near := false, slices.ContainsFunc(k.onLink, func(p netip.Prefix) bool { return p.Contains(gateway) })
	for _, l := range k.Links {
		for _, p := range l.addresses {
			own = own || p.Addr() == gateway
			near = near || p.Contains(gateway) && (!gateway.IsLinkLocalUnicast() || out == l.Name)
		}
	}
	line := fmt.Sprintf("add net %s: gateway %s", args[0], gateway)
	if direct && !own || !direct && !near {
		return failed(128, "%s: Network is unreachable", line)
	}
	key := fmt.Sprintf("%s via %s", args[0], gateway)
	if direct {
		key = fmt.Sprintf("%s on-link from %s", args[0], gateway)
	}
	if k.routes[key] {
		return failed(17, "%s: entry exists", line)
	}
	if k.routes[key] = true; direct {
		k.onLink = append(k.onLink, dst)
	}
	return Answer{Out: line + "\n"}
}

func number(text string) int {
	n, _ := strconv.Atoi(text)
	return n
}
