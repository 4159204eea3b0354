//go:build illumos && amd64

package illumos

import (
	"context"
	"errors"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"dockerinit/core/exit"
	"dockerinit/core/zone"
)

// What no boot meets; the others are booted, in package abi.
func TestNetworkThatIsNotUp(t *testing.T) {
	n := newNetwork(nil, nil, func() (Addresses, error) { return nil, errors.New("not to be asked") }, "")
	if err := n.Configure(t.Context(), zone.NIC{Interface: "net0"}); exit.CodeOf(err) != exit.IpadmDoor || !strings.Contains(err.Error(), "not up") {
		t.Errorf("configured: %v", err)
	}
	if err := n.Close(t.Context()); err != nil {
		t.Errorf("closed: %v", err)
	}
}

func TestNetworkComesUpOnce(t *testing.T) {
	n := newNetwork(nil, nil, nil, "")
	running := &daemon{done: make(chan struct{})}
	n.ipmgmtd = running
	if err := n.Up(t.Context(), zone.Network{StopDaemons: true}); err != nil || n.ipmgmtd != running || n.stop {
		t.Errorf("it was started again: %v", err)
	}
}

func TestWhatIsDoneIsNotDoneAgain(t *testing.T) {
	n := newNetwork(nil, nil, nil, "")
	times := 0
	for _, fails := range []error{errors.New("not yet"), nil, nil} {
		err := n.once(zone.NIC{Interface: "net0"}, "raise IPv6", func() error { times++; return fails })
		if !errors.Is(err, fails) {
			t.Errorf("%v, want %v", err, fails)
		}
	}
	if times != 2 {
		t.Errorf("done %d times, want once after the failure", times)
	}
}

func TestWaitForADaemonEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	d := &daemon{done: make(chan struct{})}
	if err := d.ready(ctx); exit.CodeOf(err) != exit.IpmgmtdCrashed || !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestStopServer(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		behaviour, door string
		want            error
	}{
		{"there is no door", filepath.Join(dir, "none"), fs.ErrNotExist},
		{"a file is none", file, unix.EBADF},
	} {
		if err := stopServer(t.Context(), tt.door, time.Second); !errors.Is(err, tt.want) || !strings.Contains(err.Error(), tt.door) {
			t.Errorf("%s: %v, want %v", tt.behaviour, err, tt.want)
		}
	}
}

func TestInterfacesThatCannotBe(t *testing.T) {
	long := strings.Repeat("n", 31) + "0"
	if err := raise(long); err == nil || !strings.Contains(err.Error(), "1 to 31 bytes") {
		t.Errorf("raised: %v", err)
	}
	n := newNetwork(nil, nil, nil, "")
	route := zone.Route{Dst: netip.MustParsePrefix("192.0.2.0/24"), Gateway: netip.MustParseAddr("10.0.0.1"), Interface: long}
	if err := n.AddRoute(t.Context(), route); err == nil || !strings.Contains(err.Error(), "1 to 31 bytes") {
		t.Errorf("a route: %v", err)
	}
}
