package fake

import (
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"dockerinit/core/metadata"
	"dockerinit/core/zone"
	"dockerinit/platform_fake/host"
)

// State is all that has become of the zone, as text: a line a thing, always in
// this order, and nothing for what is not there.
//
//	hostname web0
//	mount tmpfs on /dev/shm (mode=1777)
//	nic net0 10.0.0.5/24 fd00::5/64 mtu 1500
//	route default via 10.0.0.1
//	daemons ipmgmtd
//	console three streams, stdin open
//	said "dockerinit: FATAL …"
//	command ["sleep" "1"] as 33:33 in /srv
//	provisioned
//	metadata key = "value"
//	failure (code: 29) docker:user …
func (z *Zone) State() string {
	z.Metadata.Settle()
	var b strings.Builder
	for _, part := range []any{z.System, z.Network, z.Console, z.Processes} {
		if s, ok := part.(fmt.Stringer); ok {
			b.WriteString(s.String())
		}
	}
	b.WriteString(Left(z.Root, z.Store))
	return b.String()
}

// Left is the end of a state, of any platform: what a boot has left in the image
// and told the host.
func Left(root string, store *host.Store) string {
	text := marker(root)
	for _, c := range store.Written() {
		text += written(c)
	}
	return text
}

// String is the system as State shows it.
func (s *System) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var b strings.Builder
	if s.hostname != "" {
		fmt.Fprintf(&b, "hostname %s\n", s.hostname)
	}
	for _, m := range s.mounts {
		fmt.Fprintf(&b, "mount %s\n", m)
	}
	return b.String()
}

// String is the stack as State shows it: the interfaces in the order in which
// the host made their links, the routes by destination.
func (n *Network) String() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	var b strings.Builder
	for _, l := range n.links {
		if l.plumbed {
			fmt.Fprintf(&b, "nic %s\n", l)
		}
	}
	routes := slices.Clone(n.routes)
	slices.SortStableFunc(routes, func(a, b zone.Route) int {
		return cmp.Or(a.Dst.Addr().Compare(b.Dst.Addr()), cmp.Compare(a.Dst.Bits(), b.Dst.Bits()),
			a.Gateway.Compare(b.Gateway), cmp.Compare(a.Interface, b.Interface))
	})
	for _, r := range routes {
		fmt.Fprintf(&b, "route %s\n", r)
	}
	switch {
	case len(n.daemons) > 0:
		fmt.Fprintf(&b, "daemons %s\n", strings.Join(n.daemons, " "))
	case n.started:
		b.WriteString("daemons none\n")
	}
	return b.String()
}

// String is "net0 10.0.0.5/24 mtu 1500".
func (l *link) String() string {
	words := []string{l.Interface}
	for _, a := range l.addresses {
		words = append(words, a.String())
	}
	if !l.loopback {
		words = append(words, fmt.Sprintf("mtu %d", l.mtu))
	}
	if !l.up {
		words = append(words, "down")
	}
	return strings.Join(words, " ")
}

// marker tells whether vmadm's marker of a zone that is being created has been
// renamed.
func marker(root string) string {
	if _, err := os.Lstat(filepath.Join(root, "var/svc/provision_success")); err == nil {
		return "provisioned\n"
	}
	if _, err := os.Lstat(filepath.Join(root, "var/svc/provisioning")); err == nil {
		return "provisioning\n"
	}
	return ""
}

// written is one change of the customer's metadata. A failure record is shown
// without what differs from run to run.
func written(c metadata.Change) string {
	var failure struct {
		Code int
		Text string
	}
	switch {
	case c.Delete:
		return fmt.Sprintf("metadata %s deleted\n", c.Key)
	case c.Key == "__dockerinit_failure" && json.Unmarshal([]byte(c.Value), &failure) == nil:
		return fmt.Sprintf("failure (code: %d) %s\n", failure.Code, failure.Text)
	default:
		return fmt.Sprintf("metadata %s = %q\n", c.Key, c.Value)
	}
}
