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
		{"RTMIN", false, "42 true"}, {"RTMIN+3", false, "45 true"}, {"RTMAX", false, "72 true"}, {"RTMAX-30", false, "42 true"},
		{"15", false, "15 true"}, {"10", false, "10 true"},
		{"10", true, "16 true"}, {"28", true, "20 true"}, {"15", true, "15 true"}, {"31", true, "12 true"}, // USR1, WINCH, TERM, SYS
		{"16", true, "0 false"}, {"32", true, "0 false"}, // STKFLT, and glibc's own
		{"34", true, "42 true"}, {"37", true, "45 true"}, {"64", true, "72 true"},
		{"WINCH", true, "20 true"}, {"RTMIN+3", true, "45 true"},
	} {
		n, ok := signalNumber(zone.Signal(tt.signal), tt.lx)
		if got := fmt.Sprint(int(n), " ", ok); got != tt.want {
			t.Errorf("%s (LX: %v): got %s, want %s", tt.signal, tt.lx, got, tt.want)
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
