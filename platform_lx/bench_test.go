//go:build linux

package lx

import (
	"testing"
	"time"

	"dockerinit/platform_fake/bench"
)

// The real programs, from their first instruction to that of a command which has
// no library, in namespaces of their own with two NICs, beside those that
//   - ask the host in the C programs' way and do nothing else (onebyone),
//   - are written in Go and do nothing at all (hello).

const (
	initPath = "/sbin.zone/dockerinit"
	execPath = "/dockerexec"
)

// turns are the hosts: an idle one, and two that are busy.
var turns = []struct {
	name string
	each time.Duration
}{{"at once", 0}, {"0.3 ms a turn", 300 * time.Microsecond}, {"1 ms a turn", time.Millisecond}}

// A measured side of a benchmark remembers more than the time.
type measured struct {
	z      *benchZone
	argv   []string
	faults []time.Duration // a number each, for bench.Median
	turns  int64
}

func (m *measured) run() time.Duration {
	before := m.z.host.Taken()
	c := m.z.once(m.argv...)
	m.turns = m.z.host.Taken() - before
	m.faults = append(m.faults, time.Duration(c.to.Faults-c.from.Faults))
	return c.took()
}

func (m *measured) medianFaults() float64 { return float64(bench.Median(m.faults)) }

func BenchmarkStart(b *testing.B) { startBeside(b, busyKeys, initPath) }

func BenchmarkDockerexec(b *testing.B) { startBeside(b, execKeys, execPath, "--", "/stamp") }

func startBeside(b *testing.B, keys []string, argv ...string) {
	for _, host := range turns {
		b.Run(host.name, func(b *testing.B) {
			z := newBenchZone(b, host.each)
			ours := measured{z: z, argv: argv}
			model := measured{z: z, argv: onebyone(keys)}
			hello := measured{z: z, argv: []string{"/hello"}}
			bench.Beside(b, bench.Side{Name: "ours", Run: ours.run},
				bench.Side{Name: "C", Run: model.run}, bench.Side{Name: "hello", Run: hello.run})
			b.ReportMetric(ours.medianFaults()-hello.medianFaults(), "faults-over-hello")
			b.ReportMetric(float64(ours.turns), "turns")
			b.ReportMetric(float64(model.turns), "C-turns")
		})
	}
}

// BenchmarkLinked is dockerinit with all that it links, which does nothing.
func BenchmarkLinked(b *testing.B) {
	z := newBenchZone(b, 0)
	ours := measured{z: z, argv: []string{"/idle"}}
	hello := measured{z: z, argv: []string{"/hello"}}
	bench.Beside(b, bench.Side{Name: "ours", Run: ours.run}, bench.Side{Name: "hello", Run: hello.run})
	b.ReportMetric(ours.medianFaults()-hello.medianFaults(), "faults-over-hello")
}
