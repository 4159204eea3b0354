//go:build linux

package mounted

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"dockerinit/platform_fake/need"
)

// That the host's own are trusted, and those of a writable mount are not, is seen
// where whole zones boot on an LX kernel.
func TestWhatMayBeTheImagesIsNotTrusted(t *testing.T) {
	need.Root(t) // who may not write anyway would be told another reason
	dir := t.TempDir()
	file, link := filepath.Join(dir, "ipadm"), filepath.Join(dir, "sbin")
	if err := os.WriteFile(file, nil, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(dir, link); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ name, path, want string }{
		{"a file that can be written", file, "not on a read-only mount"},
		{"a symbolic link on the way", link + "/ipadm", link + ": a symbolic link"},
		{"a directory", dir, "not a file"},
		{"nothing", dir + "/none", "no such file"},
	} {
		if err := Program(tt.path); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s\n got %v\nwant …%s…", tt.name, err, tt.want)
		}
	}
}
