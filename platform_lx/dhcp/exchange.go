//go:build linux

package dhcp

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/insomniacslk/dhcp/dhcpv4"

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
	mac  net.HardwareAddr
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
	discover, err := dhcpv4.NewDiscovery(e.mac, e.options()...)
	if err != nil {
		return l, err
	}
	offer, err := e.ask(ctx, discover, end, dhcpv4.MessageTypeOffer)
	if err != nil {
		return l, err
	}
	if _, err := parse(offer); err != nil {
		return l, fmt.Errorf("%w: %w", errUseless, err)
	}
	request, err := dhcpv4.NewRequestFromOffer(offer, e.options()...)
	if err != nil {
		return l, fmt.Errorf("%w: %w", errUseless, err)
	}
	since := time.Now()
	// A server that has offered and is gone is not waited for as long.
	ack, err := e.ask(ctx, request, earlier(end, time.Now().Add(longest)), dhcpv4.MessageTypeAck, dhcpv4.MessageTypeNak)
	switch {
	case err != nil:
		return l, err
	case ack.MessageType() == dhcpv4.MessageTypeNak:
		return l, errRefused
	}
	if l, err = parse(ack); err != nil {
		err = fmt.Errorf("%w: %w", errUseless, err)
	}
	l.Since = since
	return l, err
}

func (e exchange) options() []dhcpv4.Modifier {
	all := []dhcpv4.Modifier{
		// The type of hardware and the MAC, as a client of its own would. RFC 2132, 9.14
		dhcpv4.WithOption(dhcpv4.OptClientIdentifier(append([]byte{1}, e.mac...))),
		dhcpv4.WithRequestedOptions(dhcpv4.OptionSubnetMask, dhcpv4.OptionClasslessStaticRoute, dhcpv4.OptionRouter,
			dhcpv4.OptionDomainNameServer, dhcpv4.OptionDomainName, dhcpv4.OptionDNSDomainSearchList, dhcpv4.OptionInterfaceMTU),
	}
	if e.link.Hostname != "" { // RFC 2132, 3.14
		all = append(all, dhcpv4.WithOption(dhcpv4.OptHostName(e.link.Hostname)))
	}
	return all
}

// ask sends the message, again and again, until an answer of one of the types
// comes. Whatever else comes is somebody else's.
func (e exchange) ask(ctx context.Context, m *dhcpv4.DHCPv4, end time.Time, types ...dhcpv4.MessageType) (*dhcpv4.DHCPv4, error) {
	begun := time.Now()
	for pause := first; ; pause = min(2*pause, longest) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		m.NumSeconds = uint16(time.Since(begun) / time.Second)
		if err := e.conn.send(m.ToBytes()); err != nil {
			return nil, err
		}
		answer, err := e.await(m, earlier(end, time.Now().Add(pause)), types)
		if !errors.Is(err, errLate) || !time.Now().Before(end) {
			return answer, err
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		e.log.Info(fmt.Sprintf("%s: dhcp: no answer to %s after %s", e.link.Name, m.MessageType(), time.Since(begun).Round(100*time.Millisecond)))
	}
}

// await waits for the answer to m.
func (e exchange) await(m *dhcpv4.DHCPv4, until time.Time, types []dhcpv4.MessageType) (*dhcpv4.DHCPv4, error) {
	for {
		raw, err := e.conn.receive(until)
		if err != nil {
			return nil, err
		}
		a, err := dhcpv4.FromBytes(raw)
		if err != nil || a.OpCode != dhcpv4.OpcodeBootReply || a.TransactionID != m.TransactionID || a.ClientHWAddr.String() != e.mac.String() {
			continue
		}
		for _, t := range types {
			if a.MessageType() == t {
				return a, nil
			}
		}
	}
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
