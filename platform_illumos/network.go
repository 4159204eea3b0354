//go:build illumos && amd64

package illumos

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"dockerinit/core/bootlog"
	"dockerinit/core/exit"
	"dockerinit/core/image"
	"dockerinit/core/process"
	"dockerinit/core/zone"
)

// Addresses is libipadm, which speaks to ipmgmtd: see package ipadm.
type Addresses interface {
	// CreateInterface plumbs one side of an interface. One that is there already
	// is no error.
	CreateInterface(name string, six bool) error
	SetMTU(name string, six bool, mtu int) error
	// Each kind of address is an object, named IF/OBJECT.
	AddStatic(object string, address netip.Prefix) error
	AddDHCP(object string, seconds int32) error
	Close()
}

// network is the zone's IP stack: libipadm, and ioctls and routing messages for
// what that does not do.
type network struct {
	log       *bootlog.Logger
	processes *processes
	library   func() (Addresses, error)
	native    string // where the native programs are
	door      string // ipmgmtd's

	stop    bool            // docker:noipmgmtd
	ipmgmtd *daemon         // nil: not up
	ndpd    *daemon         // nil: not asked for yet
	handle  Addresses       // nil: not asked for yet
	done    map[string]bool // what is configured, so that doing it again does nothing
	objects int             // address objects so far, over all interfaces
}

func newNetwork(log *bootlog.Logger, p *processes, library func() (Addresses, error), native string) *network {
	return &network{
		log: log, processes: p, library: library, native: native,
		door: native + "/etc/svc/volatile/ipadm/ipmgmt_door",
		done: map[string]bool{},
	}
}

// loopback is the kernel's name of it, whatever the brand.
const loopback = "lo0"

// dhcpTime is how long a NIC's lease is waited for, in seconds.
const dhcpTime = 30

// Up starts ipmgmtd and does not wait for it: it gets ready while the mounts are
// made. in.ndpd comes when the first NIC asks for it.
func (n *network) Up(_ context.Context, want zone.Network) error {
	if n.ipmgmtd != nil {
		return nil
	}
	n.stop = want.StopDaemons
	n.ipmgmtd = n.start("ipmgmtd", "/lib/inet/ipmgmtd", "svc:/network/ip-interface-management:default")
	return nil
}

// open waits for what Up started.
func (n *network) open(ctx context.Context) (Addresses, error) {
	if n.handle != nil {
		return n.handle, nil
	}
	if n.ipmgmtd == nil {
		return nil, exit.IpadmDoor.Wrap(errDown)
	}
	if err := n.ipmgmtd.ready(ctx); err != nil {
		return nil, err
	}
	handle, err := n.library()
	if err != nil {
		return nil, exit.IpadmDoor.Wrap(err)
	}
	n.handle = handle
	return handle, nil
}

var errDown = errors.New("the IP stack is not up")

// Configure goes on after a failure where that is of use, so that all that is
// wrong with a NIC is said. DHCP comes first: dhcpagent wants the interface
// itself, and the static addresses then get logical ones. An IPv6 address needs
// its side of the interface up.
func (n *network) Configure(ctx context.Context, nic zone.NIC) error {
	h, err := n.open(ctx)
	if err != nil {
		return err
	}
	if nic.Loopback {
		nic.Interface = loopback // an LX zone's Linux has another name for it
	}
	for _, six := range []bool{false, true} {
		if err := n.once(nic, side(six), func() error { return h.CreateInterface(nic.Interface, six) }); err != nil {
			return exit.PlumbInterface.Errorf("%s: %w", side(six), err)
		}
	}
	n.setMTU(h, nic)
	var failed []error
	try := func(what string, code exit.Code, do func() error) {
		if err := n.once(nic, what, do); err != nil {
			failed = append(failed, code.Errorf("%s: %w", what, err))
		}
	}
	if nic.DHCP {
		try("dhcp", exit.RaiseInterface, func() error { return n.addDHCP(h, nic) })
	}
	first := !nic.DHCP
	for _, a := range nic.Addresses {
		if a.Addr().Is4() {
			try(a.String(), exit.RaiseInterface, func() error { return n.addAddress(h, nic, a, first) })
			first = false
		}
	}
	try("raise IPv6", exit.UpIPv6, func() error { return raise(nic.Interface) })
	if nic.Addrconf {
		try("addrconf", exit.RaiseInterface, func() error { return n.startNDPD(ctx) })
	}
	for _, a := range nic.Addresses {
		// The kernel itself gives the loopback ::1, with its IPv6 side.
		if a.Addr().Is6() && !nic.Loopback {
			try(a.String(), exit.RaiseInterface, func() error { return n.addAddress(h, nic, a, false) })
		}
	}
	return together(failed)
}

