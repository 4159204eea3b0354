package zfd

// A Pair is a device of the console and the one that becomes its copy.
type Pair struct{ Primary, Log int }

// Pairs are those that a log driver reads: stdout and stderr, or a terminal's one
// stream.
func Pairs(tty bool) []Pair {
	if tty {
		return []Pair{{0, 1}}
	}
	return []Pair{{1, 3}, {2, 4}}
}

// By these the driver is asked for a copy. Both devices must be without a link,
// and a link is for ever. illumos-joyent: usr/src/uts/common/sys/zfd.h
const (
	Mux     = 0x5a666403 // ZFD_MUX, on the log device: the primary's minor number, by value
	FlowCon = 0x5a666404 // ZFD_MUX_FLOWCON, on the log device: 1 makes the primary wait for it
)

// Minor is the minor number in a 64-bit dev_t.
// illumos: usr/src/uts/common/sys/mkdev.h
func Minor(dev uint64) uint32 { return uint32(dev) }
