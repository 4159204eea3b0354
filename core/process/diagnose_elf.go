package process

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"runtime"
	"slices"
)

// Bounds of an ELF file's parts, which are the kernel's too.
const (
	maxProgramHeaders = 64 << 10
	maxLoader         = 4 << 10
)

// elf judges an ELF file by the few bytes that a kernel goes by: its header, and
// the loader that it asks for.
func (l Look) elf(head []byte, rest io.ReaderAt) *refusal {
	h, problem := parseELF(head)
	if problem != "" {
		return refuse("%s", problem)
	}
	if !slices.Contains(l.machines(), h.machine) {
		if l.handled() {
			return nil
		}
		return refuse("is for %s, this zone runs %s", h.machine, l.machines()[0])
	}
	switch h.kind {
	case 2, 3:
	case 1:
		return refuse("is an object file that was not linked")
	case 4:
		return refuse("is the core of a crashed program")
	default:
		return refuse("is an ELF file of type %d, not a program", h.kind)
	}
	loader, problem := h.loader(rest)
	switch {
	case problem != "":
		return refuse("%s", problem)
	case loader == "":
		return nil // statically linked
	}
	info, err := l.stat(loader)
	if err != nil && missing(err) {
		// A native program in an LX zone has its loader under /native.
		if _, native := l.stat("/native" + loader); native == nil {
			return nil
		}
		return l.absent("needs %s, which the image does not have", printable(loader))
	}
	if err != nil {
		return nil
	}
	if info.IsDir() {
		return refuse("needs %s, which is a directory", printable(loader))
	}
	if why := l.forbidden(loader, info); why != "" {
		return refuse("needs %s, which %s", printable(loader), why)
	}
	return nil
}

// printable is a path without quotes where it needs none.
func printable(name string) string {
	if q := fmt.Sprintf("%q", name); q != `"`+name+`"` {
		return q
	}
	return name
}

// machines are the processors whose programs run here, the usual one first.
func (l Look) machines() []string {
	if len(l.Machines) > 0 {
		return l.Machines
	}
	if runtime.GOOS == "darwin" {
		return []string{"programs of macOS alone"}
	}
	switch runtime.GOARCH {
	case "amd64":
		return []string{"x86_64", "i386"}
	case "386":
		return []string{"i386"}
	case "arm64":
		return []string{"aarch64", "arm"}
	}
	return []string{runtime.GOARCH} // riscv64 and so on are named alike
}

// elfMachine is a processor that images are made for, by its e_machine; of others
// "". A map would be made at every start, for one look or none.
func elfMachine(number uint16) string {
	switch number {
	case 2:
		return "sparc"
	case 3:
		return "i386"
	case 8:
		return "mips"
	case 20:
		return "ppc"
	case 21:
		return "ppc64"
	case 22:
		return "s390x"
	case 40:
		return "arm"
	case 43:
		return "sparc64"
	case 62:
		return "x86_64"
	case 183:
		return "aarch64"
	case 243:
		return "riscv64"
	case 258:
		return "loong64"
	}
	return ""
}

// An elfHeader is what counts of an ELF file's first bytes.
type elfHeader struct {
	order   binary.ByteOrder
	wide    bool   // 64-bit
	kind    uint16 // 2: program, 3: program or library
	machine string
	offset  uint64 // of the program headers
	entry   int    // the size of one
	count   int
}

func parseELF(head []byte) (h elfHeader, problem string) {
	const short = "is a program that was cut short"
	if len(head) < 52 {
		return h, short
	}
	h.order = binary.LittleEndian
	switch head[5] {
	case 1:
	case 2:
		h.order = binary.BigEndian
	default:
		return h, "is an ELF file without a byte order"
	}
	h.kind = h.order.Uint16(head[16:])
	machine := h.order.Uint16(head[18:])
	h.machine = elfMachine(machine)
	switch {
	case h.machine == "":
		h.machine = fmt.Sprintf("ELF machine %d", machine)
	case h.machine == "ppc64" && h.order == binary.LittleEndian:
		h.machine = "ppc64le"
	}
	want := 32
	switch head[4] {
	case 1:
		h.offset = uint64(h.order.Uint32(head[28:]))
		h.entry, h.count = int(h.order.Uint16(head[42:])), int(h.order.Uint16(head[44:]))
	case 2:
		if len(head) < 64 {
			return h, short
		}
		h.wide, want = true, 56
		h.offset = h.order.Uint64(head[32:])
		h.entry, h.count = int(h.order.Uint16(head[54:])), int(h.order.Uint16(head[56:]))
	default:
		return h, "is an ELF file of neither 32 nor 64 bits"
	}
	// An object file or a core has its own words.
	if (h.kind == 2 || h.kind == 3) && (h.entry != want || h.count == 0 || h.count*want > maxProgramHeaders) {
		return h, "is an ELF file without anything to load"
	}
	return h, ""
}

// loader is the program that the kernel starts in the file's stead: PT_INTERP.
func (h elfHeader) loader(file io.ReaderAt) (name, problem string) {
	const short = "is a program that was cut short"
	headers, ok := readAt(file, h.offset, uint64(h.count*h.entry))
	if !ok {
		return "", short
	}
	for ; len(headers) >= h.entry; headers = headers[h.entry:] {
		const interp = 3
		if h.order.Uint32(headers) != interp {
			continue
		}
		offset, size := uint64(h.order.Uint32(headers[4:])), uint64(h.order.Uint32(headers[16:]))
		if h.wide {
			offset, size = h.order.Uint64(headers[8:]), h.order.Uint64(headers[32:])
		}
		if size < 2 || size > maxLoader {
			return "", "asks for a loader with no sensible name"
		}
		raw, ok := readAt(file, offset, size)
		if !ok {
			return "", short
		}
		raw, _, ended := bytes.Cut(raw, []byte{0})
		if !ended || len(raw) == 0 {
			return "", "asks for a loader with no sensible name"
		}
		return string(raw), ""
	}
	return "", ""
}

// readAt reads size bytes, of which the caller has made sure that they are few.
func readAt(file io.ReaderAt, offset, size uint64) ([]byte, bool) {
	if offset > 1<<62 {
		return nil, false
	}
	buf := make([]byte, size)
	n, _ := file.ReadAt(buf, int64(offset))
	return buf, n == len(buf)
}