// addAddress gives the interface itself its first IPv4 address, and a logical
// interface of its own each of the others.
func (n *network) addAddress(h Addresses, nic zone.NIC, a netip.Prefix, first bool) error {
	name := nic.Interface
	if !first {
		logical, err := addLogical(nic.Interface, a.Addr().Is6())
		if err != nil {
			return err
		}
		name = logical
	}
	if err := h.AddStatic(n.object(name), a); err != nil {
		if !first {
			removeLogical(name, a.Addr().Is6())
		}
		return err
	}
	return nil
}

// addDHCP has the library start dhcpagent, whose starter ends: in init's own
// contract that would be the zone's end.
func (n *network) addDHCP(h Addresses, nic zone.NIC) (err error) {
	agent := process.Command{Path: n.native + "/sbin/dhcpagent"}
	failed := n.processes.inContract(agent, false, func() { err = h.AddDHCP(n.object(nic.Interface), dhcpTime) })
	if failed != nil {
		return failed
	}
	return err
}

// startNDPD is all that addrconf takes: in.ndpd listens on every interface whose
// IPv6 side is up, also on those that are raised later. libipadm's own object for it
// would be a second link-local address. lxinit does the same.
//
// It ends, and does not say why, where it cannot make its socket in /var/run, which no
// image need have. illumos: usr/src/lib/libipadm/common/ipadm_ndpd.h
func (n *network) startNDPD(ctx context.Context) error {
	if n.ndpd == nil {
		if err := image.MakeDirectory("/", "/var/run"); err != nil {
			return err
		}
		n.ndpd = n.start("in.ndpd", "/usr/lib/inet/in.ndpd", "svc:/network/routing/ndp:default")
	}
	return n.ndpd.ready(ctx)
}

// setMTU is a warning: the host has given the link its MTU already.
func (n *network) setMTU(h Addresses, nic zone.NIC) {
	const leastIPv6 = 1280 // RFC 8200
	for _, six := range []bool{false, true} {
		if nic.MTU == 0 || six && nic.MTU < leastIPv6 {
			continue
		}
		err := n.once(nic, "mtu "+side(six), func() error { return h.SetMTU(nic.Interface, six, nic.MTU) })
		if err != nil {
			tell(n.log, bootlog.LevelWarn, "nics", nic.Interface+": "+side(six)+" MTU: "+err.Error()+": the link's own stays")
		}
	}
}

// once does what was not done before.
func (n *network) once(nic zone.NIC, what string, do func() error) error {
	key := nic.Interface + " " + what
	if n.done[key] {
		return nil
	}
	err := do()
	n.done[key] = err == nil
	return err
}

// object is the name of the next address object: what the operator sees as
// net0/addr0 in ipadm show-addr.
func (n *network) object(interfaceName string) string {
	n.objects++
	return fmt.Sprintf("%s/addr%d", interfaceName, n.objects-1)
}

func side(six bool) string {
	if six {
		return "IPv6"
	}
	return "IPv4"
}

// Close lets go of the library, and ends ipmgmtd where docker:noipmgmtd asks. A
// daemon that nobody has waited for is waited for now: its starter is our child.
func (n *network) Close(ctx context.Context) error {
	if n.ipmgmtd == nil {
		return nil
	}
	err := n.ipmgmtd.ready(ctx)
	if n.handle != nil {
		n.handle.Close()
		n.handle = nil
	}
	n.ipmgmtd, n.ndpd = nil, nil
	if err != nil || !n.stop {
		return err
	}
	return stopServer(ctx, n.door, stopTime)
}

const stopTime = 5 * time.Second
