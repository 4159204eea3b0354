//go:build !linux

package image

import (
	"os"
	"testing"
)

// asOrdinaryUser does do where one is an ordinary user already.
func asOrdinaryUser(t *testing.T, do func()) {
	t.Helper()
	if os.Geteuid() == 0 {
		t.Skip("root reads everything, and only on Linux can a thread give that up")
	}
	do()
}
