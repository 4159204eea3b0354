package host

import (
	"net"
	"regexp"
	"strconv"
)

// routes is the map of the VM object as the array that GET sdc:routes answers,
// in the map's order, with the destinations as the map has them. A route through
// a NIC of the zone names that NIC's address; where there is no such address the
// route is left out. smartos-live: src/vm/lib/metadata/agent.js
func routes(vm *value) (names []string, array *value) {
	array = listOf()
	for _, f := range vm.get("routes").fields {
		gateway, onLink, ok := routeGateway(vm, f.value)
		if !ok {
			continue
		}
		names = append(names, f.name)
		array.list = append(array.list, &value{kind: object, fields: []field{
			{"linklocal", boolValue(onLink)},
			{"dst", textValue(f.name)},
			{"gateway", textValue(gateway)},
		}})
	}
	return names, array
}

var (
	byIndex = regexp.MustCompile(`^nics\[(\d+)\]$`)
	byMAC   = regexp.MustCompile(`^macs\[(.+)\]$`)
)

func routeGateway(vm, gateway *value) (address string, onLink, ok bool) {
	if !gateway.is(text) {
		return "", false, false
	}
	var nic *value
	if m := byIndex.FindStringSubmatch(gateway.text); m != nil {
		i, err := strconv.Atoi(m[1])
		if err != nil {
			return "", true, false
		}
		nic = vm.get("nics").at(i)
	} else if m := byMAC.FindStringSubmatch(gateway.text); m != nil {
		nic = nicByMAC(vm, m[1])
	} else {
		return gateway.text, false, true
	}
	ip := nic.str("ip")
	return ip, true, ip != "" && ip != "dhcp"
}

// nicByMAC compares addresses as numbers: 0:b:d0:0:0:1 is 00:0b:d0:00:00:01.
func nicByMAC(vm *value, mac string) *value {
	want, ok := macNumber(mac)
	if !ok {
		return nil
	}
	for _, nic := range vm.get("nics").list {
		if have, ok := macNumber(nic.str("mac")); ok && have == want {
			return nic
		}
	}
	return nil
}

var octets = regexp.MustCompile(`^([0-9a-fA-F]{1,2})[:-]([0-9a-fA-F]{1,2})[:-]([0-9a-fA-F]{1,2})[:-]` +
	`([0-9a-fA-F]{1,2})[:-]([0-9a-fA-F]{1,2})[:-]([0-9a-fA-F]{1,2})$`)

func macNumber(s string) (n uint64, ok bool) {
	m := octets.FindStringSubmatch(s)
	if m == nil {
		hw, err := net.ParseMAC(s) // 90b8.d0aa.bbcc
		if err != nil || len(hw) != 6 {
			return 0, false
		}
		for _, b := range hw {
			n = n<<8 | uint64(b)
		}
		return n, true
	}
	for _, octet := range m[1:] {
		b, err := strconv.ParseUint(octet, 16, 8)
		if err != nil {
			return 0, false
		}
		n = n<<8 | b
	}
	return n, true
}
