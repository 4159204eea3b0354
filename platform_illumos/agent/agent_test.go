//go:build illumos

package agent

import (
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

func TestS19WritableDirectory(t *testing.T) {
	dir := filepath.Join(t.TempDir(), ".zonecontrol")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := checkDirectory(dir); err == nil || !strings.Contains(err.Error(), "not trusted") {
		t.Errorf("a directory that the zone can write to: %v", err)
	}
	if isMount(dir) {
		t.Error("a plain directory is taken for a mount")
	}
}
