package illumos

import "testing"

func TestMountOptions(t *testing.T) {
	for _, tt := range []struct {
		name   string
		fstype string
		words  []string
		want   string
	}{
		{"none", "fd", nil, ""},
		{"a tmpfs is for everybody", "tmpfs", nil, "mode=1777"},
		{"/dev/shm", "tmpfs", []string{"mode=1777", "size=1024"}, "mode=1777,size=1024"},
		{"Docker's safe words in illumos' spelling", "fd", []string{"noexec", "nosuid", "nodev"}, "noexec,nosuid,nodevices"},
		{"and what lifts them", "tmpfs", []string{"exec", "dev", "defaults"}, "exec,devices,mode=1777"},
	} {
		if got := mountOptions(tt.fstype, tt.words); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
	if got := nfsOptions([]string{"ro"}); got != "vers=3,sec=sys,ro" {
		t.Error(got)
	}
}
