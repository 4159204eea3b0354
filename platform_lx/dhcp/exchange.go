//go:build linux

package dhcp

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"dockerinit/core/bootlog"
)

// How long a server may take, and when it is asked again.
const (
	patience = 30 * time.Second
	first    = 500 * time.Millisecond
	longest  = 8 * time.Second
)

// A conn carries DHCP messages on one link.
type conn interface {
	send(message []byte) error
	// receive waits for a message until then. One that is late is errLate.
	receive(until time.Time) ([]byte, error)
}

var errLate = errors.New("nothing came in time")

// errRefused is a server's NAK: begin anew. RFC 2131, 3.1
var errRefused = errors.New("the server took its offer back")

// An exchange is one client's, from its first question to its lease.
type exchange struct {
	log  *bootlog.Logger
	conn conn
	link Link
	mac  hardware
}

// lease asks until a server has given a lease that can be used.
func (e exchange) lease(ctx context.Context) (Lease, error) {
	end := time.Now().Add(patience)
	if d, ok := ctx.Deadline(); ok && d.Before(end) {
		end = d
	}
	why := errors.New("no server answered")
	for pause := first; time.Now().Before(end) && ctx.Err() == nil; {
		l, err := e.once(ctx, end)
		switch {
		case err == nil:
			return l, nil
		case errors.Is(err, errLate):
		case !errors.Is(err, errRefused) && !errors.Is(err, errUseless):
			return l, err
		default:
			why = err
			// A server that always refuses is not to be asked a thousand times.
			select {
			case <-time.After(min(pause, time.Until(end))):
			case <-ctx.Done():
			}
			pause = min(2*pause, longest)
		}
	}
	if err := ctx.Err(); err != nil {
		return Lease{}, err
	}
	return Lease{}, fmt.Errorf("%w after %s", why, patience)
}

var errUseless = errors.New("the offer is of no use")

// once is one round: a question to all, the first offer that is of use, a request,
// and the answer.
func (e exchange) once(ctx context.Context, end time.Time) (l Lease, err error) {
	r := e.request(kindDiscover)
	offer, err := e.ask(ctx, &r, end, kindOffer)
	if err != nil {
		return l, err
	}
	if _, err := parse(offer); err != nil {
		return l, fmt.Errorf("%w: %w", errUseless, err)
	}
	r.kind, r.offered, r.server = kindRequest, offer.yours, offer.options.server()
	since := time.Now()
	// A server that has offered and is gone is not waited for as long.
	ack, err := e.ask(ctx, &r, earlier(end, time.Now().Add(longest)), kindAck, kindNak)
	switch {
	case err != nil:
		return l, err
	case ack.kind == kindNak:
		return l, errRefused
	}
	if l, err = parse(ack); err != nil {
		err = fmt.Errorf("%w: %w", errUseless, err)
	}
	l.Since = since
	return l, err
}

// request is one whose answers are known from those to any other.
func (e exchange) request(k kind) request {
	return request{kind: k, xid: rand.Uint32(), mac: e.mac, hostname: e.link.Hostname}
}

// ask sends the message, again and again, until an answer of one of the kinds
// comes. Whatever else comes is somebody else's.
func (e exchange) ask(ctx context.Context, r *request, end time.Time, kinds ...kind) (answer, error) {
	begun := time.Now()
	for pause := first; ; pause = min(2*pause, longest) {
		if err := ctx.Err(); err != nil {
			return answer{}, err
		}
		if r.kind == kindDiscover { // an acceptance has its question's. RFC 2131, 4.4.1
			r.seconds = uint16(time.Since(begun) / time.Second)
		}
		if err := e.conn.send(r.bytes()); err != nil {
			return answer{}, err
		}
		a, err := e.await(*r, earlier(end, time.Now().Add(pause)), kinds...)
		if !errors.Is(err, errLate) || !time.Now().Before(end) {
			return a, err
		}
		if err := ctx.Err(); err != nil {
			return answer{}, err
		}
		e.log.Info(fmt.Sprintf("%s: dhcp: no answer to %s after %s", e.link.Name, r.kind, time.Since(begun).Round(100*time.Millisecond)))
	}
}

// await waits for the answer to r. One that makes no sense is told, once: whoever is
// on the link can send them.
func (e exchange) await(r request, until time.Time, kinds ...kind) (answer, error) {
	for told := false; ; {
		raw, err := e.conn.receive(until)
		if err != nil {
			return answer{}, err
		}
		a, err := readAnswer(raw, r.xid, r.mac)
		switch {
		case err == nil && slices.Contains(kinds, a.kind):
			return a, nil
		case err != nil && !errors.Is(err, errOthers) && !told:
			e.log.Warn(fmt.Sprintf("%s: dhcp: an answer to %s is left out: %s", e.link.Name, r.kind, err))
			told = true
		}
	}
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
