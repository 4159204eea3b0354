//go:build linux

package rtnl

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"dockerinit/core/exit"
)

// routerAdvertisements tells the kernel whether to configure the link as its
// routers say, which Linux does unless it is told not to. A NIC without addrconf
// has the addresses and routes that the host gave it, and no others.
func (s *Stack) routerAdvertisements(l link, wanted bool) error {
	if l.loopback() {
		return nil
	}
	settings := []setting{{"accept_ra", "0"}}
	if wanted {
		// Without detection of duplicates, as with static addresses: the router is
		// asked at once, not after a second. The addresses come from the MAC.
		settings = []setting{{"accept_dad", "0"}, {"autoconf", "1"}, {"accept_ra", "2"}}
	}
	for _, set := range settings {
		err := set.write(l.name)
		switch {
		case err == nil:
		case wanted:
			return exit.UpIPv6.Errorf("%s: addrconf: %w", l.name, err)
		case !errors.Is(err, fs.ErrNotExist): // without IPv6 there is nothing to turn off
			s.log.Warn(fmt.Sprintf("%s: its routers may add addresses that the host did not ask for: %s", l.name, err))
		}
	}
	return nil
}

// A setting is what the kernel takes through a file alone.
type setting struct{ name, value string }

// write insists on the kernel's own file: an image may have anything at its path.
func (set setting) write(link string) error {
	path := "/proc/sys/net/ipv6/conf/" + link + "/" + set.name
	fd, err := unix.Open(path, unix.O_WRONLY|unix.O_NOFOLLOW|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return &os.PathError{Op: "open", Path: path, Err: err}
	}
	defer unix.Close(fd)
	var at unix.Statfs_t
	if err := unix.Fstatfs(fd, &at); err != nil || at.Type != unix.PROC_SUPER_MAGIC {
		return fmt.Errorf("%s is not the kernel's", path)
	}
	if _, err := unix.Write(fd, []byte(set.value)); err != nil {
		return &os.PathError{Op: "write", Path: path, Err: err}
	}
	return nil
}

// How long a router may take to answer. The kernel asks at once, and again after
// four seconds and eight.
const routerPatience = 10 * time.Second

// awaitAddrconf waits until a router has given the link an address.
func (s *Stack) awaitAddrconf(ctx context.Context, l link) error {
	start := time.Now()
	err := poll(ctx, routerPatience, func() (bool, error) {
		have, err := s.owned()
		return slices.ContainsFunc(have, func(o owned) bool {
			return o.link == l.index && o.learnt() && o.flags&unix.IFA_F_TENTATIVE == 0 &&
				o.prefix.Addr().Is6() && !o.prefix.Addr().IsLinkLocalUnicast()
		}), err
	})
	switch {
	case err == nil:
		s.log.Info(fmt.Sprintf("%s: addrconf: a router answered after %s", l.name, time.Since(start).Round(time.Millisecond)))
		return nil
	case errors.Is(err, errTooLate):
		return exit.UpIPv6.Errorf("%s: addrconf: no router has announced a network after %s", l.name, routerPatience)
	}
	return exit.UpIPv6.Errorf("%s: addrconf: %w", l.name, err)
}
