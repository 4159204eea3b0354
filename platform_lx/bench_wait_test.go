//go:build linux

package lx

import (
	"context"
	"errors"
	"os"
	"strconv"
	"testing"
	"time"

	"dockerinit/platform_fake/bench"
)

// BenchmarkAttach is from when the host lets an attach go on to the command's
// first instruction, at moments that have nothing to do with when we look.
func BenchmarkAttach(b *testing.B) {
	const key = "docker:wait_for_attach"
	z := newBenchZone(b, 0)
	var took []time.Duration
	for b.Loop() {
		z.store.Set(key, strconv.FormatInt(time.Now().Add(time.Minute).UnixMilli(), 10))
		s := z.begin(nil, initPath)
		z.waitTold(b, "__dockerinit_waiting_for_attach")
		time.Sleep(50*time.Millisecond + time.Duration(len(took)%20)*time.Millisecond)
		released := now()
		z.store.Unset(key)
		took = append(took, s.end().to.At-released)
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(milliseconds(bench.Mean(took)), "mean-ms")
}

// waitTold waits until the zone has written the key.
func (z *benchZone) waitTold(b *testing.B, key string) {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.Context(), patience)
	defer cancel()
	for {
		_, ok, err := z.store.Get(key)
		must(b, errors.Join(err, ctx.Err()))
		if ok {
			return
		}
		time.Sleep(time.Millisecond)
	}
}

// BenchmarkLateConsole is from when the last device of the console is there, so
// much later than a boot had needed it, to the command's first instruction.
func BenchmarkLateConsole(b *testing.B) {
	for _, late := range []time.Duration{time.Millisecond, 10 * time.Millisecond, 100 * time.Millisecond, 400 * time.Millisecond} {
		b.Run(late.String(), func(b *testing.B) {
			z := newBenchZone(b, 0)
			node, aside := z.root+"/dev/zfd/2", z.root+"/late"
			var whole []time.Duration
			for range 10 {
				whole = append(whole, z.once(initPath).took())
			}
			usual := bench.Median(whole)
			var over []time.Duration
			for b.Loop() {
				must(b, os.Rename(node, aside))
				s := z.begin(nil, initPath)
				from, err := readStamp(s.begun)
				must(b, err)
				time.Sleep(from.At + usual + late - now())
				there := now()
				must(b, os.Rename(aside, node))
				over = append(over, s.endFrom(from).to.At-there)
			}
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(milliseconds(bench.Median(over)), "over-ms") // a boot that was slow itself counts for little
			b.ReportMetric(milliseconds(min(max(time.Millisecond, late/4), 50*time.Millisecond)), "goal-ms")
		})
	}
}

func milliseconds(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1e6 }

// BenchmarkStorm is a hundred zones at once, as after a host's own boot, next to
// the same hundred one by one. All of them ask one host.
func BenchmarkStorm(b *testing.B) {
	const zones = 100
	var all []*benchZone
	for range zones {
		all = append(all, newBenchZone(b, 0))
	}
	for b.Loop() {
		var alone, together, aloneCPU, togetherCPU time.Duration
		for _, z := range all {
			c := z.once(initPath)
			alone += c.took()
			aloneCPU += c.to.CPU - c.from.CPU
		}
		gate, open, err := os.Pipe()
		must(b, err)
		var starts []*start
		for _, z := range all {
			starts = append(starts, z.begin(gate, initPath))
		}
		gate.Close()
		for _, s := range starts {
			s.awaitGate()
		}
		begun := now()
		open.Close()
		for _, s := range starts {
			c := s.end()
			together = max(together, c.to.At-begun)
			togetherCPU += c.to.CPU - c.from.CPU
		}
		b.ReportMetric(0, "ns/op")
		b.ReportMetric(milliseconds(together)/zones, "ms/zone")
		b.ReportMetric(float64(together)/float64(alone), "of-one-by-one")
		b.ReportMetric(milliseconds(togetherCPU)/zones, "cpu-ms/zone")
		b.ReportMetric(float64(togetherCPU)/float64(aloneCPU), "cpu-of-one-by-one")
	}
}
