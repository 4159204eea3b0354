package scenario

import (
	"encoding/binary"
	"runtime"
)

// app is the command of every zone that asks for no other.
var app = exe("bin/app", Program())

// Program is the smallest program of this machine's processor: on Linux it ends
// at once with status 0, where we know how to say that.
func Program() string { return elf(machines[runtime.GOARCH]) }

// foreign is the processor of programs that do not run here.
const foreign = "s390x"

func foreignProgram() string { return elf(machines[foreign]) }

type machine struct {
	number uint16 // e_machine
	big    bool
	exit   []byte // exit(0)
}

var machines = map[string]machine{
	"386":     {3, false, []byte{0x31, 0xdb, 0x31, 0xc0, 0x40, 0xcd, 0x80}},
	"amd64":   {62, false, []byte{0x31, 0xff, 0xb8, 0x3c, 0, 0, 0, 0x0f, 0x05}},
	"arm64":   {183, false, []byte{0, 0, 0x80, 0xd2, 0xa8, 0x0b, 0x80, 0xd2, 1, 0, 0, 0xd4}},
	"riscv64": {243, false, nil},
	"s390x":   {22, true, nil},
}

// elf is a header, one segment to load, and the code in it.
func elf(m machine) string {
	const (
		start  = 0x400000
		header = 64
		entry  = 56
	)
	var order binary.AppendByteOrder = binary.LittleEndian
	endian := byte(1)
	if m.big {
		order, endian = binary.BigEndian, 2
	}
	size := uint64(header + entry + len(m.exit))
	b := append([]byte("\x7fELF"), 2, endian, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0)
	b = order.AppendUint16(b, 2) // a program
	b = order.AppendUint16(b, m.number)
	b = order.AppendUint32(b, 1)
	b = order.AppendUint64(b, start+header+entry) // where it begins
	b = order.AppendUint64(b, header)             // where its segments are told
	b = order.AppendUint64(b, 0)
	b = order.AppendUint32(b, 0)
	for _, n := range []uint16{header, entry, 1, 0, 0, 0} {
		b = order.AppendUint16(b, n)
	}
	b = order.AppendUint32(b, 1) // load
	b = order.AppendUint32(b, 5) // read and execute
	for _, n := range []uint64{0, start, start, size, size, 0x1000} {
		b = order.AppendUint64(b, n)
	}
	return string(append(b, m.exit...))
}
