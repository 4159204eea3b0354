// Package lifreq is the structure of the ioctls on network interfaces, struct
// lifreq, and their numbers. It makes no calls.
//
// The family of the socket that an ioctl is made on picks the IPv4 or the IPv6
// side of the interface.
package lifreq

import (
	"encoding/binary"
	"fmt"
	"strings"
)

// illumos: usr/src/uts/common/net/if.h, usr/src/uts/common/sys/sockio.h
const (
	NameSize = 32  // LIFNAMSIZ, with the NUL
	Size     = 376 // struct lifreq

	typeAt  = 36 // lifr_type, after the name and an int
	unionAt = 40 // lifr_lifru

	GetFlags = 0xc0786975 // SIOCGLIFFLAGS
	SetFlags = 0x80786974 // SIOCSLIFFLAGS
	GetIndex = 0xc0786985 // SIOCGLIFINDEX
	GetMTU   = 0xc078697a // SIOCGLIFMTU
	SetMTU   = 0x80786979 // SIOCSLIFMTU
	AddIf    = 0xc078696f // SIOCLIFADDIF
	RemoveIf = 0x8078696e // SIOCLIFREMOVEIF

	Up = 0x1 // IFF_UP
)

// A Request is a struct lifreq. It is all zeros but for what is set in it.
type Request [Size]byte

// New is a request about one interface. A name that is too long is an error:
// the kernel would take it for another one.
func New(name string) (*Request, error) {
	if err := CheckName(name); err != nil {
		return nil, err
	}
	r := new(Request)
	copy(r[:], name)
	return r, nil
}

// CheckName is nil for what can be an interface's name.
func CheckName(name string) error {
	if name == "" || len(name) >= NameSize || strings.IndexByte(name, 0) >= 0 {
		return fmt.Errorf("interface %q: 1 to %d bytes are expected", name, NameSize-1)
	}
	return nil
}

// Name is the interface's, which AddIf fills in.
func (r *Request) Name() string {
	name, _, _ := strings.Cut(string(r[:NameSize]), "\x00")
	return name
}

// Flags are what GetFlags has answered.
func (r *Request) Flags() uint64 { return binary.LittleEndian.Uint64(r[unionAt:]) }

// PutFlags is what SetFlags is told.
func (r *Request) PutFlags(flags uint64) { binary.LittleEndian.PutUint64(r[unionAt:], flags) }

// Uint32 is an index or an MTU that was asked for.
func (r *Request) Uint32() uint32 { return binary.LittleEndian.Uint32(r[unionAt:]) }

// PutUint32 is the MTU that SetMTU is told.
func (r *Request) PutUint32(n uint32) { binary.LittleEndian.PutUint32(r[unionAt:], n) }
