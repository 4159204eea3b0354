//go:build linux

package lx

import (
	"context"
	"net/netip"
	"testing"

	"dockerinit/core/process"
	"dockerinit/core/zone"
)

// A boot on this backend ends with words that help, and never with a zone that
// only looks as if it were configured.
func TestWhatIsMissingIsSaid(t *testing.T) {
	ctx := context.Background()
	route := zone.Route{Dst: netip.MustParsePrefix("10.2.0.0/16"), Gateway: netip.MustParseAddr("10.0.0.1")}
	for _, tt := range []struct {
		name string
		do   func() error
		want string
	}{
		{"a NIC", func() error { return network{}.Configure(ctx, zone.NIC{Interface: "eth0"}) },
			"the LX backend cannot configure interfaces in this version: NIC eth0 is left alone"},
		{"a route", func() error { return network{}.AddRoute(ctx, route) },
			"the LX backend cannot add routes in this version: there is no route 10.2.0.0/16 via 10.0.0.1"},
		{"the console", func() error { _, err := console{}.Open(ctx, zone.Console{}); return err },
			"the LX backend cannot open the console in this version: the command would have no stdio"},
		{"the log driver's feed", func() error { _, _, err := console{}.Tee(ctx, zone.Console{}); return err },
			"the LX backend cannot copy the console in this version: the log driver would have nothing to read"},
		{"the log driver", func() error { _, err := processes{}.Start(ctx, process.Command{Path: "/bin/sh\n"}); return err },
			`the LX backend cannot start a helper in this version: "/bin/sh\n" does not run`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			err := tt.do()
			if want := tt.want + "; dockerinit-fake boots the same payload on any machine"; err == nil || err.Error() != want {
				t.Errorf("\n got %v\nwant %s", err, want)
			}
		})
	}
}
