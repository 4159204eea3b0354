// Program network does what its arguments say to the zone's network, one after
// another, through the product's own packages, and prints what came of each.
package main

import (
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"dockerinit/platform_illumos/ipadm"
	"dockerinit/platform_illumos/libc"
	"dockerinit/platform_illumos/lifreq"
)

func main() {
	for _, text := range os.Args[1:] {
		answer, err := do(strings.Fields(text))
		if err != nil {
			answer = err.Error()
		}
		if answer != "" {
			fmt.Printf("%s: %s\n", text, answer)
		}
	}
}

var handle *ipadm.Handle

func do(words []string) (answer string, err error) {
	word := func(n int) string {
		if n < len(words) {
			return words[n]
		}
		return ""
	}
	number := func(n int) int {
		v, _ := strconv.ParseInt(word(n), 0, 64)
		return int(v)
	}
	six := word(2) == "6"
	switch word(0) {
	case "start": // a daemon, as the service manager does
		c := exec.Command(word(1))
		c.Args[0] = path.Base(word(1))
		c.Env = words[2:]
		c.Stdout, c.Stderr = os.Stdout, os.Stdout // a daemon may keep them open
		err = c.Run()
	case "open":
		handle, err = ipadm.Open()
	case "close":
		handle.Close()
	case "create":
		err = handle.CreateInterface(word(1), six)
	case "static":
		prefix, err := netip.ParsePrefix(word(2))
		if err != nil {
			return "", err
		}
		return "", handle.AddStatic(word(1), prefix)
	case "mtu":
		err = handle.SetMTU(word(1), six, number(3))
	case "door":
		return door(word(1))
	case "signal":
		err = unix.Kill(number(1), unix.SIGTERM)
	case "interfaces":
		return interfaces()
	case "route":
		return route(words[1:])
	case "ask":
		return ask(words[1:])
	case "raw":
		return raw(words[1:])
	default:
		return ioctl(words)
	}
	return "", err
}

// door asks for a door's server, and ends it where it is told to.
func door(file string) (string, error) {
	fd, err := unix.Open(file, unix.O_RDONLY, 0)
	if err != nil {
		return "", err
	}
	defer unix.Close(fd)
	pid, err := libc.DoorServer(fd)
	switch {
	case err != nil:
		return "", err
	case pid < 0:
		return "nobody", nil
	}
	if err := unix.Kill(pid, unix.SIGTERM); err != nil {
		return "", err
	}
	for range 1000 {
		if again, err := libc.DoorServer(fd); err != nil || again < 0 {
			return fmt.Sprintf("served, and then by %d", again), err
		}
		time.Sleep(time.Millisecond)
	}
	return "still served", nil
}

// interfaces is what Go's own package sees.
func interfaces() (text string, err error) {
	all, err := net.Interfaces()
	if err != nil {
		return "", err
	}
	for _, i := range all {
		addrs, err := i.Addrs()
		if err != nil {
			return "", err
		}
		text += fmt.Sprintf("\n  %d %s %s %d %s %v", i.Index, i.Name, i.HardwareAddr, i.MTU, i.Flags, addrs)
	}
	return text, nil
}

// ioctl makes one on an interface: what it is called, the interface, 4 or 6, and
// what it is told.
func ioctl(words []string) (answer string, err error) {
	requests := map[string]int{
		"flags": lifreq.GetFlags, "set-flags": lifreq.SetFlags, "index": lifreq.GetIndex, "get-mtu": lifreq.GetMTU,
		"set-mtu": lifreq.SetMTU, "add-if": lifreq.AddIf, "remove-if": lifreq.RemoveIf,
		"address": unix.SIOCGLIFADDR, "mask": unix.SIOCGLIFNETMASK,
		"set-address": unix.SIOCSLIFADDR & 0xffffffff, "set-mask": unix.SIOCSLIFNETMASK & 0xffffffff,
	}
	request, known := requests[words[0]]
	if !known || len(words) < 3 {
		return "", fmt.Errorf("%q is not known", words)
	}
	family, told := unix.AF_INET, ""
	if words[2] == "6" {
		family = unix.AF_INET6
	}
	if len(words) > 3 {
		told = words[3]
	}
	fd, err := unix.Socket(family, unix.SOCK_DGRAM, 0)
	if err != nil {
		return "", err
	}
	defer unix.Close(fd)
	r := libc.Bytes(lifreq.Size)
	copy(r, words[1])
	switch words[0] {
	case "set-flags":
		if err := libc.Ioctl(fd, lifreq.GetFlags, r); err != nil {
			return "", err
		}
		flags, _ := strconv.ParseUint(told, 0, 64)
		(*lifreq.Request)(r).PutFlags((*lifreq.Request)(r).Flags()&^lifreq.Up | flags)
	case "set-mtu":
		n, _ := strconv.Atoi(told)
		(*lifreq.Request)(r).PutUint32(uint32(n))
	case "set-address", "set-mask":
		a, err := netip.ParseAddr(told)
		if err != nil {
			return "", err
		}
		if a.Is4() {
			r[40] = unix.AF_INET
			copy(r[44:], a.AsSlice())
		} else {
			r[40] = unix.AF_INET6
			copy(r[48:], a.AsSlice())
		}
	}
	if err := libc.Ioctl(fd, request, r); err != nil {
		return "", err
	}
	answered := (*lifreq.Request)(r)
	switch words[0] {
	case "flags":
		return fmt.Sprintf("%#x", answered.Flags()), nil
	case "index", "get-mtu":
		return fmt.Sprint(answered.Uint32()), nil
	case "add-if":
		return answered.Name(), nil
	case "address", "mask":
		a, _ := netip.AddrFromSlice(r[44:48])
		if r[40] == unix.AF_INET6 {
			a, _ = netip.AddrFromSlice(r[48:64])
		}
		return fmt.Sprintf("%s, %d bits", a, r[32]), nil
	}
	return "", nil
}
