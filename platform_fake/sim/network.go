//go:build linux

package sim

import (
	"fmt"
	"os"
	"strings"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netns"
)

// describeNetwork is the zone's addresses and routes as its kernel has them, a line
// each.
func (k *keeper) describeNetwork() (string, error) {
	ns, err := os.Open(fmt.Sprintf("/proc/%d/ns/net", k.init.Pid))
	if err != nil {
		return "", fmt.Errorf("the zone has ended: %w", err)
	}
	defer ns.Close()
	h, err := netlink.NewHandleAt(netns.NsHandle(ns.Fd()))
	if err != nil {
		return "", err
	}
	defer h.Close()
	links, err := h.LinkList()
	if err != nil {
		return "", err
	}
	names := map[int]string{}
	var b strings.Builder
	for _, l := range links {
		a := l.Attrs()
		names[a.Index] = a.Name
		addresses, err := h.AddrList(l, netlink.FAMILY_ALL)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&b, "nic    %s mtu %d %s", a.Name, a.MTU, a.OperState)
		for _, addr := range addresses {
			fmt.Fprintf(&b, " %s", addr.IPNet)
		}
		b.WriteString("\n")
	}
	for _, family := range []int{netlink.FAMILY_V4, netlink.FAMILY_V6} {
		routes, err := h.RouteList(nil, family)
		if err != nil {
			return "", err
		}
		for _, r := range routes {
			dst := "default"
			if r.Dst != nil {
				if ones, _ := r.Dst.Mask.Size(); ones > 0 {
					dst = r.Dst.String()
				}
			}
			fmt.Fprintf(&b, "route  %s", dst)
			if r.Gw != nil {
				fmt.Fprintf(&b, " via %s", r.Gw)
			}
			fmt.Fprintf(&b, " dev %s\n", names[r.LinkIndex])
		}
	}
	return b.String(), nil
}
