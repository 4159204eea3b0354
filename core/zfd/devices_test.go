package zfd

import (
	"fmt"
	"testing"
)

// illumos-joyent: usr/src/uts/common/sys/zfd.h: 'Z' << 24 | 'f' << 16 | 'd' << 8
func TestNumbers(t *testing.T) {
	const base = 'Z'<<24 | 'f'<<16 | 'd'<<8
	if Mux != base+3 || FlowCon != base+4 {
		t.Errorf("%#x %#x", Mux, FlowCon)
	}
}

func TestPairs(t *testing.T) {
	if got := fmt.Sprint(Pairs(false), Pairs(true)); got != "[{1 3} {2 4}] [{0 1}]" {
		t.Error(got)
	}
}

// illumos: usr/src/uts/common/sys/mkdev.h: NBITSMINOR64 is 32
func TestMinor(t *testing.T) {
	if got := Minor(0x0000_00f3_0000_0203); got != 0x203 {
		t.Errorf("%#x", got)
	}
}
