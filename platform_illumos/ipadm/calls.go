//go:build illumos && amd64

package ipadm

import (
	"errors"
	"fmt"
	"net/netip"
	"runtime"
	"strconv"
	"unsafe"

	"dockerinit/platform_illumos/libc"
)

//go:cgo_import_dynamic libc_ipadm_open ipadm_open "libipadm.so.1"
//go:cgo_import_dynamic libc_ipadm_close ipadm_close "libipadm.so.1"
//go:cgo_import_dynamic libc_ipadm_create_if ipadm_create_if "libipadm.so.1"
//go:cgo_import_dynamic libc_ipadm_create_addrobj ipadm_create_addrobj "libipadm.so.1"
//go:cgo_import_dynamic libc_ipadm_set_addr ipadm_set_addr "libipadm.so.1"
//go:cgo_import_dynamic libc_ipadm_set_wait_time ipadm_set_wait_time "libipadm.so.1"
//go:cgo_import_dynamic libc_ipadm_create_addr ipadm_create_addr "libipadm.so.1"
//go:cgo_import_dynamic libc_ipadm_destroy_addrobj ipadm_destroy_addrobj "libipadm.so.1"
//go:cgo_import_dynamic libc_ipadm_set_ifprop ipadm_set_ifprop "libipadm.so.1"

//go:linkname procOpen libc_ipadm_open
//go:linkname procClose libc_ipadm_close
//go:linkname procCreateIf libc_ipadm_create_if
//go:linkname procCreateAddrobj libc_ipadm_create_addrobj
//go:linkname procSetAddr libc_ipadm_set_addr
//go:linkname procSetWaitTime libc_ipadm_set_wait_time
//go:linkname procCreateAddr libc_ipadm_create_addr
//go:linkname procDestroyAddrobj libc_ipadm_destroy_addrobj
//go:linkname procSetIfprop libc_ipadm_set_ifprop

var procOpen, procClose, procCreateIf, procCreateAddrobj, procSetAddr, procSetWaitTime,
	procCreateAddr, procDestroyAddrobj, procSetIfprop libc.Function

// A Handle is a conversation with ipmgmtd. It is for one goroutine at a time.
type Handle struct{ handle uintptr }

// Open begins one about interfaces and static addresses, which may be on logical
// interfaces that are there.
func Open() (*Handle, error) { return open(Legacy) }

func open(flags uintptr) (*Handle, error) {
	out := libc.Bytes(int(unsafe.Sizeof(uintptr(0))))
	err := call(&procOpen, libc.At(out), flags)
	handle := word(out)
	if err != nil {
		return nil, fmt.Errorf("ipadm_open: %w", err)
	}
	return &Handle{handle}, nil
}

// Close ends it. What was configured stays.
func (h *Handle) Close() {
	if h.handle != 0 {
		libc.Call(&procClose, h.handle)
		h.handle = 0
	}
}

// CreateInterface plumbs one side of an interface. One that is there already is
// no error.
func (h *Handle) CreateInterface(name string, six bool) error {
	if err := CheckInterface(name); err != nil {
		return err
	}
	room := text(name, nameSize) // the library writes to it
	family := uintptr(familyInet)
	if six {
		family = familyInet6
	}
	err := call(&procCreateIf, h.handle, libc.At(room), family, Active)
	runtime.KeepAlive(room)
	if errors.Is(err, IfExists) {
		return nil
	}
	return wrap("ipadm_create_if", err)
}

// AddStatic gives the object's interface an address, and brings it up.
func (h *Handle) AddStatic(object string, address netip.Prefix) error {
	return h.add(object, Static, Active|Up, func(o uintptr) error {
		prefix := text(address.String(), 0)
		err := call(&procSetAddr, o, libc.At(prefix), familyGuess)
		runtime.KeepAlive(prefix)
		return wrap("ipadm_set_addr", err)
	})
}

// AddDHCP lets dhcpagent find an address, and waits for as long as is said. The
// interface is plumbed, and the library starts the agent if it does not run. It is
// a conversation of its own: in Open's the library has static addresses alone.
// illumos: usr/src/lib/libipadm/common/ipadm_addr.c, i_ipadm_validate_create_addr
func (*Handle) AddDHCP(object string, seconds int32) error {
	own, err := open(0)
	if err != nil {
		return err
	}
	defer own.Close()
	return own.add(object, DHCP, Active, func(o uintptr) error {
		return wrap("ipadm_set_wait_time", call(&procSetWaitTime, o, uintptr(seconds)))
	})
}

func (h *Handle) add(object string, kind Type, flags uintptr, fill func(o uintptr) error) error {
	if err := checkObject(object); err != nil {
		return err
	}
	name := text(object, 0)
	out := libc.Bytes(int(unsafe.Sizeof(uintptr(0))))
	err := call(&procCreateAddrobj, uintptr(kind), libc.At(name), libc.At(out))
	runtime.KeepAlive(name)
	o := word(out)
	if err != nil {
		return wrap("ipadm_create_addrobj", err)
	}
	defer libc.Call(&procDestroyAddrobj, o) // the library's own memory of it; the address stays
	if err := fill(o); err != nil {
		return err
	}
	return wrap("ipadm_create_addr", call(&procCreateAddr, h.handle, o, flags))
}

// SetMTU sets it for one side of an interface.
func (h *Handle) SetMTU(name string, six bool, mtu int) error {
	if err := CheckInterface(name); err != nil {
		return err
	}
	texts := [][]byte{text(name, 0), text("mtu", 0), text(strconv.Itoa(mtu), 0)}
	proto := uintptr(ProtoIPv4)
	if six {
		proto = ProtoIPv6
	}
	err := call(&procSetIfprop, h.handle, libc.At(texts[0]), libc.At(texts[1]), libc.At(texts[2]), proto, Active)
	runtime.KeepAlive(texts)
	return wrap("ipadm_set_ifprop", err)
}

// call is a call that answers with a status. A 32-bit one: what is above it in
// the register means nothing.
func call(f *libc.Function, args ...uintptr) error {
	result, _ := libc.Call(f, args...)
	if s := Status(result); s != Success {
		return s
	}
	return nil
}

func wrap(function string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", function, err)
}

// text is one for C, in as much room as is said or in what it takes. It has no NUL:
// it is made here, or a name that was checked.
func text(s string, room int) []byte {
	b := libc.Bytes(max(room, len(s)+1))
	copy(b, s)
	return b
}

// word is the pointer that C has written to b.
func word(b []byte) (w uintptr) {
	for i := len(b) - 1; i >= 0; i-- {
		w = w<<8 | uintptr(b[i])
	}
	return w
}
