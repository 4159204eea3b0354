//go:build linux

package lx

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"testing"

	"dockerinit/core/bootlog"
	"dockerinit/core/supervise"
	"dockerinit/core/zone"
)

// A note is a stack that writes down what it is asked for.
type note struct{ calls []string }

func (n *note) Configure(_ context.Context, nic zone.NIC) error {
	n.calls = append(n.calls, "configure "+nic.String())
	return nil
}

func (n *note) AddRoute(_ context.Context, r zone.Route) error {
	n.calls = append(n.calls, "route "+r.String())
	return nil
}

func (n *note) Chores() []supervise.Chore {
	n.calls = append(n.calls, "chores")
	return nil
}

func (n *note) Close() error {
	n.calls = append(n.calls, "close")
	return nil
}

// use makes all calls that a boot makes, and each twice.
func use(n *network) error {
	ctx := context.Background()
	route := zone.Route{Dst: netip.MustParsePrefix("10.2.0.0/16"), Gateway: netip.MustParseAddr("10.0.0.1")}
	return errors.Join(
		n.Up(ctx, zone.Network{}), n.Up(ctx, zone.Network{}),
		n.Configure(ctx, zone.NIC{Interface: "eth0"}),
		n.AddRoute(ctx, route),
		n.Close(ctx), n.Close(ctx))
}

func TestLinuxIsConfiguredThroughOneStack(t *testing.T) {
	var stack note
	n := &network{
		isLX: func() bool { return false },
		stacks: Stacks{Linux: func(*bootlog.Logger, zone.Network) (Stack, error) {
			stack.calls = append(stack.calls, "open")
			return &stack, nil
		}},
	}
	if err := use(n); err != nil {
		t.Fatal(err)
	}
	want := []string{"open", "configure eth0", "route 10.2.0.0/16 via 10.0.0.1", "chores", "close"}
	if !slices.Equal(stack.calls, want) {
		t.Errorf("\n got %q\nwant %q", stack.calls, want)
	}
}

// An LX kernel answers every change with a number that means nothing: it is not
// even asked.
func TestAnLXKernelIsConfiguredThroughTheNativeTools(t *testing.T) {
	var stack note
	n := &network{
		isLX: func() bool { return true },
		stacks: Stacks{
			Linux: func(*bootlog.Logger, zone.Network) (Stack, error) { t.Error("the kernel is asked"); return nil, nil },
			LX: func(_ *bootlog.Logger, _ Runner, want zone.Network) (Stack, error) {
				stack.calls = append(stack.calls, fmt.Sprintf("open, daemons to stop: %t", want.StopDaemons))
				return &stack, nil
			},
		},
	}
	if err := errors.Join(n.Up(t.Context(), zone.Network{StopDaemons: true}), use(n)); err != nil {
		t.Fatal(err)
	}
	want := []string{"open, daemons to stop: true", "configure eth0", "route 10.2.0.0/16 via 10.0.0.1", "chores", "close"}
	if !slices.Equal(stack.calls, want) {
		t.Errorf("\n got %q\nwant %q", stack.calls, want)
	}
}

func TestAStackThatDoesNotOpenIsSaid(t *testing.T) {
	broken := errors.New("no sockets left")
	n := &network{
		isLX:   func() bool { return false },
		stacks: Stacks{Linux: func(*bootlog.Logger, zone.Network) (Stack, error) { return nil, broken }},
	}
	want := "no sockets left\nno sockets left\nthe IP stack is not up\nthe IP stack is not up"
	if got := fmt.Sprint(use(n)); got != want {
		t.Errorf("\n got %s\nwant %s", got, want)
	}
}
