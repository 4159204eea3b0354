//go:build linux

package oci_test

import (
	"archive/tar"
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"dockerinit/cmd/internal/oci"
	"dockerinit/platform_fake/need"
)

// netRaw is what setcap cap_net_raw=ep writes. linux: include/uapi/linux/capability.h
const netRaw = "\x01\x00\x00\x02\x00\x20\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"

func TestUnpackAttributes(t *testing.T) {
	need.Root(t)
	root := t.TempDir()
	need.That(t, unix.Setxattr(root, "user.try", nil, 0) == nil, "a temporary directory with extended attributes", "set TMPDIR to one on ext4 or xfs")
	must(t, unix.Removexattr(root, "user.try"))
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	give := func(h tar.Header, attributes ...string) {
		h.Mode, h.PAXRecords = 0o555, map[string]string{}
		for i := 0; i < len(attributes); i += 2 {
			h.PAXRecords["SCHILY.xattr."+attributes[i]] = attributes[i+1]
		}
		must(t, w.WriteHeader(&h))
	}
	give(tar.Header{Name: "d", Typeflag: tar.TypeDir}, "user.a", "of a directory", "security.capability", netRaw)
	give(tar.Header{Name: "d/ping", Typeflag: tar.TypeReg, Uid: 33, Gid: 33}, "security.capability", netRaw, "user.a", "\x00\xff",
		"user.overlay.opaque", "y", "trusted.overlay.opaque", "y", "security.selinux", "x")
	give(tar.Header{Name: "d/bad", Typeflag: tar.TypeReg}, "security.capability", "no such thing", "user.large", strings.Repeat("x", 1<<17))
	must(t, w.Close())
	done, err := oci.UnpackLayer(root, &b)
	must(t, err)
	if got, want := strings.Join(done.Stripped, ", "), "d/bad (security.capability), d/bad (user.large)"; got != want {
		t.Errorf("told as left out: %s, want %s", got, want)
	}
	for name, want := range map[string]string{"d": "user.a", "d/ping": "security.capability user.a", "d/bad": ""} {
		list := make([]byte, 1024)
		n, err := unix.Listxattr(filepath.Join(root, name), list)
		must(t, err)
		if got := strings.Join(strings.FieldsFunc(string(list[:n]), func(r rune) bool { return r == 0 }), " "); got != want {
			t.Errorf("%s has %q, want %q", name, got, want)
		}
	}
	if info, err := os.Stat(filepath.Join(root, "d/ping")); err != nil || info.Mode() != 0o555 {
		t.Errorf("%v, %v", info, err)
	}
}
