//go:build linux

package native

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/go-multierror"
	"golang.org/x/sys/unix"

	"dockerinit/core/bootlog"
	"dockerinit/core/exit"
	"dockerinit/core/image"
	"dockerinit/core/supervise"
	"dockerinit/core/zone"
	"dockerinit/platform_lx/rtnl"
)

const (
	toolTime  = 10 * time.Second // for a tool that has only to ask the kernel
	leaseTime = 30 * time.Second // for a DHCP server's answer
	shownTime = 5 * time.Second  // until the kernel lists what a tool has made
)

// A Stack is the network of an LX zone.
type Stack struct {
	log      *bootlog.Logger
	tools    *tools
	kernel   *rtnl.Stack // is read from alone
	stop     bool        // ipmgmtd is not to outlive the set-up
	cancel   context.CancelFunc
	started  chan struct{} // closed when ipmgmtd is ready, or cannot be had
	startErr error
	told     bool // startErr was
	ndpd     bool // it runs
}

// Open starts the daemon that the tools need and does not wait for it: what can
// be done without is done meanwhile.
func Open(log *bootlog.Logger, run Runner, want zone.Network) (*Stack, error) {
	kernel, err := rtnl.Open(log)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	s := &Stack{
		log: log, tools: newTools(log, run), kernel: kernel, stop: want.StopDaemons,
		cancel: cancel, started: make(chan struct{}),
	}
	go func() {
		defer close(s.started)
		s.startErr = s.tools.startIpmgmtd(ctx)
	}()
	return s, nil
}

// Chores are none: the platform's own dhcpagent keeps the leases.
func (*Stack) Chores() []supervise.Chore { return nil }

