package bench

import (
	"slices"
	"testing"
	"time"
)

// leastRounds is from where a median is worth telling.
const leastRounds = 25

// A Side is one of those that are compared. Run does the thing once and tells
// how long it took, without what had to be made ready for it.
type Side struct {
	Name string
	Run  func() time.Duration
}

// Beside runs ours and its peers in turn, round after round, so that whatever else
// the machine is busy with meets all of them. It reports the median of each in
// microseconds, and ours as a multiple of each peer's.
func Beside(b *testing.B, ours Side, peers ...Side) {
	b.Helper()
	sides := append([]Side{ours}, peers...)
	took := make([][]time.Duration, len(sides))
	round := func() {
		for i, s := range sides {
			took[i] = append(took[i], s.Run())
		}
	}
	for b.Loop() {
		round()
	}
	for len(took[0]) < leastRounds {
		round()
	}
	own := Median(took[0])
	b.ReportMetric(0, "ns/op") // of the whole round, with all preparations
	b.ReportMetric(microseconds(own), ours.Name+"-µs")
	for i, s := range peers {
		theirs := Median(took[i+1])
		b.ReportMetric(microseconds(theirs), s.Name+"-µs")
		b.ReportMetric(float64(own)/float64(theirs), "of-"+s.Name)
	}
}

// Median is the middle one of the values, which it sorts.
func Median(all []time.Duration) time.Duration {
	slices.Sort(all)
	return all[len(all)/2]
}

// Mean is the mean of the values.
func Mean(all []time.Duration) time.Duration {
	var sum time.Duration
	for _, d := range all {
		sum += d
	}
	return sum / time.Duration(len(all))
}

func microseconds(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1e3 }
