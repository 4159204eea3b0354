//go:build linux && amd64

package abi

import (
	"fmt"
	"strings"

	"dockerinit/core/zone"
	"dockerinit/platform_fake/host"
)

// links makes the cards that the host makes for the payload's NICs. A DHCP server
// and a router are on those that are to ask for them, and say what the fake's do.
func (z *bootedZone) links(payload *host.Payload) {
	z.t.Helper()
	for i, l := range payload.Links() {
		mac := l.MAC
		if len(mac) == 0 {
			mac = []byte{2, 0, 0, 0, 0, byte(i)}
		}
		words := []string{"link=" + l.Interface, fmt.Sprint(l.MTU), mac.String()}
		if !l.Unlimited && !l.DHCP && !l.Addrconf {
			for _, p := range l.Allowed {
				words = append(words, p.String())
			}
		}
		z.set(strings.Join(words, " "))
		if l.DHCP {
			z.set(fmt.Sprintf("dhcp=%s 198.18.%d.10/24 198.18.%[2]d.1", l.Interface, i+1))
		}
		if l.Addrconf {
			z.set(fmt.Sprintf("order=in.ndpd %s 2001:db8:%x::/64 fe80::1", l.Interface, i+1))
		}
	}
}

// networkAsTold is the model's interfaces and daemons in the words of the table: an
// interface with all that is on it, but for the link-local address where nobody has
// asked for such addresses.
func networkAsTold(state string, brand zone.Brand) (text string) {
	type nic struct {
		name, mtu        string
		addresses, local []string
		up, addrconf     bool
	}
	var nics []*nic
	daemons, some := "", false
	for line := range strings.Lines(state) {
		words := strings.Fields(line)
		var last *nic
		if len(nics) > 0 {
			last = nics[len(nics)-1]
		}
		switch words[0] {
		case "if":
			some = true
			if last == nil || last.name != words[1] {
				last = &nic{name: words[1], mtu: words[4]}
				nics = append(nics, last)
			}
			last.up = last.up || words[len(words)-1] == "up"
		case "addr":
			switch rest := strings.Join(words[3:], " "); {
			case strings.HasSuffix(rest, "down"):
			case strings.HasPrefix(words[2], "fe80::"):
				last.local = append(last.local, words[2])
			default:
				last.addresses = append(last.addresses, words[2])
				last.addrconf = last.addrconf || strings.Contains(rest, "addrconf")
			}
		case "daemon":
			some = true
			daemons += " " + words[1]
		}
	}
	for _, n := range nics {
		if n.addrconf {
			// Before the addresses that came of it, which are the last.
			at := len(n.addresses) - 1
			n.addresses = append(append(append([]string{}, n.addresses[:at]...), n.local...), n.addresses[at:]...)
		}
		mtu := " mtu " + n.mtu
		if n.name == "lo0" {
			mtu = ""
			if brand != zone.JoyentMinimal {
				n.name = "lo"
			}
		}
		words := append([]string{"nic", n.name}, n.addresses...)
		text += strings.Join(words, " ") + mtu
		if !n.up {
			text += " down"
		}
		text += "\n"
	}
	if some && daemons == "" {
		daemons = " none"
	}
	if daemons != "" {
		daemons = "daemons" + daemons + "\n"
	}
	return text + networkRoutes(state) + daemons
}

func networkRoutes(state string) (text string) {
	for line := range strings.Lines(state) {
		if strings.HasPrefix(line, "route ") {
			text += line
		}
	}
	return text
}
