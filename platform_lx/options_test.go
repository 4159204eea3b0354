package lx

import "testing"

func TestMountOptions(t *testing.T) {
	for _, tt := range []struct {
		name    string
		options []string
		flags   uintptr
		data    string
	}{
		{"none", nil, 0, ""},
		{"what the file system reads is passed on in order", []string{"size=64m", "mode=1777"}, 0, "size=64m,mode=1777"},
		{"what the kernel reads becomes bits", []string{"ro", "nosuid", "nodev", "noexec"}, msReadOnly | msNoSuid | msNoDev | msNoExec, ""},
		{"both may be mixed", []string{"noexec", "size=1k", "ro"}, msNoExec | msReadOnly, "size=1k"},
		{"of a contradiction the last wins", []string{"noexec", "exec", "rw", "ro"}, msReadOnly, ""},
		{"an unknown one is left for the kernel to refuse", []string{"sparkling"}, 0, "sparkling"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			flags, data := mountOptions(tt.options)
			if flags != tt.flags || data != tt.data {
				t.Errorf("\n got %#x %q\nwant %#x %q", flags, data, tt.flags, tt.data)
			}
		})
	}
}
