package illumos

import (
	"fmt"
	"strings"
	"testing"

	"dockerinit/core/zone"
)

// illumos: usr/src/uts/common/sys/iso/signal_iso.h; Go's syscall package has the
// same numbers in zerrors_solaris_amd64.go.
func TestSignalNumbers(t *testing.T) {
	for _, tt := range []struct {
		signal string
		lx     bool
		want   string
	}{
		{"HUP", false, "1 true"}, {"INT", false, "2 true"}, {"EMT", false, "7 true"}, {"KILL", false, "9 true"}, {"BUS", false, "10 true"},
		{"TERM", false, "15 true"}, {"USR1", false, "16 true"}, {"CHLD", false, "18 true"}, {"WINCH", false, "20 true"}, {"STOP", false, "23 true"},
		{"CONT", false, "25 true"}, {"XFSZ", false, "31 true"}, {"STKFLT", false, "0 false"},
		{"RTMIN", false, "42 true"}, {"RTMIN+3", false, "45 true"}, {"RTMAX", false, "74 true"}, {"RTMAX-30", false, "44 true"},
		{"RTMAX-33", false, "41 false"}, {"RTMIN+33", false, "75 false"},
		{"15", false, "15 true"}, {"10", false, "10 true"}, {"74", false, "74 true"},
		{"10", true, "16 true"}, {"28", true, "20 true"}, {"15", true, "15 true"}, {"31", true, "12 true"}, // USR1, WINCH, TERM, SYS
		{"16", true, "7 true"}, {"STKFLT", true, "7 true"}, {"7", true, "10 true"}, // BUS
		{"32", true, "42 true"}, {"34", true, "44 true"}, {"37", true, "47 true"}, {"64", true, "74 true"},
		{"WINCH", true, "20 true"}, {"RTMIN", true, "44 true"}, {"RTMIN+3", true, "47 true"}, {"RTMAX", true, "74 true"},
		{"RTMAX-30", true, "44 true"}, {"RTMAX-31", true, "43 false"},
	} {
		n, ok := signalNumber(zone.Signal(tt.signal), tt.lx)
		if got := fmt.Sprint(int(n), " ", ok); got != tt.want {
			t.Errorf("%s (LX: %v): got %s, want %s", tt.signal, tt.lx, got, tt.want)
		}
	}
}

// What a Linux program sends, and what it is told that another has ended by, is one
// number.
func TestLinuxNumbersThereAndBack(t *testing.T) {
	for n := 1; n <= 64; n++ {
		if got := toLinux(fromLinux(n)); got != n {
			t.Errorf("%d is %d here, and that %d", n, fromLinux(n), got)
		}
	}
	for native, linux := range map[int]int{7: 16, 10: 7, 12: 31, 16: 10, 17: 12, 18: 17, 22: 29, 42: 32, 74: 64, 37: 37} {
		if got := toLinux(native); got != linux {
			t.Errorf("%d is Linux's %d, want %d", native, got, linux)
		}
	}
}

func TestForwarded(t *testing.T) {
	const want = "1 2 3 14 15 16 17 19 20 22 24 25 28 30 31 34 35 37 38 39 40 41 " +
		"42 43 44 45 46 47 48 49 50 51 52 53 54 55 56 57 58 59 60 61 62 63 64"
	var got []string
	for _, n := range forwarded() {
		got = append(got, fmt.Sprint(int(n)))
	}
	if text := strings.Join(got, " "); text != want {
		t.Errorf("\n got %s\nwant %s", text, want)
	}
}
