//go:build linux

package rtnl

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"dockerinit/core/exit"
	"dockerinit/core/zone"
)

// A link is a network interface as the kernel has it.
type link struct {
	index    uint32
	name     string
	mac      string
	flags    uint32
	mtu      uint32
	leastMTU uint32
	mostMTU  uint32 // 0: unlimited, or not told
}

func (l link) loopback() bool { return l.flags&unix.IFF_LOOPBACK != 0 }

// find is the NIC's link: by its name, else by its MAC. Loopback has whatever
// name this kernel gives it.
func (s *Stack) find(nic zone.NIC) (link, error) {
	if l, ok := pick(s.links, nic); ok {
		return l, nil
	}
	if err := s.look(); err != nil { // it may have come since
		return link{}, exit.PlumbInterface.Wrap(err)
	}
	l, ok := pick(s.links, nic)
	if !ok {
		return l, exit.PlumbInterface.Errorf("%s: no such interface; there are %s", nic.Interface, s.linkNames())
	}
	return l, nil
}

func pick(links []link, nic zone.NIC) (link, bool) {
	is := func(l link) bool { return l.name == nic.Interface }
	if nic.Loopback {
		is = link.loopback
	}
	i := slices.IndexFunc(links, is)
	if i < 0 && nic.MAC != "" {
		i = slices.IndexFunc(links, func(l link) bool { return l.mac == nic.MAC })
	}
	if i < 0 {
		return link{}, false
	}
	return links[i], true
}

// named is the link that a route names.
func (s *Stack) named(name string) (link, error) {
	if l, ok := s.names[name]; ok {
		return l, nil
	}
	if i := slices.IndexFunc(s.links, func(l link) bool { return l.name == name }); i >= 0 {
		return s.links[i], nil
	}
	return link{}, fmt.Errorf("%q: no such interface; there are %s: %w", name, s.linkNames(), unix.ENODEV)
}

func (s *Stack) linkNames() string {
	var names []string
	for _, l := range s.links {
		names = append(names, l.name)
	}
	return strings.Join(names, ", ")
}

func (s *Stack) nameOf(index uint32) string {
	if i := s.position(index); i >= 0 {
		return s.links[i].name
	}
	return fmt.Sprintf("interface %d", index)
}

// position is where the link of that index is, -1 where it is gone.
func (s *Stack) position(index uint32) int {
	return slices.IndexFunc(s.links, func(l link) bool { return l.index == index })
}

// look lists the links.
func (s *Stack) look() error {
	messages, err := s.dump(unix.RTM_GETLINK, linkHead(0, 0), unix.RTM_NEWLINK)
	if err != nil {
		return fmt.Errorf("list the interfaces: %w", err)
	}
	s.links = nil
	for _, m := range messages {
		l, err := parseLink(m)
		if err != nil {
			return fmt.Errorf("list the interfaces: %w", err)
		}
		s.links = append(s.links, l)
	}
	return nil
}

func (s *Stack) setMTU(l link, mtu int) error {
	if mtu == 0 || mtu == int(l.mtu) {
		return nil
	}
	err := s.change(changeLink(l.index, 0).withNumber(unix.IFLA_MTU, uint32(mtu)))
	switch {
	case err == nil:
		s.remember(l.index, func(l *link) { l.mtu = uint32(mtu) })
		return nil
	case mtu < int(l.leastMTU) || l.mostMTU != 0 && mtu > int(l.mostMTU):
		return exit.RaiseInterface.Errorf("%s: mtu %d: not from %d to %d: %w", l.name, mtu, l.leastMTU, l.mostMTU, err)
	}
	return exit.RaiseInterface.Errorf("%s: mtu %d: %w", l.name, mtu, err)
}

func (s *Stack) up(l link) error {
	if l.flags&unix.IFF_UP != 0 {
		return nil
	}
	if err := s.change(changeLink(l.index, unix.IFF_UP)); err != nil {
		return exit.RaiseInterface.Errorf("%s: bring it up: %w", l.name, err)
	}
	s.remember(l.index, func(l *link) { l.flags |= unix.IFF_UP })
	return nil
}

// remember keeps the list of links true without asking for it again.
func (s *Stack) remember(index uint32, change func(*link)) {
	if i := s.position(index); i >= 0 {
		change(&s.links[i])
	}
}

// changeLink changes a link, and sets the flags.
func changeLink(index, flags uint32) request {
	return newRequest(unix.RTM_NEWLINK, changes, linkHead(index, flags))
}

// parseLink reads an RTM_NEWLINK message.
func parseLink(m []byte) (l link, err error) {
	if len(m) < unix.SizeofIfInfomsg {
		return l, errShort
	}
	l.index, l.flags = binary.NativeEndian.Uint32(m[4:]), binary.NativeEndian.Uint32(m[8:])
	err = eachAttribute(m[unix.SizeofIfInfomsg:], func(kind uint16, value []byte) {
		switch kind {
		case unix.IFLA_IFNAME:
			l.name = unix.ByteSliceToString(value)
		case unix.IFLA_ADDRESS:
			l.mac = colons(value)
		case unix.IFLA_MTU:
			l.mtu = number(value)
		case unix.IFLA_MIN_MTU:
			l.leastMTU = number(value)
		case unix.IFLA_MAX_MTU:
			l.mostMTU = number(value)
		}
	})
	return l, err
}

// colons is a hardware address as everybody writes it.
func colons(mac []byte) string {
	return strings.ReplaceAll(fmt.Sprintf("% x", mac), " ", ":")
}
