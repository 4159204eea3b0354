//go:build linux

package rtnl

import (
	"bufio"
	"fmt"
	"io"
	"net/netip"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"dockerinit/core/zone"
	"dockerinit/platform_fake/bench"
)

// Each figure stands beside that of ip -batch, which does the same in a namespace
// like it, after it has started. Ours has the socket's opening in it, and that IPv6 addresses can be used.

func BenchmarkAddresses(b *testing.B) {
	for _, n := range []int{1, 8, 64, 256} {
		var addresses []string
		for i := range n {
			addresses = append(addresses, fmt.Sprintf("10.%d.%d.5/24", i/200, i%200))
		}
		compare(b, n, network(nic("eth0", addresses...)))
	}
}

func BenchmarkIPv6Addresses(b *testing.B) {
	for _, n := range []int{1, 8, 64} {
		var addresses []string
		for i := range n {
			addresses = append(addresses, fmt.Sprintf("fd00:0:0:%x::5/64", i))
		}
		compare(b, n, network(nic("eth0", addresses...)))
	}
}

func BenchmarkRoutes(b *testing.B) {
	for _, n := range []int{1, 10, 1000} {
		z := network(nic("eth0", "10.0.0.5/24"))
		for i := range n {
			z.Routes = append(z.Routes, via(fmt.Sprintf("172.%d.%d.0/24", 16+i/250, i%250), "10.0.0.1"))
		}
		compare(b, n, z)
	}
}

// BenchmarkZone is a busy zone's network: 8 addresses and 10 routes.
func BenchmarkZone(b *testing.B) {
	z := network(nic("eth0"))
	for i := range 8 {
		z.NICs[0].Addresses = append(z.NICs[0].Addresses, netip.MustParsePrefix(fmt.Sprintf("10.0.%d.5/24", i)))
	}
	for i := range 10 {
		z.Routes = append(z.Routes, via(fmt.Sprintf("172.16.%d.0/24", i), "10.0.0.1"))
	}
	compare(b, 18, z)
}

// compare configures the zone in a fresh namespace each time, and lets ip do the
// same in another.
func compare(b *testing.B, n int, z zone.Network) {
	b.Run(fmt.Sprint(n), func(b *testing.B) {
		routes := z.Ordered()
		commands := batch(z, routes)
		bench.Beside(b, bench.Side{Name: "ours", Run: func() (took time.Duration) {
			inLab(b, func(lab *lab) {
				start := time.Now()
				configure(b, lab.open(), z.NICs, routes)
				took = time.Since(start)
			})
			return took
		}}, bench.Side{Name: "ip", Run: func() (took time.Duration) {
			inLab(b, func(*lab) { took = timeIP(b, commands) })
			return took
		}})
	})
}

func configure(b *testing.B, s *Stack, nics []zone.NIC, routes []zone.Route) {
	for _, nic := range nics {
		if err := s.Configure(b.Context(), nic); err != nil {
			b.Fatal(err)
		}
	}
	for _, r := range routes {
		if err := s.AddRoute(b.Context(), r); err != nil {
			b.Fatal(err)
		}
	}
}

// inLab calls do in a lab of its own, on a goroutine of its own, because a lab
// lasts as long as that.
func inLab(b *testing.B, do func(*lab)) {
	b.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		do(newLab(b, "eth0"))
	}()
	<-done
	if b.Failed() || b.Skipped() {
		b.FailNow()
	}
}

// timeIP is the time from when a waiting ip is given the commands to when it has
// done them. It shows lo when it waits, and once more at the end.
func timeIP(b *testing.B, commands string) time.Duration {
	cmd := exec.Command("ip", "-o", "-batch", "-")
	stdin, err := cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	const show = "link show lo\n"
	shown := bufio.NewReader(stdout)
	ask := func(commands string) {
		if _, err := io.WriteString(stdin, commands+show); err != nil {
			b.Fatal(err)
		}
		if _, err := shown.ReadString('\n'); err != nil {
			b.Fatal(err)
		}
	}
	ask("")
	start := time.Now()
	ask(commands)
	took := time.Since(start)
	stdin.Close()
	if err := cmd.Wait(); err != nil {
		b.Fatal(err)
	}
	return took
}

// batch are the commands of ip that configure the zone.
func batch(z zone.Network, routes []zone.Route) string {
	var text strings.Builder
	for _, nic := range z.NICs {
		fmt.Fprintf(&text, "link set %s up\n", nic.Interface)
		for _, a := range nic.Addresses {
			how := "brd +"
			if a.Addr().Is6() {
				how = "nodad"
			}
			fmt.Fprintf(&text, "addr add %s dev %s %s\n", a, nic.Interface, how)
		}
	}
	for _, r := range routes {
		fmt.Fprintf(&text, "route append %s via %s dev %s proto static\n", r.Dst, r.Gateway, r.Interface)
	}
	return text.String()
}
