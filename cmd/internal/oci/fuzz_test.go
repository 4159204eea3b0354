package oci_test

import (
	"archive/tar"
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"dockerinit/cmd/internal/oci"
)

// Whatever a layer says, nothing is put outside of the image's root.
func FuzzUnpackLayer(f *testing.F) {
	for _, files := range [][]tar.Header{
		{{Name: "d/", Typeflag: tar.TypeDir, Mode: 0o755}, {Name: "d/f", Typeflag: tar.TypeReg, Mode: 0o4755}, {Name: "d/.wh..wh..opq", Typeflag: tar.TypeReg}},
		{{Name: "up", Typeflag: tar.TypeSymlink, Linkname: "../.."}, {Name: "up/f", Typeflag: tar.TypeReg, Mode: 0o644}, {Name: "up/.wh.f", Typeflag: tar.TypeReg}},
		{{Name: "a", Typeflag: tar.TypeSymlink, Linkname: "/a"}, {Name: "a/b", Typeflag: tar.TypeDir}, {Name: "h", Typeflag: tar.TypeLink, Linkname: "../../../etc/passwd"}},
		{{Name: "../..", Typeflag: tar.TypeDir, Mode: 0}, {Name: ".", Typeflag: tar.TypeReg}, {Name: "dev/x", Typeflag: tar.TypeChar}},
	} {
		var b bytes.Buffer
		w := tar.NewWriter(&b)
		for _, h := range files {
			if err := w.WriteHeader(&h); err != nil {
				f.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			f.Fatal(err)
		}
		f.Add(b.Bytes())
	}
	f.Fuzz(func(t *testing.T, layer []byte) {
		dir := t.TempDir()
		root, beside := filepath.Join(dir, "root"), filepath.Join(dir, "beside")
		if err := os.Mkdir(root, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(beside, []byte("as it was"), 0o600); err != nil {
			t.Fatal(err)
		}
		_, _ = oci.UnpackLayer(root, bytes.NewReader(layer)) // an error is as good
		all, err := os.ReadDir(dir)
		if err != nil || len(all) != 2 {
			t.Errorf("beside the root: %v, %v", all, err)
		}
		if info, err := os.Stat(beside); err != nil || info.Mode() != 0o600 {
			t.Errorf("the file beside it: %v, %v", info, err)
		}
		if text, err := os.ReadFile(beside); string(text) != "as it was" || err != nil {
			t.Errorf("the file beside it: %q, %v", text, err)
		}
		_ = filepath.WalkDir(root, func(path string, _ os.DirEntry, _ error) error { return os.Chmod(path, 0o755) }) // to be removed
	})
}
