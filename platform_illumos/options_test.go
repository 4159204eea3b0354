package illumos

import "testing"

func TestMountOptions(t *testing.T) {
	for _, tt := range []struct {
		name  string
		words []string
		want  string
	}{
		{"none", nil, ""},
		{"/dev/shm", []string{"mode=1777", "size=1024"}, "mode=1777,size=1024"},
		{"Docker's safe words in illumos' spelling", []string{"noexec", "nosuid", "nodev"}, "noexec,nosuid,nodevices"},
		{"and what lifts them", []string{"exec", "dev", "defaults"}, "exec,devices"},
	} {
		if got := mountOptions(tt.words); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
	if got := nfsOptions([]string{"ro"}); got != "vers=3,sec=sys,ro" {
		t.Error(got)
	}
}
