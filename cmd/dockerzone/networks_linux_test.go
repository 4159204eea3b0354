//go:build linux

package main_test

import (
	"fmt"
	"strings"
	"testing"

	"dockerinit/cmd/internal/cmdtest"
	"dockerinit/platform_fake/need"
)

// What the network of a payload lacks is told by dockerinit, in its log and by its
// code.
func TestRunWithAnOddNetwork(t *testing.T) {
	eth0 := map[string]any{"interface": "eth0", "mac": "90:b8:d0:00:00:01", "primary": true, "ips": []string{"10.88.0.9/24"}}
	for _, tt := range []struct {
		name   string
		zone   map[string]any
		status int
		want   string
	}{
		{"a route that leads nowhere is a warning", map[string]any{"nics": []any{eth0}, "routes": map[string]any{"10.99.0.0/24": "172.16.0.1"}},
			0, "WARN routes: route 10.99.0.0/24 via 172.16.0.1: gateway 172.16.0.1 is on no link"},
		{"an address twice is fatal", map[string]any{"nics": []any{eth0, map[string]any{"interface": "eth1", "mac": "90:b8:d0:00:00:02", "ips": []string{"10.88.0.9/24"}}}},
			125, `FATAL (code: 64): sdc:nics: NIC 2 (eth1): ips "10.88.0.9": NIC 1 has it too`},
		{"a NIC twice is fatal", map[string]any{"nics": []any{eth0, map[string]any{"interface": "eth0", "mac": "90:b8:d0:00:00:02", "ips": []string{"10.88.0.10/24"}}}},
			125, `FATAL (code: 64): sdc:nics: NIC 2 (eth0): interface "eth0": NIC 1 has it too`},
		{"a MAC that is none is a warning", map[string]any{"nics": []any{map[string]any{"interface": "eth0", "mac": "90:b8", "primary": true, "ips": []string{"10.88.0.9/24"}}}},
			0, `WARN validate: sdc:nics: NIC 1 (eth0): mac "90:b8": not a MAC address`},
		{"a name that Linux has no room for", map[string]any{"nics": []any{map[string]any{"interface": "abcdefghijklmnopq0", "mac": "90:b8:d0:00:00:01", "primary": true, "ips": []string{"10.88.0.9/24"}}}},
			2, "abcdefghijklmnopq0: a name of 18 bytes, and Linux takes 15"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := cmdtest.Run(t, booting(t, root, "--log", zonePayload(t, shell("exit 0"), tt.zone)))
			if r.Status != tt.status || !strings.Contains(r.Stderr, tt.want) {
				t.Errorf("status %d, want %d and %q in\n%s", r.Status, tt.status, tt.want, r.Stderr)
			}
		})
	}
}

// The servers on the links are an ordinary user's too, and each stays on its own link.
func TestRunAsksItsNetwork(t *testing.T) {
	need.Program(t, "ip", "iproute2")
	self := visible(t)
	cmd := booting(t, cmdtest.Ordinary, zonePayload(t, map[string]any{"docker:cmd": fmt.Sprintf(`[%q, "probe-serve", ":8080"]`, self)},
		map[string]any{"nics": []any{
			map[string]any{"interface": "eth0", "mac": "90:b8:d0:00:00:01", "primary": true, "ips": []string{"dhcp"}},
			map[string]any{"interface": "eth1", "mac": "90:b8:d0:00:00:02", "ips": []string{"addrconf", "10.88.0.9/24"}},
			map[string]any{"interface": "eth2", "mac": "90:b8:d0:00:00:03", "ips": []string{"dhcp"}, "gateways": []string{"10.7.0.1"}},
		}}))
	p := cmdtest.Start(t, cmd)
	p.Await("listening")
	got := networkOf(t, cmd)
	for _, want := range []string{
		"eth0 90:b8:d0:00:00:01 mtu 1500 198.18.0.100/24\n",
		"eth1 90:b8:d0:00:00:02 mtu 1500 10.88.0.9/24 fd00:198:18:1:92b8:d0ff:fe00:2/64\n", // of the MAC
		"eth2 90:b8:d0:00:00:03 mtu 1500 10.7.0.100/24\n",
		"default via 198.18.0.1 dev eth0\n",
		"default via fe80::1 dev eth1\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("want %q in\n%s", want, got)
		}
	}
	for address, want := range map[string]string{
		"198.18.0.100": "198.18.0.1", "10.88.0.9": "10.88.0.1", "10.7.0.100": "10.7.0.1", "[fd00:198:18:1:92b8:d0ff:fe00:2]": "fd00:198:18:1::1",
	} {
		if r := inZone(t, cmd, "net", "z0", "--", self, "probe-ask", address+":8080"); r.Status != 0 || r.Stdout != "hello "+want+"\n" {
			t.Errorf("asked at %s: status %d, %q, want %q\n%s", address, r.Status, r.Stdout, want, r.Stderr)
		}
	}
	stop(p)
	p.Wait()
}

// Who stays renews its lease, and who becomes the command says that nobody does.
func TestRunWithAShortLease(t *testing.T) {
	need.Program(t, "ip", "iproute2")
	nics := map[string]any{"nics": []any{
		map[string]any{"interface": "eth0", "mac": "90:b8:d0:00:00:01", "primary": true, "ips": []string{"dhcp"}},
	}}
	// It is at rest before and after each renewal.
	const script = `until [ $((i+=1)) = 55 ]; do sleep 0.1; ip -4 -o addr show dev eth0 | grep -q ' 198.18.0.100/24 ' || echo gone
grep -q resident /proc/1/cmdline && [ "$at" != rest ] && at=rest && rests=$((rests+1)); grep -q resident /proc/1/cmdline || at=work; done
[ $((rests)) -ge 2 ] && echo rests; ip route show default`
	const undone = "WARN exec: eth0: dhcp: nobody renews the lease of 198.18.0.100/24, which ends at "
	for behaviour, stays := range map[string]bool{"stays": true, "becomes the command": false} {
		t.Run(behaviour, func(t *testing.T) {
			t.Parallel()
			payload := zonePayload(t, with(shell(script), map[string]any{"docker:init": stays}), nics)
			r := cmdtest.Run(t, booting(t, root, "--log", "--lease", "5s", payload))
			if r.Status != 0 || r.Stdout != map[bool]string{true: "rests\n"}[stays]+"default via 198.18.0.1 dev eth0 proto static \n" || strings.Contains(r.Stderr, undone) == stays || strings.Contains(r.Stderr, "ERROR") {
				t.Errorf("status %d\n%s\n%s", r.Status, r.Stdout, r.Stderr)
			}
		})
	}
}
