package core

import (
	"strings"
	"testing"
)

func TestTmpfsOptions(t *testing.T) {
	for _, c := range []struct{ behaviour, asked, want string }{
		{"Docker's defaults where nothing is asked for", "", "noexec,nosuid,nodev"},
		{"what is asked for comes after them", "size=64m,mode=755", "noexec,nosuid,nodev,size=64m,mode=755"},
		{"the opposite takes a default away", "exec,suid,dev", "exec,suid,dev"},
		{"a default that is asked for is there once", "nosuid", "noexec,nodev,nosuid"},
		{"empty words are none", ",size=1m,", "noexec,nosuid,nodev,size=1m"},
	} {
		if got := strings.Join(tmpfsOptions(c.asked), ","); got != c.want {
			t.Errorf("%s: got %s, want %s", c.behaviour, got, c.want)
		}
	}
}