// ready waits for ipmgmtd, which has its own bound.
func (s *Stack) ready(ctx context.Context) error {
	select {
	case <-s.started:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	if s.startErr != nil && s.told {
		return exit.CodeOf(s.startErr).Errorf("not configured, because ipmgmtd does not run")
	}
	s.told = true // once is enough of the whole story
	return s.startErr
}

// Close ends what the host does not want to stay. What was configured stays, and
// so does what renews it.
func (s *Stack) Close() error {
	<-s.started // in use until then; it has its own bound
	s.cancel()
	var err error
	if s.stop && s.startErr == nil {
		err = s.tools.stopIpmgmtd(context.Background())
	}
	return errors.Join(err, s.kernel.Close())
}

// Configure makes the interface, gives it its addresses and sets its MTU. They are
// there when it returns. All is tried; what fails is told together.
func (s *Stack) Configure(ctx context.Context, nic zone.NIC) error {
	name := nativeName(nic)
	if err := s.ready(ctx); err != nil {
		return fmt.Errorf("%s: %w", nic.Interface, err)
	}
	if _, err := s.tools.do(ctx, ipadm, createInterface(name), toolTime); err != nil {
		return exit.PlumbInterface.Errorf("%s: create the interface: %w", nic.Interface, err)
	}
	// A kernel lists a link when it has been made, and not before.
	l, err := s.kernel.Find(nic)
	if err != nil {
		return err
	}
	have, err := s.kernel.Owned()
	if err != nil {
		return exit.RaiseInterface.Wrap(err)
	}
	failed := multierror.Append(nil, s.mtu(ctx, name, l.MTU(), nic))
	// The agent wants the interface's first address, the router's the link-local one.
	if nic.DHCP {
		failed = multierror.Append(failed, exit.RaiseInterface.Wrap(s.dhcp(ctx, name)))
	}
	failed = multierror.Append(failed, s.linkLocal(ctx, name, nic))
	var wait []netip.Prefix
	for i, want := range nic.Addresses {
		there, err := s.kernel.Compare(l, want, have)
		if err == nil && (!there || nic.Loopback) { // loopback has its addresses before they are up
			err = s.address(ctx, name, "addr"+strconv.Itoa(i), want)
		}
		if err == nil {
			wait = append(wait, want)
			continue
		}
		failed = multierror.Append(failed, rtnl.CodeFor(want.Addr()).Errorf("%s: %w", nic.Interface, err))
	}
	failed = multierror.Append(failed, s.shown(ctx, l, wait))
	if !nic.DHCP && !nic.Addrconf { // what a server or a router gave has no mark here
		failed = multierror.Append(failed, s.kernel.Foreign(l, nic, have))
	}
	return failed.ErrorOrNil()
}

func (s *Stack) address(ctx context.Context, link, name string, want netip.Prefix) error {
	object, err := object(link, name)
	if err == nil {
		_, err = s.tools.do(ctx, ipadm, createStatic(object, want), toolTime)
	}
	if err != nil {
		return fmt.Errorf("address %s: %w", want, err)
	}
	return nil
}

func (s *Stack) dhcp(ctx context.Context, link string) error {
	object, err := object(link, "dhcp")
	if err == nil {
		_, err = s.tools.do(ctx, ipadm, createDHCP(object, leaseTime), leaseTime+toolTime)
	}
	if err != nil {
		return fmt.Errorf("%s: dhcp: %w", link, err)
	}
	return nil
}

// linkLocal gives the link its IPv6 side. A zone that asks for no IPv6 goes
// without where that cannot be had.
func (s *Stack) linkLocal(ctx context.Context, link string, nic zone.NIC) error {
	if nic.Loopback {
		return nil
	}
	if nic.Addrconf {
		return exit.UpIPv6.Wrap(s.addrconf(ctx, link))
	}
	_, err := s.tools.do(ctx, ifconfig, raiseIPv6(link), toolTime)
	if err == nil {
		return nil
	}
	err = fmt.Errorf("%s: bring the IPv6 side up: %w", link, err)
	for _, p := range nic.Addresses {
		if p.Addr().Is6() {
			return exit.UpIPv6.Wrap(err)
		}
	}
	s.log.LogAttrs(bootlog.LevelWarn, err.Error(), bootlog.Step("nics"))
	return nil
}

// addrconf leaves the link's addresses to its routers, and to the daemon that
// listens to them, which ipadm asks.
func (s *Stack) addrconf(ctx context.Context, link string) error {
	if !s.ndpd {
		// It makes its socket there, or ends and tells syslog alone. No image need have it.
		// illumos: usr/src/lib/libipadm/common/ipadm_ndpd.h
		if err := image.MakeDirectory("/", "/var/run"); err != nil {
			return fmt.Errorf("%s: addrconf: %w", link, err)
		}
		if err := s.tools.start(ctx, ndpd); err != nil {
			return fmt.Errorf("%s: addrconf: start in.ndpd: %w", link, err)
		}
		s.ndpd = true
	}
	object, err := object(link, "addrconf")
	if err == nil {
		_, err = s.tools.do(ctx, ipadm, createAddrconf(object), toolTime)
	}
	if err != nil {
		return fmt.Errorf("%s: addrconf: %w", link, err)
	}
	return nil
}

// mtu sets it for each IP version that can have it. RFC 8200, 5
func (s *Stack) mtu(ctx context.Context, link string, now int, nic zone.NIC) error {
	const leastIPv6 = 1280
	if nic.MTU == 0 || nic.MTU == now {
		return nil
	}
	versions := []string{"ipv4", "ipv6"}
	if nic.MTU < leastIPv6 {
		versions = versions[:1]
	}
	var failed *multierror.Error
	for _, version := range versions {
		if _, err := s.tools.do(ctx, ipadm, setMTU(link, nic.MTU, version), toolTime); err != nil {
			failed = multierror.Append(failed, exit.RaiseInterface.Errorf("%s: mtu %d (%s): %w", link, nic.MTU, version, err))
		}
	}
	return failed.ErrorOrNil()
}

// shown waits until the kernel lists the addresses: that is what counts, whatever
// a tool has said.
func (s *Stack) shown(ctx context.Context, l rtnl.Link, want []netip.Prefix) error {
	missing := want
	err := rtnl.Poll(ctx, shownTime, func() (bool, error) {
		have, err := s.kernel.Owned()
		if err != nil {
			return false, err
		}
		missing = nil
		for _, p := range want {
			if there, err := s.kernel.Compare(l, p, have); err != nil {
				return false, err
			} else if !there {
				missing = append(missing, p)
			}
		}
		return len(missing) == 0, nil
	})
	if err == nil {
		return nil
	}
	if len(missing) == 0 { // it could not be seen
		return exit.RaiseInterface.Errorf("%s: %w", l.Name(), err)
	}
	var failed *multierror.Error
	for _, p := range missing {
		failed = multierror.Append(failed, rtnl.CodeFor(p.Addr()).Errorf("%s: address %s: ipadm has made it, and the kernel does not list it: %w", l.Name(), p, err))
	}
	return failed.ErrorOrNil()
}

// AddRoute adds a route. One that is there is no error.
func (s *Stack) AddRoute(ctx context.Context, r zone.Route) error {
	_, err := s.tools.do(ctx, route, addRoute(r), toolTime)
	refused, ok := errors.AsType[*refusal](err)
	switch {
	case err == nil:
		return nil
	case ok && unreachable(refused.said):
		return s.kernel.Explain(r, fmt.Errorf("%w (%s)", unix.ENETUNREACH, strings.TrimSpace(refused.Error())))
	}
	return err
}
