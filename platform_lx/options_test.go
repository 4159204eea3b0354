package lx

import "testing"

func TestMountOptions(t *testing.T) {
	for _, tt := range []struct {
		name    string
		options []string
		want    options
	}{
		{"none", nil, options{flags: 0, data: ""}},
		{"what the file system reads is passed on in order", []string{"size=64m", "mode=1777"}, options{flags: 0, data: "size=64m,mode=1777"}},
		{"what the kernel reads becomes bits", []string{"ro", "nosuid", "nodev", "noexec"}, options{flags: msReadOnly | msNoSuid | msNoDev | msNoExec, data: ""}},
		{"both may be mixed", []string{"noexec", "size=1k", "ro"}, options{flags: msNoExec | msReadOnly, data: "size=1k"}},
		{"of a contradiction the last wins", []string{"noexec", "exec", "rw", "ro"}, options{flags: msReadOnly, data: ""}},
		{"propagation is apart, and the last of it counts", []string{"ro", "rshared", "rslave"}, options{flags: msReadOnly, propagation: msSlave | msRecursive}},
		{"defaults is nothing", []string{"defaults", "mode=700"}, options{data: "mode=700"}},
		{"an unknown one is left for the kernel to refuse", []string{"sparkling"}, options{flags: 0, data: "sparkling"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := mountOptions(tt.options); got != tt.want {
				t.Errorf("\n got %+v\nwant %+v", got, tt.want)
			}
		})
	}
}

func TestNFSOptions(t *testing.T) {
	for _, tt := range []struct {
		words []string
		want  string
	}{{nil, "vers=3,sec=sys"}, {[]string{"ro"}, "vers=3,sec=sys,ro"}} {
		if got := nfsOptions(tt.words); got != tt.want {
			t.Errorf("%q: got %q, want %q", tt.words, got, tt.want)
		}
	}
}
