//go:build linux

package dhcp

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"dockerinit/core/bootlog"
)

const (
	answerTime = 5 * time.Second // for a server's answer to one request for more
	leastPause = time.Minute     // between two of them. RFC 2131, 4.4.5
	longAgain  = 5 * time.Minute // the longest between two searches for a server
)

// A Keeper keeps the lease of a link: it asks for more in time, and where there
// is none to be had it gives the address up and looks for another. RFC 2131, 4.4.5
type Keeper struct {
	exchange
	lease  Lease // none: Address is invalid
	due    time.Time
	again  time.Duration // since the last search was in vain
	missed bool          // the last request had no answer, which was told

	// change makes the link what the lease says, and no more what the one before
	// did. Either may be none.
	change func(was, is Lease) error
	// open opens the link, to send from an address that it has, or none, to a
	// server, or to all.
	open func(from, to netip.Addr) (conn, func(), error)
}

// NewKeeper keeps a lease that was just obtained.
func NewKeeper(log *bootlog.Logger, link Link, lease Lease, change func(was, is Lease) error) (*Keeper, error) {
	mac, err := parseHardware(link.MAC)
	if err != nil {
		return nil, err
	}
	k := &Keeper{exchange: exchange{log: log, link: link, mac: mac}, change: change}
	k.open = func(from, to netip.Addr) (conn, func(), error) { return openFor(link, from, to) }
	k.granted(lease)
	return k, nil
}

// Due is when there is something to do; zero: never, the lease is for ever.
func (k *Keeper) Due() time.Time { return k.due }

// Undone is what comes of the lease where nobody keeps it.
func (k *Keeper) Undone() string {
	return fmt.Sprintf("%s: dhcp: nobody renews the lease of %s, which ends at %s: the address stays in use after that",
		k.link.Name, k.lease.Address, k.lease.End().UTC().Format(time.RFC3339))
}

// Do does what is due, within half a minute or so.
func (k *Keeper) Do(ctx context.Context) {
	now := time.Now()
	switch {
	case !k.lease.Address.IsValid():
		k.search(ctx)
	case !now.Before(k.lease.End()):
		k.lost(ctx, fmt.Sprintf("the lease of %s is over and nobody has renewed it", k.lease.Address))
	case now.Before(k.lease.Since.Add(k.lease.Rebind)):
		k.renew(ctx, k.lease.Server, k.lease.Since.Add(k.lease.Rebind))
	default:
		k.renew(ctx, netip.Addr{}, k.lease.End())
	}
}

// granted is told what there is from now on.
func (k *Keeper) granted(l Lease) {
	k.lease, k.again, k.due = l, 0, time.Time{}
	if l.Duration > 0 {
		k.due = l.Since.Add(l.Renew)
	}
}

// renew asks one server, or all, once. Where nobody answers they are asked again
// when half of the time until then is over.
func (k *Keeper) renew(ctx context.Context, server netip.Addr, until time.Time) {
	since := time.Now()
	got, err := k.more(server, earlier(until, since.Add(answerTime)))
	switch {
	case errors.Is(err, errRefused):
		k.lost(ctx, fmt.Sprintf("a server wants %s back", k.lease.Address))
		return
	case err != nil:
		whom := "any server"
		if server.IsValid() {
			whom = server.String()
		}
		k.due = earlier(until, time.Now().Add(max(leastPause, time.Until(until)/2)))
		k.tell(bootlog.LevelWarn, "the lease of %s is not renewed by %s: %s; it ends at %s", k.lease.Address, whom, err, k.lease.End().UTC().Format(time.RFC3339))
		k.missed = true
		return
	}
	got.Since = since
	was := k.lease
	k.granted(got)
	switch {
	case was.Address != got.Address:
		k.tell(bootlog.LevelWarn, "the address is %s from now on, from %s", got.Address, got.Server)
		k.apply(was, got)
	case !was.same(got):
		k.tell(bootlog.LevelInfo, "what belongs to the lease of %s has changed, from %s", got.Address, got.Server)
		k.apply(was, got)
	case k.missed:
		k.tell(bootlog.LevelInfo, "%s renews the lease of %s until %s", got.Server, got.Address, got.End().UTC().Format(time.RFC3339))
	}
	k.missed = false
}

// more asks for more time, and waits for an answer until then.
func (k *Keeper) more(server netip.Addr, until time.Time) (l Lease, err error) {
	own := k.lease.Address.Addr()
	c, done, err := k.open(own, server)
	if err != nil {
		return l, err
	}
	defer done()
	r := k.request(kindRequest)
	r.own = own
	if err := c.send(r.bytes()); err != nil {
		return l, err
	}
	e := k.exchange
	e.conn = c
	a, err := e.await(r, until, kindAck, kindNak)
	switch {
	case err != nil:
		return l, err
	case a.kind == kindNak:
		return l, errRefused
	}
	return parse(a)
}

// lost gives the address up, as it must, and looks for another.
func (k *Keeper) lost(ctx context.Context, why string) {
	k.tell(bootlog.LevelError, "%s: it is given up", why)
	was := k.lease
	k.lease = Lease{}
	k.apply(was, k.lease)
	k.search(ctx)
}

// search looks for a server, as if there had been no lease before.
func (k *Keeper) search(ctx context.Context) {
	got, err := k.anew(ctx)
	if err != nil {
		k.again = min(max(2*k.again, leastPause), longAgain)
		k.due = time.Now().Add(k.again)
		k.tell(bootlog.LevelError, "there is no address: %s; asked again in %v", err, k.again)
		return
	}
	k.granted(got)
	k.tell(bootlog.LevelWarn, "the address is %s from now on, from %s", got.Address, got.Server)
	k.apply(Lease{}, got)
}

func (k *Keeper) anew(ctx context.Context) (l Lease, err error) {
	c, done, err := k.open(netip.Addr{}, netip.Addr{})
	if err != nil {
		return l, err
	}
	defer done()
	e := k.exchange
	e.conn = c
	return e.lease(ctx)
}

func (k *Keeper) apply(was, is Lease) {
	for _, odd := range is.Warnings {
		k.tell(bootlog.LevelWarn, "%s", odd)
	}
	if err := k.change(was, is); err != nil {
		k.tell(bootlog.LevelError, "%s", err)
	}
}

func (k *Keeper) tell(level bootlog.Level, format string, args ...any) {
	k.log.LogAttrs(level, k.link.Name+": dhcp: "+fmt.Sprintf(format, args...))
}
