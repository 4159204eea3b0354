package contract

import (
	"fmt"
	"strings"
	"testing"
)

func TestTerms(t *testing.T) {
	for _, tt := range []struct {
		keep bool
		want string
	}{
		{false, "64000000080000000000000000000000 0000000000000000" +
			"|65000000080000000000000000000000 0000000000000000" +
			"|00000000080000000000000000000000 2000000000000000" +
			"|01000000080000000000000000000000 0000000000000000" +
			"|030000001e0000000000000000000000 7376633a2f646f636b6572696e69742f6368696c643a64656661756c7400"},
		{true, "64000000080000000000000000000000 0000000000000000" +
			"|65000000080000000000000000000000 0000000000000000" +
			"|00000000080000000000000000000000 2000000000000000" +
			"|01000000080000000000000000000000 1000000000000000" +
			"|030000001e0000000000000000000000 7376633a2f646f636b6572696e69742f6368696c643a64656661756c7400"},
	} {
		var got []string
		for _, p := range Terms(tt.keep) {
			got = append(got, fmt.Sprintf("%x %x", p.Header(), p.Value))
		}
		if got := strings.Join(got, "|"); got != tt.want {
			t.Errorf("keep %v\n got %s\nwant %s", tt.keep, got, tt.want)
		}
	}
}

// illumos: usr/src/uts/common/sys/ctfs.h: 'c' << 24 | 't' << 16 | 't' << 8
func TestNumbers(t *testing.T) {
	const base = 'c'<<24 | 't'<<16 | 't'<<8
	for _, tt := range []struct {
		name      string
		got, want int
	}{
		{"CT_TACTIVATE", Activate, base}, {"CT_TCLEAR", Clear, base + 1}, {"CT_TSET", Set, base + 3},
		{"CTP_EV_CRITICAL", critical, 100}, {"CTP_EV_INFO", informative, 101},
		{"CTPP_EV_FATAL", fatal, 0}, {"CTPP_PARAMS", parameters, 1}, {"CTPP_SVC_FMRI", creator, 3},
		{"CT_PR_EV_HWERR", hardwareError, 0x20}, {"CT_PR_KEEP_EXEC", keepExec, 0x10},
		{"struct ct_param", ParameterSize, 4 + 4 + 8}, {"offset of ctpm_value", ValueAt, 4 + 4},
	} {
		if tt.got != tt.want {
			t.Errorf("%s is %#x, want %#x", tt.name, tt.got, tt.want)
		}
	}
}
