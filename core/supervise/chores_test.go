package supervise

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"dockerinit/core/process"
)

// A chore is due a while after it was done, and takes some time.
type fakeChore struct {
	os           *fakeOS
	name         string
	every, takes time.Duration
	times        int // 0: for ever
	due          time.Time
}

func (c *fakeChore) Due() time.Time { return c.due }
func (c *fakeChore) Undone() string { return "" }

func (c *fakeChore) State(now time.Time) []byte {
	if c.due.IsZero() {
		return []byte(c.name)
	}
	return fmt.Appendf(nil, "%s %d", c.name, c.due.Sub(now))
}

// resume gives another run a chore by its state.
func (f *fakeOS) resume(state []byte, then time.Time) (Chore, error) {
	name, due, is := strings.Cut(string(state), " ")
	i := slices.IndexFunc(f.made, func(c Chore) bool { return c.(*fakeChore).name == name })
	c := *f.made[i].(*fakeChore)
	if c.due = (time.Time{}); is {
		n, err := strconv.Atoi(due)
		if err != nil {
			return nil, err
		}
		c.due = then.Add(time.Duration(n))
	}
	f.made[i] = &c
	return &c, nil
}

func (c *fakeChore) Do(ctx context.Context) {
	c.os.line("%s begins", c.name)
	select {
	case <-time.After(c.takes):
	case <-ctx.Done():
		return
	}
	c.os.line("%s is done", c.name)
	if c.due = time.Now().Add(c.every); c.times == 1 {
		c.due = time.Time{}
	}
	c.times--
}

// What is due is done beside all else, also while the command is to start again.
func TestChores(t *testing.T) {
	const s = time.Second
	f := &fakeOS{runs: []run{{lasts: 3500 * time.Millisecond, ends: process.Exit{Status: 1}}, {lasts: 70 * s}}}
	f.chores = func(f *fakeOS) []Chore {
		return []Chore{
			&fakeChore{os: f, name: "a", every: 2 * s, takes: 3 * s, times: 2, due: time.Now().Add(s)},
			&fakeChore{os: f, name: "b", every: 100 * s, times: 1, due: time.Now().Add(3550 * time.Millisecond)},
			&fakeChore{os: f, name: "c", every: 30 * s, takes: s, due: time.Now().Add(20 * s)},
			&fakeChore{os: f, name: "never"},
		}
	}
	const want = `0s start 101
1s a begins
2s kill 10 101
3.5s report 1 1
3.55s b begins
3.55s b is done
3.6s start 102
4s a is done
6s a begins
9s a is done
20s c begins
21s c is done
51s c begins
52s c is done
1m13.6s report 1 0
1m13.6s end 0 <nil>
`
	f.runs[0].ignores = " 10 "
	if got := stay(t, f, restarting("on-failure", 1), signalAt(2*s, 10)); got != want {
		t.Errorf("\n got\n%s\nwant\n%s", got, want)
	}
}
