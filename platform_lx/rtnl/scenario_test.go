//go:build linux

package rtnl

import (
	"io"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"dockerinit/core"
	"dockerinit/core/bootlog"
	"dockerinit/core/shim"
	"dockerinit/core/zone"
	"dockerinit/platform_fake/scenario"
	"dockerinit/platform_lx"
)

// unlike are the scenarios whose network comes out otherwise on Linux, and why.
var unlike = map[string]string{
	"dhcp": "it needs a server",
	"dhcp and addrconf beside a static address":           "it needs a server",
	"docker:noipmgmtd: an agent that holds a lease stays": "it needs a server",
	"addrconf": "it needs a router",
	"an address that the host does not allow is fatal, and all NICs are tried": "Linux has no link protection",
}

// The scenarios of all backends, booted in full on the fake zone with this
// network in the place of its own: interfaces, addresses and routes are the same.
func TestScenarios(t *testing.T) {
	seen := map[string]bool{"": true} // many zones have the same network, or none
	for _, s := range scenario.All() {
		if unlike[s.Name] != "" || s.Here != nil && !s.Here() {
			continue
		}
		want := networkOf(scenario.Boot(t, s.New(t), core.Options{}).State)
		if seen[want] {
			continue
		}
		seen[want] = true
		t.Run(s.Name, func(t *testing.T) {
			z := s.New(t)
			lab := newLab(t)
			vm, err := s.VM()
			if err != nil {
				t.Fatal(err)
			}
			for _, l := range vm.Links() {
				lab.cable(l.Interface, l.MAC.String())
			}
			log := bootlog.NewLogger()
			linux, err := lx.New(log, shim.Self{}, lx.Stacks{Linux: func(log *bootlog.Logger, _ zone.Network) (lx.Stack, error) { return Open(log) }})
			if err != nil {
				t.Fatal(err)
			}
			p := z.Platform()
			p.Network = linux.Network
			_ = core.Init(t.Context(), p, bootlog.New(bootlog.NewText(io.Discard)), core.Options{})
			if got, want := same(networkOf(lab.state()), want); got != want {
				t.Errorf("\n got %s\nwant %s", got, want)
			}
		})
	}
}

// networkOf are the lines of interfaces and routes.
func networkOf(state string) string {
	var b strings.Builder
	for line := range strings.Lines(state) {
		if strings.HasPrefix(line, "nic ") || strings.HasPrefix(line, "route ") {
			b.WriteString(line)
		}
	}
	return b.String()
}

// same leaves out of both states what differs and does not count: Linux calls
// loopback lo, has addresses and routes in another order, and always knows which
// interface a route goes out of.
func same(got, want string) (string, string) {
	var gotLines, wantLines []string
	for line := range strings.Lines(strings.Replace(want, "nic lo0 ", "nic lo ", 1)) {
		wantLines = append(wantLines, sorted(line))
	}
	for line := range strings.Lines(got) {
		line = sorted(line)
		if short, _, ok := strings.Cut(line, " dev "); ok && slices.Contains(wantLines, short) {
			line = short
		}
		gotLines = append(gotLines, line)
	}
	slices.Sort(gotLines)
	slices.Sort(wantLines)
	return strings.Join(gotLines, "\n"), strings.Join(wantLines, "\n")
}

// sorted is a line with its addresses in their own order.
func sorted(line string) string {
	words := strings.Fields(line)
	var addresses []netip.Prefix
	words = slices.DeleteFunc(words, func(w string) bool {
		p, err := netip.ParsePrefix(w)
		if err != nil || words[0] != "nic" {
			return false
		}
		addresses = append(addresses, p)
		return true
	})
	slices.SortFunc(addresses, netip.Prefix.Compare)
	for _, a := range addresses {
		words = append(words, a.String())
	}
	return strings.Join(words, " ")
}
