package main

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"os"
	"strconv"

	"golang.org/x/sys/unix"

	"dockerinit/platform_illumos/rtsock"
)

// send writes a message and tells what all readers are sent: its type, flags and
// errno, and the addresses that it has.
func send(message []byte, family int) (string, error) {
	fd, err := unix.Socket(rtsock.Family, rtsock.Raw, family)
	if err != nil {
		return "", err
	}
	defer unix.Close(fd)
	n, err := unix.Write(fd, message)
	if err != nil {
		return "", err
	}
	if n != len(message) {
		return "", fmt.Errorf("%d bytes of %d", n, len(message))
	}
	reply := make([]byte, 1024)
	if n, err = unix.Read(fd, reply); err != nil {
		return "", err
	}
	reply = reply[:n]
	if int(binary.LittleEndian.Uint16(reply)) != n || reply[2] != rtsock.Version {
		return "", fmt.Errorf("answered % x", reply)
	}
	return fmt.Sprintf("type %d flags %#x errno %d % x", reply[3], binary.LittleEndian.Uint32(reply[8:]),
		binary.LittleEndian.Uint32(reply[24:]), reply[76:]), nil
}

// wanted is DST via GATEWAY [INDEX] or DST from ADDRESS.
func wanted(words []string) (r rtsock.Route, family int, err error) {
	if r.Dst, err = netip.ParsePrefix(words[0]); err != nil {
		return r, 0, err
	}
	if r.Gateway, err = netip.ParseAddr(words[2]); err != nil {
		return r, 0, err
	}
	r.OnLink = words[1] == "from"
	if len(words) > 3 {
		n, _ := strconv.Atoi(words[3])
		r.Index = uint16(n)
	}
	family = rtsock.Inet
	if r.Dst.Addr().Is6() {
		family = rtsock.Inet6
	}
	return r, family, nil
}

// route adds a route.
func route(words []string) (string, error) {
	r, family, err := wanted(words)
	if err != nil {
		return "", err
	}
	answer, err := send(r.Add(int32(os.Getpid()), 1), family)
	if err != nil || len(answer) < 7 || answer[:7] != "type 1 " {
		return answer, err
	}
	return "", nil
}

// ask sends the same message, changed: with the bytes at OFFSET=HEX, or cut to
// length=N, or of length+N. Where it is a lie, the length is not corrected.
func ask(words []string) (string, error) {
	r, family, err := wanted(words)
	if err != nil {
		return "", err
	}
	message := r.Add(int32(os.Getpid()), 1)
	for _, change := range words {
		var at, length int
		var value string
		if n, _ := fmt.Sscanf(change, "length=%d", &length); n == 1 {
			message = append(message, make([]byte, 400)...)[:length]
			binary.LittleEndian.PutUint16(message, uint16(length))
		} else if n, _ := fmt.Sscanf(change, "%d=%s", &at, &value); n == 2 {
			for i := 0; i+1 < len(value); i += 2 {
				b, _ := strconv.ParseUint(value[i:i+2], 16, 8)
				message[at+i/2] = byte(b)
			}
		}
	}
	return send(message, family)
}
