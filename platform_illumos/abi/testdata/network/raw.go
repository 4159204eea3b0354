package main

import (
	"encoding/binary"
	"fmt"
	"runtime"
	"strconv"
	"strings"
	_ "unsafe" // for go:linkname

	"dockerinit/platform_illumos/libc"
)

//go:cgo_import_dynamic libc_raw_open ipadm_open "libipadm.so.1"
//go:cgo_import_dynamic libc_raw_close ipadm_close "libipadm.so.1"
//go:cgo_import_dynamic libc_raw_create_if ipadm_create_if "libipadm.so.1"
//go:cgo_import_dynamic libc_raw_delete_if ipadm_delete_if "libipadm.so.1"
//go:cgo_import_dynamic libc_raw_create_addrobj ipadm_create_addrobj "libipadm.so.1"
//go:cgo_import_dynamic libc_raw_destroy_addrobj ipadm_destroy_addrobj "libipadm.so.1"
//go:cgo_import_dynamic libc_raw_create_addr ipadm_create_addr "libipadm.so.1"
//go:cgo_import_dynamic libc_raw_set_addr ipadm_set_addr "libipadm.so.1"
//go:cgo_import_dynamic libc_raw_set_wait_time ipadm_set_wait_time "libipadm.so.1"
//go:cgo_import_dynamic libc_raw_set_primary ipadm_set_primary "libipadm.so.1"
//go:cgo_import_dynamic libc_raw_set_stateless ipadm_set_stateless "libipadm.so.1"
//go:cgo_import_dynamic libc_raw_set_stateful ipadm_set_stateful "libipadm.so.1"
//go:cgo_import_dynamic libc_raw_set_interface_id ipadm_set_interface_id "libipadm.so.1"
//go:cgo_import_dynamic libc_raw_set_ifprop ipadm_set_ifprop "libipadm.so.1"
//go:cgo_import_dynamic libc_raw_status2str ipadm_status2str "libipadm.so.1"

//go:linkname procOpen libc_raw_open
//go:linkname procClose libc_raw_close
//go:linkname procCreateIf libc_raw_create_if
//go:linkname procDeleteIf libc_raw_delete_if
//go:linkname procCreateAddrobj libc_raw_create_addrobj
//go:linkname procDestroyAddrobj libc_raw_destroy_addrobj
//go:linkname procCreateAddr libc_raw_create_addr
//go:linkname procSetAddr libc_raw_set_addr
//go:linkname procSetWaitTime libc_raw_set_wait_time
//go:linkname procSetPrimary libc_raw_set_primary
//go:linkname procSetStateless libc_raw_set_stateless
//go:linkname procSetStateful libc_raw_set_stateful
//go:linkname procSetInterfaceID libc_raw_set_interface_id
//go:linkname procSetIfprop libc_raw_set_ifprop
//go:linkname procStatus2str libc_raw_status2str

var procOpen, procClose, procCreateIf, procDeleteIf, procCreateAddrobj, procDestroyAddrobj, procCreateAddr, procSetAddr,
	procSetWaitTime, procSetPrimary, procSetStateless, procSetStateful, procSetInterfaceID, procSetIfprop, procStatus2str libc.Function

// kept are the pointers that the library has given, by the names that the
// arguments have for them.
var kept = map[string]uintptr{}

// raw calls one of libipadm's functions. Its arguments are numbers, 'TEXT, @NAME
// of a pointer that was given, and >NAME where one is to be written to.
func raw(words []string) (string, error) {
	functions := map[string]*libc.Function{
		"open": &procOpen, "close": &procClose, "create_if": &procCreateIf, "delete_if": &procDeleteIf,
		"create_addrobj": &procCreateAddrobj, "destroy_addrobj": &procDestroyAddrobj, "create_addr": &procCreateAddr,
		"set_addr": &procSetAddr, "set_wait_time": &procSetWaitTime, "set_primary": &procSetPrimary,
		"set_stateless": &procSetStateless, "set_stateful": &procSetStateful, "set_interface_id": &procSetInterfaceID,
		"set_ifprop": &procSetIfprop, "status2str": &procStatus2str,
	}
	f, known := functions[words[0]]
	if !known {
		return "", fmt.Errorf("%q is not known", words[0])
	}
	var args []uintptr
	var memory [][]byte
	out, name := []byte(nil), ""
	for _, w := range words[1:] {
		switch w[0] {
		case '\'':
			b := libc.Bytes(max(32, len(w)))
			copy(b, w[1:])
			memory = append(memory, b)
			args = append(args, libc.At(b))
		case '@':
			args = append(args, kept[w[1:]])
		case '>':
			out, name = libc.Bytes(8), w[1:]
			args = append(args, libc.At(out))
		default:
			n, err := strconv.ParseInt(w, 0, 64)
			if err != nil {
				return "", err
			}
			args = append(args, uintptr(n))
		}
	}
	result, _ := libc.Call(f, args...)
	runtime.KeepAlive(memory)
	if out != nil {
		kept[name] = uintptr(binary.LittleEndian.Uint64(out))
	}
	switch words[0] {
	case "status2str":
		return libc.Text(result, 100), nil
	case "close", "destroy_addrobj":
		return "", nil
	case "create_if":
		b := memory[0]
		return fmt.Sprintf("%d %s", uint32(result), strings.TrimRight(string(b[:32]), "\x00")), nil
	}
	return fmt.Sprint(uint32(result)), nil
}
