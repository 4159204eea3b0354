//go:build illumos

package agent

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestSocketOrder(t *testing.T) {
	for _, test := range []struct {
		name          string
		nativeIsMount bool
		want          string
	}{
		{"run natively in an LX zone", true, "/native/.zonecontrol/metadata.sock /.zonecontrol/metadata.sock /var/run/smartdc/metadata.sock"},
		{"a native zone, in which /native may be planted", false, "/.zonecontrol/metadata.sock /native/.zonecontrol/metadata.sock /var/run/smartdc/metadata.sock"},
	} {
		if got := strings.Join(socketPaths(test.nativeIsMount), " "); got != test.want {
			t.Errorf("%s\n got %s\nwant %s", test.name, got, test.want)
		}
	}
}

func TestS19PlantedDirectory(t *testing.T) {
	dir := filepath.Join(t.TempDir(), ".zonecontrol")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := checkDirectory(dir); err == nil || !strings.Contains(err.Error(), "not trusted: "+dir+" is no mount of the host's") {
		t.Errorf("a directory of the image's own: %v", err)
	}
}

func TestNoDirectory(t *testing.T) {
	dir := t.TempDir()
	link := filepath.Join(dir, "link")
	if err := os.Symlink(dir, link); err != nil {
		t.Fatal(err)
	}
	if err := checkDirectory(link); err == nil || !strings.Contains(err.Error(), "is not a directory") {
		t.Errorf("a link: %v", err)
	}
	if err := checkDirectory(filepath.Join(dir, "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("none: %v", err)
	}
	if _, err := DialAt(t.Context(), filepath.Join(dir, "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("connected: %v", err)
	}
	if none := filepath.Join(dir, "none"); anyExists(none) || !anyExists(none, dir) || isMount(none) {
		t.Error("what is there is not known")
	}
}
