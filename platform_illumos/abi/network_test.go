//go:build linux && amd64

package abi

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"dockerinit/platform_fake/need"
)

// inModel is a shell's words that give the loader the model $1, and execute the rest.
const inModel = `mount -t tmpfs tmpfs /var/run && mount -t tmpfs tmpfs /dev && mknod -m 666 /dev/null c 1 3 && mknod -m 666 /dev/urandom c 1 9 &&
: >/dev/.model && mount --bind "$1" /dev/.model && shift && exec "$@"`

// An ipStack is what a zone's network stands on.
type ipStack struct {
	loader, program string
	native          string // the root of the native programs
}

func newStack(t *testing.T, program string) ipStack {
	need.Root(t)
	need.Program(t, "unshare", "util-linux")
	var h ipStack
	h.loader, h.program = build(t, program, covered()...)
	h.native = t.TempDir()
	for _, daemon := range []string{"lib/inet/ipmgmtd", "usr/lib/inet/in.ndpd", "sbin/dhcpagent"} {
		path := filepath.Join(h.native, daemon)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(h.loader, path); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.MkdirAll(filepath.Join(h.native, "etc/svc/volatile/ipadm"), 0o755); err != nil {
		t.Fatal(err)
	}
	return h
}

// run runs the program in a zone that is as the settings say, and returns what it
// said, how it ended, and what has become of the zone. What is in the native root
// is named $NATIVE in all of them.
func (h ipStack) run(t *testing.T, settings []string, args ...string) (said, state string) {
	t.Helper()
	if err := os.RemoveAll(filepath.Join(h.native, "etc/svc/volatile/ipadm/ipmgmt_door")); err != nil {
		t.Fatal(err)
	}
	model := filepath.Join(t.TempDir(), "model")
	set := exec.Command(h.loader, append([]string{"--model", model, "nroot=" + h.native}, settings...)...)
	if out, err := set.CombinedOutput(); err != nil {
		t.Fatalf("the model: %v\n%s", err, out)
	}
	for i := range args {
		args[i] = strings.ReplaceAll(args[i], "$NATIVE", h.native)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	words := append([]string{"--mount", "--propagation", "private", "--pid", "--fork", "--kill-child", "--",
		"sh", "-c", inModel, "sh", model, h.loader, h.program}, args...)
	c := exec.CommandContext(ctx, "unshare", words...)
	text, err := os.CreateTemp(t.TempDir(), "said") // a daemon may keep it open
	if err != nil {
		t.Fatal(err)
	}
	defer text.Close()
	c.Stdout, c.Stderr = text, text
	_ = c.Run()
	all, err := os.ReadFile(text.Name())
	if err != nil {
		t.Fatal(err)
	}
	printed, err := exec.Command(h.loader, "--state", model).CombinedOutput()
	if err != nil {
		t.Fatalf("the state: %v\n%s", err, printed)
	}
	return strings.ReplaceAll(string(all), h.native, "$NATIVE"), networkState(string(printed))
}

// networkState is what of a state is the network's.
func networkState(state string) (text string) {
	for line := range strings.Lines(state) {
		word, _, _ := strings.Cut(line, " ")
		if slices.Contains([]string{"if", "addr", "route", "daemon", "refused"}, word) {
			text += line
		}
	}
	return text
}

const (
	startIPMgmtd = "start $NATIVE/lib/inet/ipmgmtd SMF_FMRI=svc:/network/ip-interface-management:default"
	startNDPD    = "start $NATIVE/usr/lib/inet/in.ndpd SMF_FMRI=svc:/network/routing/ndp:default"
	doorPath     = "door $NATIVE/etc/svc/volatile/ipadm/ipmgmt_door"

	net0 = "link=net0 1500 90:b8:d0:00:00:05"
	net1 = "link=net1 9000 90:b8:d0:00:00:06"

	// plumbed is what the interface net0 and its address 10.0.0.5/24 look like.
	plumbed = "if net0 v4 mtu 1500 up\naddr net0 10.0.0.5/24 object net0/a\n"
)

// usual begins most cases: net0 with an address, and the daemon.
var usual = []string{startIPMgmtd, "open", "create net0 4", "static net0/a 10.0.0.5/24"}

func usually(then ...string) []string { return append(append([]string{}, usual...), then...) }

var (
	pointer = regexp.MustCompile(`0x[0-9a-f]{9,}`)
	thisPID = regexp.MustCompile(`not [0-9]+`)
)

// The model refuses what illumos refuses, in its words.
func TestNetworkModel(t *testing.T) {
	h := newStack(t, "network")
	for _, tt := range []struct {
		behaviour string
		settings  []string
		do        []string
		said      string // after what they were told to
		state     string
	}{{
		"an interface is plumbed a side at a time, and comes with its link-local address",
		nil, []string{"open", "create net0 4", "create net0 6", "flags net0 4", "flags net0 6", "index net0 4", "index net1 4", "get-mtu net0 6"},
		"flags net0 4: 0x1000842\nflags net0 6: 0x2000840\nindex net0 4: 2\nindex net1 4: no such device or address\nget-mtu net0 6: 1500\n",
		"if net0 v4 mtu 1500\nif net0 v6 mtu 1500\naddr net0 fe80::92b8:d0ff:fe00:5/10 down\n",
	}, {
		"what is plumbed already is no error to us, and has the library's own status",
		nil, []string{"open", "create net0 4", "create net0 4", "raw open >h 2", "raw create_if @h 'net0 2 2"},
		"raw open >h 2: 0\nraw create_if @h 'net0 2 2: 10 net0\n",
		"if net0 v4 mtu 1500\n",
	}, {
		"a link that the host has not made cannot be opened",
		nil, []string{"open", "create net9 4"},
		"create net9 4: ipadm_create_if: the link could not be opened (IPADM_DLPI_FAILURE)\n", "",
	}, {
		"a handle that is not of old leaves the link-local address out",
		nil, []string{"raw open >h 0", "raw create_if @h 'net0 0 2"},
		"raw open >h 0: 0\nraw create_if @h 'net0 0 2: 0 net0\n",
		"if net0 v4 mtu 1500\nif net0 v6 mtu 1500\n",
	}, {
		"the loopback comes with its addresses, which may be set again",
		nil, []string{startIPMgmtd, "open", "create lo0 4", "create lo0 6", "static lo0/a 127.0.0.1/8", "set-flags lo0 6 1"},
		"",
		"if lo0 v4 mtu 8232 up\naddr lo0 127.0.0.1/8 object lo0/a\nif lo0 v6 mtu 8252 up\naddr lo0 ::1/128\ndaemon ipmgmtd\n",
	}, {
		"flags and names are judged",
		nil, []string{
			"raw open >h 2", "raw create_if @h 'net0 2 0", "raw create_if @h 'net0 2 1", "raw create_if @h 'net0 2 0x4000", "raw create_if @h 'net 2 2",
			"raw create_if @h '0net0 2 2", "raw create_if @h 'net0:1 2 2"},
		"raw open >h 2: 0\nraw create_if @h 'net0 2 0: 15 net0\nraw create_if @h 'net0 2 1: 15 net0\nraw create_if @h 'net0 2 0x4000: 15 net0\nraw create_if @h 'net 2 2: 15 net\n" +
			"raw create_if @h '0net0 2 2: 15 0net0\nREFUSED",
		"refused ipadm_create_if: flags 0x2 for net0:1, which nobody has looked into\n",
	}, {
		"names of objects are judged",
		nil, []string{
			"raw create_addrobj 1 'net0/1a >o", "raw create_addrobj 4 'net0/a >o", "raw create_addrobj 1 ' >o",
			"raw create_addrobj 1 'net0/aaaaaaaaaabbbbbbbbbbccccccccccdd >o", "raw create_addrobj 1 'nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn0/a >o",
			"raw create_addrobj 1 'net0:/a >o", "raw create_addrobj 1 'net0/a/b >o", "raw create_addrobj 1 'net0 >o", "raw open >h 16"},
		"raw create_addrobj 1 'net0/1a >o: 15\nraw create_addrobj 4 'net0/a >o: 15\nraw create_addrobj 1 ' >o: 15\n" +
			"raw create_addrobj 1 'net0/aaaaaaaaaabbbbbbbbbbccccccccccdd >o: 15\nraw create_addrobj 1 'nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn0/a >o: 15\n" +
			"raw create_addrobj 1 'net0:/a >o: 15\nraw create_addrobj 1 'net0/a/b >o: 15\nraw create_addrobj 1 'net0 >o: 0\nraw open >h 16: 15\n", "",
	}, {
		"an object without a name gets one from the library",
		nil, usually("add-if net0 4", "raw open >h 2", "raw create_addrobj 1 'net0:1 >o", "raw set_addr @o '10.0.1.5/24 0", "raw create_addr @h @o 0x1002"),
		"add-if net0 4: net0:1\nraw open >h 2: 0\nraw create_addrobj 1 'net0:1 >o: 0\nraw set_addr @o '10.0.1.5/24 0: 0\nraw create_addr @h @o 0x1002: 0\n",
		plumbed + "addr net0:1 10.0.1.5/24 object net0/_b\ndaemon ipmgmtd\n",
	}, {
		"an address needs its side plumbed, and its logical interface there",
		nil, []string{startIPMgmtd, "open", "static net0/a 10.0.0.5/24", "create net0 4", "static net0/a fd00::5/64", "static net0:1/a 10.0.0.5/24"},
		"static net0/a 10.0.0.5/24: ipadm_create_addr: no such interface (IPADM_ENXIO)\n" +
			"static net0/a fd00::5/64: ipadm_create_addr: no such interface (IPADM_ENXIO)\n" +
			"static net0:1/a 10.0.0.5/24: ipadm_create_addr: no such interface (IPADM_ENXIO)\n",
		"if net0 v4 mtu 1500\ndaemon ipmgmtd\n",
	}, {
		"an address is one interface's, and an object's name one object's",
		[]string{net1}, usually("create net1 4", "static net1/a 10.0.0.5/24", "static net1/b 10.0.0.6/24", "add-if net0 4", "static net0:1/a 10.0.0.7/24"),
		"static net1/a 10.0.0.5/24: ipadm_create_addr: the address is not available (IPADM_ADDR_NOTAVAIL)\n" +
			"add-if net0 4: net0:1\nstatic net0:1/a 10.0.0.7/24: ipadm_create_addr: the address object exists already (IPADM_ADDROBJ_EXISTS)\n",
		plumbed + "addr net0:1 0.0.0.0/0 down\nif net1 v4 mtu 9000 up\naddr net1 10.0.0.6/24 object net1/b\ndaemon ipmgmtd\n",
	}, {
		"an address that the host does not allow",
		[]string{"link=net2 1500 90:b8:d0:00:00:07 10.2.0.0/24 fd02::5"},
		[]string{startIPMgmtd, "open", "create net2 4", "create net2 6", "static net2/a 10.0.0.5/24", "add-if net2 6", "static net2:1/b fd02::6/64", "static net2:1/b fd02::5/64", "static net2/a 10.2.0.5/24"},
		"static net2/a 10.0.0.5/24: ipadm_create_addr: not permitted (IPADM_EPERM)\nadd-if net2 6: net2:1\n" +
			"static net2:1/b fd02::6/64: ipadm_create_addr: not permitted (IPADM_EPERM)\n",
		"if net2 v4 mtu 1500 up\naddr net2 10.2.0.5/24 object net2/a\nif net2 v6 mtu 1500\naddr net2 fe80::92b8:d0ff:fe00:7/10 down\n" +
			"addr net2:1 fd02::5/64 object net2/b\ndaemon ipmgmtd\n",
	}, {
		"no address of its own: a group's",
		nil, usually("add-if net0 4", "static net0:1/b 224.0.0.1/24"),
		"add-if net0 4: net0:1\nstatic net0:1/b 224.0.0.1/24: ipadm_create_addr: the address is not available (IPADM_ADDR_NOTAVAIL)\n",
		plumbed + "addr net0:1 0.0.0.0/24 down\ndaemon ipmgmtd\n",
	}, {
		"without ipmgmtd's door there is nobody to speak to",
		nil, []string{"open", "create net0 4", "static net0/a 10.0.0.5/24", startIPMgmtd, doorPath, "static net0/a 10.0.0.5/24"},
		"static net0/a 10.0.0.5/24: ipadm_create_addr: not found (IPADM_NOTFOUND)\ndoor $NATIVE/etc/svc/volatile/ipadm/ipmgmt_door: served, and then by -1\n" +
			"static net0/a 10.0.0.5/24: ipadm_create_addr: ipmgmtd could not be spoken to (IPADM_IPC_ERROR)\n",
		"if net0 v4 mtu 1500\n",
	}, {
		"a file is no door",
		nil, []string{"door /etc/passwd"}, "door /etc/passwd: bad file number\n", "",
	}, {
		"the daemons want their service's name, and root",
		nil, []string{"start $NATIVE/lib/inet/ipmgmtd", "start $NATIVE/lib/inet/ipmgmtd SMF_FMRI=svc:/network/ip-interface-management:default A=b", startIPMgmtd, startIPMgmtd},
		"ipmgmtd: the service's name is to be all of the environment\nstart $NATIVE/lib/inet/ipmgmtd: exit status 1\n" +
			"ipmgmtd: the service's name is to be all of the environment\nstart $NATIVE/lib/inet/ipmgmtd SMF_FMRI=svc:/network/ip-interface-management:default A=b: exit status 1\n" +
			"ipmgmtd: it runs already\n" + startIPMgmtd + ": exit status 1\n",
		"daemon ipmgmtd\n",
	}, {
		"the MTU is what the link can take, and IPv6's least",
		[]string{net1}, []string{"open", "create net1 4", "create net1 6", "mtu net1 4 576", "mtu net1 6 1279", "mtu net1 6 1280", "mtu net1 4 67", "mtu net1 4 9001",
			"mtu net0 4 1400", "set-mtu net1 4 1400", "set-mtu net1 6 1000", "raw open >h 2", "raw set_ifprop @h 'net1 'arp 'on 1 2", "raw set_ifprop @h 'net1 'mtu '1400x 1 2",
			"raw set_ifprop @h 'net1 'mtu '1400 3 2", "raw set_ifprop @h 'net1 'mtu '1400 1 1"},
		"mtu net1 6 1279: ipadm_set_ifprop: invalid argument (IPADM_INVALID_ARG)\nmtu net1 4 67: ipadm_set_ifprop: invalid argument (IPADM_INVALID_ARG)\n" +
			"mtu net1 4 9001: ipadm_set_ifprop: invalid argument (IPADM_INVALID_ARG)\nmtu net0 4 1400: ipadm_set_ifprop: no such interface (IPADM_ENXIO)\n" +
			"set-mtu net1 6 1000: invalid argument\nraw open >h 2: 0\nraw set_ifprop @h 'net1 'arp 'on 1 2: 19\nraw set_ifprop @h 'net1 'mtu '1400x 1 2: 15\n" +
			"raw set_ifprop @h 'net1 'mtu '1400 3 2: 15\nraw set_ifprop @h 'net1 'mtu '1400 1 1: 15\n",
		"if net1 v4 mtu 1400\nif net1 v6 mtu 1280\naddr net1 fe80::92b8:d0ff:fe00:6/10 down\n",
	}, {
		"logical interfaces come and go, and the interface itself does not",
		nil, usually("add-if net0 4", "add-if net0 4", "set-mask net0:1 4 255.255.0.0", "set-address net0:1 4 10.1.0.5", "address net0:1 4", "mask net0:1 4", "remove-if net0:1 4",
			"remove-if net0:1 4", "remove-if net0 4", "add-if net0 4", "add-if net0 6", "add-if net0:7 4", "add-if net0:7 4"),
		"add-if net0 4: net0:1\nadd-if net0 4: net0:2\naddress net0:1 4: 10.1.0.5, 16 bits\nmask net0:1 4: 255.255.0.0, 16 bits\n" +
			"remove-if net0:1 4: no such device or address\nremove-if net0 4: invalid argument\nadd-if net0 4: net0:1\nadd-if net0 6: no such device or address\n" +
			"add-if net0:7 4: net0:7\nadd-if net0:7 4: file exists\n",
		plumbed + "addr net0:1 0.0.0.0/0 down\naddr net0:2 0.0.0.0/0 down\naddr net0:7 0.0.0.0/0 down\ndaemon ipmgmtd\n",
	}, {
		"addresses and masks are judged by the kernel too",
		nil, usually("create net0 6", "set-mask net0 4 255.0.255.0", "set-address net0 4 fd00::5", "set-address net0 6 ff02::1", "add-if net0 4", "set-address net0:1 4 10.0.0.5", "set-flags net0:1 4 1"),
		"set-mask net0 4 255.0.255.0: operation not supported\nset-address net0 4 fd00::5: address family not supported by protocol family\n" +
			"set-address net0 6 ff02::1: cannot assign requested address\nadd-if net0 4: net0:1\nset-flags net0:1 4 1: cannot assign requested address\n",
		plumbed + "addr net0:1 10.0.0.5/0 down\nif net0 v6 mtu 1500\naddr net0 fe80::92b8:d0ff:fe00:5/10 down\ndaemon ipmgmtd\n",
	}, {
		"flags that no ioctl changes are to be as they were read",
		nil, usually("set-flags net0 4 0x9"), "REFUSED",
		plumbed + "daemon ipmgmtd\nrefused SIOCSLIFFLAGS: net0: flags that cannot be changed are to be as they were read\n",
	}, {
		"an interface that is unplumbed takes all that is on it",
		nil, usually("add-if net0 4", "static net0:1/b 10.1.0.5/24", "route 192.0.2.0/24 from 10.0.0.5", "raw open >h 2", "raw delete_if @h 'net0 2 2", "raw delete_if @h 'net0 2 2", "raw delete_if @h 'net0 0 2"),
		"add-if net0 4: net0:1\nraw open >h 2: 0\nraw delete_if @h 'net0 2 2: 0\nraw delete_if @h 'net0 2 2: 13\nraw delete_if @h 'net0 0 2: 13\n",
		"daemon ipmgmtd\n",
	}, {
		"Go's own package sees the interfaces",
		nil, usually("create net0 6", "set-flags net0 6 1", "interfaces"),
		"interfaces: \n  2 net0 90:b8:d0:00:00:05 1500 up|broadcast|multicast|running [10.0.0.5/24 fe80::92b8:d0ff:fe00:5/10]\n",
		plumbed + "if net0 v6 mtu 1500 up\naddr net0 fe80::92b8:d0ff:fe00:5/10\ndaemon ipmgmtd\n",
	}, {
		"an object that is there is gone on with by a handle of old",
		nil, usually("static net0/a 10.0.0.6/16", "static net0/b 10.0.0.7/24"), "",
		"if net0 v4 mtu 1500 up\naddr net0 10.0.0.7/24 object net0/a\ndaemon ipmgmtd\n",
	}, {
		"a handle of old is for static addresses alone",
		[]string{"dhcp=net0 10.9.0.5/24"}, []string{startIPMgmtd, startNDPD, "raw open >h 2", "raw create_if @h 'net0 0 2", "raw create_addrobj 3 'net0/d >d", "raw create_addrobj 2 'net0/c >c",
			"raw create_addr @h @d 2", "raw create_addr @h @c 2"},
		"raw open >h 2: 0\nraw create_if @h 'net0 0 2: 0 net0\nraw create_addrobj 3 'net0/d >d: 0\nraw create_addrobj 2 'net0/c >c: 0\nraw create_addr @h @d 2: 36\nraw create_addr @h @c 2: 36\n",
		"if net0 v4 mtu 1500\nif net0 v6 mtu 1500\naddr net0 fe80::92b8:d0ff:fe00:5/10 down\ndaemon ipmgmtd\ndaemon in.ndpd\n",
	}, {
		"another one has all kinds, and finds the logical interface itself",
		[]string{"dhcp=net0 10.9.0.5/24 10.9.0.1"}, []string{startIPMgmtd, startNDPD, "raw open >h 0", "raw create_if @h 'net0 0 2",
			"raw create_addrobj 1 'net0/s >s", "raw set_addr @s '10.0.0.5/24 0", "raw create_addr @h @s 0x1002",
			"raw create_addrobj 3 'net0/d >d", "raw set_primary @d 1", "raw set_wait_time @d -2", "raw set_wait_time @d -3", "raw set_stateful @d 1", "raw create_addr @h @d 2",
			"raw create_addrobj 2 'net0/c >c", "raw set_interface_id @c '::7/64", "raw set_interface_id @c '::7", "raw set_stateless @c 1", "raw set_stateful @c 1", "raw set_wait_time @c 5", "raw create_addr @h @c 2",
			"raw create_addrobj 2 'net0/e >e", "raw set_interface_id @e '::7/64", "raw create_addr @h @e 2",
			"raw create_addrobj 1 'net0:1/f >f", "raw set_addr @f '10.0.1.5/24 2", "raw create_addr @h @f 2"},
		"raw open >h 0: 0\nraw create_if @h 'net0 0 2: 0 net0\nraw create_addrobj 1 'net0/s >s: 0\nraw set_addr @s '10.0.0.5/24 0: 0\nraw create_addr @h @s 0x1002: 0\n" +
			"raw create_addrobj 3 'net0/d >d: 0\nraw set_primary @d 1: 0\nraw set_wait_time @d -2: 0\nraw set_wait_time @d -3: 15\nraw set_stateful @d 1: 15\nraw create_addr @h @d 2: 0\n" +
			"raw create_addrobj 2 'net0/c >c: 0\nraw set_interface_id @c '::7/64: 0\nraw set_interface_id @c '::7: 15\nraw set_stateless @c 1: 0\nraw set_stateful @c 1: 0\nraw set_wait_time @c 5: 15\nraw create_addr @h @c 2: 0\n" +
			"raw create_addrobj 2 'net0/e >e: 0\nraw set_interface_id @e '::7/64: 0\nraw create_addr @h @e 2: 12\n" +
			"raw create_addrobj 1 'net0:1/f >f: 0\nraw set_addr @f '10.0.1.5/24 2: 0\nraw create_addr @h @f 2: 15\n",
		"if net0 v4 mtu 1500 up\naddr net0 10.0.0.5/24 object net0/s\naddr net0:1 10.9.0.5/24 object net0/d dhcp\nif net0 v6 mtu 1500 up\naddr net0 fe80::7/10 object net0/c\n" +
			"route default via 10.9.0.1 dev net0\ndaemon ipmgmtd\ndaemon in.ndpd\ndaemon dhcpagent\n",
	}, {
		"addrconf wants in.ndpd, dhcp its agent and an interface that is no loopback",
		[]string{"order=dhcpagent status 1"}, []string{startIPMgmtd, "raw open >h 0", "raw create_if @h 'net0 0 2", "raw create_if @h 'lo0 2 2", "raw create_addrobj 3 'net0/d >d", "raw create_addrobj 2 'net0/c >c",
			"raw create_addrobj 3 'lo0/d >l", "raw create_addr @h @d 2", "raw create_addr @h @c 2", "raw create_addr @h @l 2", "raw create_addr @h @l 0", "raw create_addr @h @l 0x20"},
		"raw open >h 0: 0\nraw create_if @h 'net0 0 2: 0 net0\nraw create_if @h 'lo0 2 2: 0 lo0\nraw create_addrobj 3 'net0/d >d: 0\nraw create_addrobj 2 'net0/c >c: 0\nraw create_addrobj 3 'lo0/d >l: 0\n" +
			"dhcpagent: told to fail\nraw create_addr @h @d 2: 30\nraw create_addr @h @c 2: 29\nraw create_addr @h @l 2: 36\nraw create_addr @h @l 0: 15\nraw create_addr @h @l 0x20: 15\n",
		"if lo0 v4 mtu 8232\nif net0 v4 mtu 1500\nif net0 v6 mtu 1500\ndaemon ipmgmtd\n",
	}, {
		"a status has words",
		nil, []string{"raw status2str 0", "raw status2str 10", "raw status2str 38", "raw status2str 39"},
		"raw status2str 0: done\nraw status2str 10: interface there already\nraw status2str 38: host's alone\nraw status2str 39: no such status\n", "",
	}, {
		"a handle that is closed is none any more",
		nil, []string{"raw open >h 2", "raw close @h", "raw create_if @h 'net0 2 2"},
		"raw open >h 2: 0\nREFUSED", "refused ipadm_create_if: POINTER is no handle of the library, or not any more\n",
	}, {
		"an object that is destroyed is none any more",
		nil, []string{"raw create_addrobj 1 'net0/a >o", "raw destroy_addrobj @o", "raw destroy_addrobj @o"},
		"raw create_addrobj 1 'net0/a >o: 0\nREFUSED", "refused ipadm_destroy_addrobj: POINTER is no address object of the library, or not any more\n",
	}, {
		"an object is no handle",
		nil, []string{"raw open >h 2", "raw create_addrobj 1 'net0/a >o", "raw create_addr @o @h 2"},
		"raw open >h 2: 0\nraw create_addrobj 1 'net0/a >o: 0\nREFUSED", "refused ipadm_create_addr: POINTER is no handle of the library, or not any more\n",
	}, {
		"each call can be made to fail",
		[]string{"fault=ipadm_open:1:4", "fault=ipadm_create_if:2:1", "fault=SIOCLIFADDIF:0:12", "fault=RTM_ADD:1:5", "fault=socket_route:2:23", "fault=ipadm_create_addr:2:8"},
		[]string{startIPMgmtd, "open", "open", "create net0 4", "create net0 6", "static net0/a 10.0.0.5/24", "static net0/b 10.0.0.5/24", "add-if net0 4", "route 192.0.2.0/24 via 10.0.0.1", "route 192.0.2.0/24 via 10.0.0.1", "route 192.0.2.0/24 via 10.0.0.1"},
		"open: ipadm_open: no buffer space (IPADM_NO_BUFS)\ncreate net0 6: ipadm_create_if: failed (IPADM_FAILURE)\n" +
			"static net0/b 10.0.0.5/24: ipadm_create_addr: another machine on the link has this address (IPADM_DAD_FOUND)\nadd-if net0 4: not enough space\n" +
			"route 192.0.2.0/24 via 10.0.0.1: I/O error\nroute 192.0.2.0/24 via 10.0.0.1: file table overflow\n",
		plumbed + "route 192.0.2.0/24 via 10.0.0.1 dev net0\ndaemon ipmgmtd\n",
	}} {
		t.Run(tt.behaviour, func(t *testing.T) {
			said, state := h.run(t, append([]string{net0}, tt.settings...), append([]string{}, tt.do...)...)
			compareNetwork(t, said, state, tt.said, tt.state)
		})
	}
}

// compareNetwork takes REFUSED in what was said for the loader's last words, which are in
// the state, and POINTER for one.
func compareNetwork(t *testing.T, said, state, wantSaid, wantState string) {
	t.Helper()
	if before, refused, found := strings.Cut(said, "illumos loader: "); found {
		if !strings.Contains(state, "refused ") {
			t.Errorf("refused without a word in the state: %s", refused)
		}
		said = before + "REFUSED"
	}
	state = pointer.ReplaceAllString(state, "POINTER")
	if said != wantSaid {
		t.Errorf("said\n%s\nwant\n%s", said, wantSaid)
	}
	if state != wantState {
		t.Errorf("state\n%s\nwant\n%s", state, wantState)
	}
}
