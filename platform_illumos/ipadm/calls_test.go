//go:build illumos && amd64

package ipadm

import (
	"net/netip"
	"strings"
	"testing"
)

// The library is not asked about a name that it would cut.
func TestNamesThatAreTooLong(t *testing.T) {
	h := &Handle{}
	name := strings.Repeat("n", nameSize)
	object := strings.Repeat("o", objectSize)
	for what, err := range map[string]error{
		"an interface": h.CreateInterface(name, false),
		"its MTU":      h.SetMTU(name, false, 1500),
		"its address":  h.AddStatic(object, netip.MustParsePrefix("10.0.0.5/24")),
	} {
		if err == nil || !strings.Contains(err.Error(), "bytes are expected") {
			t.Errorf("%s: %v", what, err)
		}
	}
}
