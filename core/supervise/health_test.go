package supervise

import (
	"errors"
	"testing"
	"time"

	"dockerinit/core/process"
	"dockerinit/core/zone"
)

// checking has Docker's defaults but for what change says.
func checkedBy(change func(*zone.HealthCheck)) zone.Supervise {
	return policy(func(p *zone.Supervise) {
		p.Health = &zone.HealthCheck{
			Test: []string{"test"}, Interval: 30 * time.Second, Timeout: 30 * time.Second, StartInterval: 5 * time.Second, Retries: 3,
		}
		if change != nil {
			change(p.Health)
		}
	})
}

// A restart of the command begins the start period anew, and the word for it. The
// check that runs is about nothing then.
func TestHealthOfACommandThatIsRestarted(t *testing.T) {
	const s = time.Second
	p := checkedBy(func(h *zone.HealthCheck) { h.Interval, h.StartPeriod, h.StartInterval = 4*s, 7*s, s })
	p.Restart = zone.Restart{Policy: "on-failure", Max: 1}
	f := &fakeOS{
		runs:   []run{{lasts: 12 * s, ends: process.Exit{Status: 1}}, {lasts: 11500 * time.Millisecond}},
		checks: []check{{takes: s}, {takes: s}, {}, {takes: s, ends: process.Exit{Status: 1}}},
	}
	const want = `0s start 101
0s report 0 starting
1s check ["test"]
6s check ["test"]
10s report 0 healthy
11s check ["test"]
12s kill 9 1003 and its group
12.1s start 102
13.1s check ["test"]
15.1s check ["test"]
19.1s check ["test"]
20s report 1 1 starting
23.6s report 1 0 starting
23.6s end 0 <nil>
`
	if got := stay(t, f, p); got != want {
		t.Errorf("\n got\n%s\nwant\n%s", got, want)
	}
}

func TestHealth(t *testing.T) {
	const s = time.Second
	works, fails := check{takes: s}, check{takes: s, ends: process.Exit{Status: 1}, says: "no\nanswer"}
	starts := func(period time.Duration) zone.Supervise {
		return checkedBy(func(h *zone.HealthCheck) { h.StartPeriod = period })
	}
	const begins = "0s start 101\n0s report 0 starting\n"
	const failed = `unhealthy: the health check failed, 3 of 3: it ended with status 1: "no\nanswer"` + "\n"
	for _, tt := range []struct {
		behaviour string
		lasts     time.Duration // of the command
		checks    []check
		policy    zone.Supervise
		want      string
	}{
		{"the first check is one interval after the start, the next one an interval after its end", 80 * s, []check{works}, checkedBy(nil),
			begins + "30s check [\"test\"]\n31s report 0 healthy\n1m1s check [\"test\"]\n1m20s end 0 <nil>\n"},
		{"unhealthy after as many failures as Retries, one after another", 100 * s, []check{fails}, checkedBy(nil),
			begins + "30s check [\"test\"]\n1m1s check [\"test\"]\n1m32s check [\"test\"]\n1m33s warn: " + failed + "1m33s report 0 unhealthy\n1m40s end 0 <nil>\n"},
		{"a success between them begins the count anew", 160 * s, []check{fails, fails, works, fails}, checkedBy(nil),
			begins + "30s check [\"test\"]\n1m1s check [\"test\"]\n1m32s check [\"test\"]\n1m33s report 0 healthy\n2m3s check [\"test\"]\n2m34s check [\"test\"]\n2m40s end 0 <nil>\n"},
		{"one success makes up for all", 140 * s, []check{fails, fails, fails, works}, checkedBy(nil),
			begins + "30s check [\"test\"]\n1m1s check [\"test\"]\n1m32s check [\"test\"]\n1m33s warn: " + failed +
				"1m33s report 0 unhealthy\n2m3s check [\"test\"]\n2m4s report 0 healthy\n2m20s end 0 <nil>\n"},
		{"in the start period it is asked more often, and failures do not count", 50 * s, []check{fails, fails, works}, starts(40 * s),
			begins + "5s check [\"test\"]\n11s check [\"test\"]\n40s check [\"test\"]\n41s report 0 healthy\n50s end 0 <nil>\n"},
		{"a failure that began in it does not count either", 130 * s, []check{{takes: 28 * s, ends: process.Exit{Status: 1}}, fails}, starts(32 * s),
			begins + "5s check [\"test\"]\n1m3s check [\"test\"]\n1m34s check [\"test\"]\n2m5s check [\"test\"]\n2m6s warn: " + failed + "2m6s report 0 unhealthy\n2m10s end 0 <nil>\n"},
		{"after a success failures count, also in the start period", 15 * s, []check{works, {takes: s, ends: process.Exit{Signal: 11}}},
			checkedBy(func(h *zone.HealthCheck) {
				h.StartPeriod, h.Interval, h.StartInterval, h.Retries = 60*s, 2*s, s, 2
			}),
			begins + "1s check [\"test\"]\n4s check [\"test\"]\n7s check [\"test\"]\n" +
				"8s warn: unhealthy: the health check failed, 2 of 2: it ended with signal 11 (segmentation fault)\n" +
				"10s check [\"test\"]\n10s report 0 unhealthy\n13s check [\"test\"]\n15s end 0 <nil>\n"},
		{"one that takes too long is killed with its group, and has failed", 70 * s, []check{{says: "wait"}}, checkedBy(func(h *zone.HealthCheck) { h.Retries, h.Timeout = 1, 2*s }),
			begins + "30s check [\"test\"]\n32s kill 9 1001 and its group\n" +
				"32s warn: unhealthy: the health check failed, 1 of 1: it took longer than 2s: \"wait\"\n" +
				"32s report 0 unhealthy\n1m2s check [\"test\"]\n1m4s kill 9 1002 and its group\n1m10s end 0 <nil>\n"},
		{"one that cannot be killed is left, and none is started beside it until it has ended", 200 * s, []check{{takes: 100 * s, stays: true}, works},
			checkedBy(func(h *zone.HealthCheck) { h.Retries = 2 }),
			begins + "30s check [\"test\"]\n1m0s kill 9 1001 and its group\n" +
				"1m32s warn: unhealthy: the health check failed, 2 of 2: it was not started: the one before it was killed and has not ended\n" +
				"1m32s report 0 unhealthy\n2m32s check [\"test\"]\n2m33s report 0 healthy\n3m3s check [\"test\"]\n3m20s end 0 <nil>\n"},
		{"one that cannot be started has failed", 70 * s, []check{{fails: errors.New("no memory")}}, checkedBy(func(h *zone.HealthCheck) { h.Retries = 2 }),
			begins + "30s check [\"test\"]\n1m0s check [\"test\"]\n1m0s warn: unhealthy: the health check failed, 2 of 2: it could not be started: no memory\n1m0s report 0 unhealthy\n1m10s end 0 <nil>\n"},
	} {
		t.Run(tt.behaviour, func(t *testing.T) {
			f := &fakeOS{runs: []run{{lasts: tt.lasts}}, checks: tt.checks}
			if got := stay(t, f, tt.policy); got != tt.want {
				t.Errorf("\n got\n%s\nwant\n%s", got, tt.want)
			}
		})
	}
}
