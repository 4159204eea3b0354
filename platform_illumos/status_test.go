package illumos

import (
	"testing"

	"dockerinit/core/process"
)

func TestDecodeStatus(t *testing.T) {
	for code := range 256 {
		if got := decodeStatus(uint32(code) << 8); got != (process.Exit{Status: code}) {
			t.Errorf("status %d is %+v", code, got)
		}
	}
	const core = 0x80
	for signal := 1; signal <= 74; signal++ {
		for _, status := range []uint32{uint32(signal), uint32(signal) | core} {
			if got := decodeStatus(status); got != (process.Exit{Signal: signal}) {
				t.Errorf("signal %d (%#x) is %+v", signal, status, got)
			}
		}
	}
}
