// Package lan is what a simulated zone's NICs are plugged into: the links, and what
// answers at their other ends. Linux only.
//
// The network namespace of the calling process is the switch. It has the gateways'
// addresses, so that its kernel answers ARP, NDP and ping for them, and a way to each
// of the zone's addresses, so that a program in it can open connections to the zone.
// Where a NIC asks for it, a DHCP server or router advertisements are on its link.
//
// The switch is meant to have no other interface than loopback: nothing of what a
// zone sends can then leave it.
package lan
