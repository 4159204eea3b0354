package supervise

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"dockerinit/core/bootlog"
	"dockerinit/core/process"
	"dockerinit/core/zone"
)

// A fakeOS runs no command. Each run is a script: what it does with a signal,
// and when and how it ends by itself. All that happens is a line with its time.
type fakeOS struct {
	begun  time.Time
	events chan Event
	mu     *sync.Mutex // held while something is said
	said   strings.Builder

	runs   []run // the last one again and again
	starts int
	pid    int
	over   chan process.Exit // the end of the run under way
	ended  chan struct{}     // the container has
	silent bool              // since then
	chores func(*fakeOS) []Chore
	made   []Chore
	checks []check // the last one again and again
	asked  int
	check  chan process.Exit // the end of the check under way
	rest   int               // other processes of the zone
	stays  bool              // which only SIGKILL ends
	undead time.Duration     // and even that takes so long
	dead   time.Time
	daemon bool // process 40, which is there before the command

	driver *driver // a log driver, process 50
}

// A driver takes a while to read what is left when the command has ended, and
// ends at SIGTERM, unless it does not.
type driver struct {
	reads   time.Duration // from its first look on; negative: for ever
	ignores bool
	tied    bool
	since   time.Time
	gone    atomic.Bool
}

func (f *fakeOS) Unread(all ...*os.File) int {
	if slices.Contains(all, nil) {
		panic("a stream that is not there cannot be asked")
	}
	d := f.driver
	if d.since.IsZero() {
		d.since = time.Now()
	}
	switch left := d.reads - time.Since(d.since); {
	case d.gone.Load():
		return 0
	case d.reads < 0:
		return 512
	default:
		return max(0, int(left.Milliseconds()))
	}
}

// A check is one run of the health check.
type check struct {
	takes time.Duration // 0: for ever
	ends  process.Exit
	says  string
	stays bool // also after SIGKILL, until it ends by itself
	fails error
}

// A run is one life of the command.
type run struct {
	lasts   time.Duration // 0: for ever
	ends    process.Exit
	ignores string // signals, by number
	fails   error  // it cannot be started
}

func (f *fakeOS) line(format string, args ...any) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.silent {
		return
	}
	fmt.Fprintf(&f.said, "%v ", time.Since(f.begun))
	fmt.Fprintf(&f.said, format+"\n", args...)
}

func (f *fakeOS) Watch() <-chan Event { return f.events }

func (f *fakeOS) Start(context.Context, process.Command) (int, error) {
	r := f.runs[min(f.starts, len(f.runs)-1)]
	f.starts++
	if r.fails != nil {
		return 0, r.fails
	}
	f.pid = 100 + f.starts
	f.line("start %d", f.pid)
	pid, over := f.pid, make(chan process.Exit, 1)
	f.over = over
	var timer <-chan time.Time
	if r.lasts > 0 {
		timer = time.After(r.lasts)
	}
	go func() {
		end := r.ends
		select {
		case <-timer:
		case end = <-over:
		case <-f.ended:
			return
		}
		f.send(Event{Pid: pid, Exit: end})
	}()
	return f.pid, nil
}

func (f *fakeOS) Check(cmd process.Command) (int, error) {
	c := f.checks[min(f.asked, len(f.checks)-1)]
	f.asked++
	if f.line("check %q", cmd.Args); c.fails != nil {
		return 0, c.fails
	}
	pid, over := 1000+f.asked, make(chan process.Exit, 1)
	if f.check = over; c.stays {
		f.check = nil
	}
	var timer <-chan time.Time
	if c.takes > 0 {
		timer = time.After(c.takes)
	}
	go func() {
		end := c.ends
		select {
		case <-timer:
		case end = <-over:
		case <-f.ended:
			return
		}
		f.send(Event{Pid: pid, Exit: end, Said: c.says})
	}()
	return pid, nil
}

func (f *fakeOS) end(end process.Exit, err error) {
	f.line("end %d %v", end.Code(), err)
	f.mu.Lock()
	f.silent = true
	f.mu.Unlock()
	close(f.ended)
}

// send is too late for a container that has ended.
func (f *fakeOS) send(e Event) {
	if f.driver != nil && e.Pid == 50 {
		f.driver.gone.Store(true)
	}
	select {
	case f.events <- e:
	case <-f.ended:
	}
}

func (f *fakeOS) Kill(pid int, group bool, n syscall.Signal) {
	f.line("kill %d %d%s", n, pid, map[bool]string{true: " and its group"}[group])
	if pid > 1000 {
		select {
		case f.check <- process.Exit{Signal: int(n)}:
		default: // it stays, or is ending
		}
		return
	}
	r := f.runs[min(f.starts-1, len(f.runs)-1)]
	if pid != f.pid || harmless(n) || strings.Contains(r.ignores, fmt.Sprintf(" %d ", n)) && n != syscall.SIGKILL {
		return
	}
	select {
	case f.over <- process.Exit{Signal: int(n)}:
	default: // it is ending
	}
}

func (f *fakeOS) KillAll(n syscall.Signal, spared ...int) bool {
	if reached(f.dead) {
		f.rest = 0
	}
	all, d := f.rest, f.driver
	if f.daemon && !slices.Contains(spared, 40) {
		all++
	}
	if d != nil && !d.gone.Load() && !slices.Contains(spared, 50) {
		all++
		d.gone.Store(n != 0 && !d.ignores)
	}
	if n != 0 && all > 0 {
		if n != syscall.SIGKILL || f.dead.IsZero() { // else it has been said
			f.line("kill %d all %d", n, all)
		}
		switch {
		case n == syscall.SIGKILL && f.dead.IsZero():
			f.dead = time.Now().Add(f.undead)
		case n == syscall.SIGKILL:
		case !f.stays:
			f.rest = 0
		}
		if reached(f.dead) {
			f.rest = 0
		}
	}
	return all > 0
}

func (f *fakeOS) Sessions() (all []int) {
	if f.daemon {
		all = append(all, 40)
	}
	return all
}

func (f *fakeOS) Number(s zone.Signal) (syscall.Signal, bool) {
	n, ok := map[zone.Signal]syscall.Signal{"TERM": 15, "INT": 2, "USR1": 10}[s]
	return n, ok
}

// at is what comes from outside, and when.
type at struct {
	after time.Duration
	event Event
}

func signalAt(d time.Duration, n syscall.Signal) at { return at{d, Event{Signal: n}} }

func policy(change func(*zone.Supervise)) zone.Supervise {
	p := zone.Supervise{Stay: true, StopSignal: "TERM", StopTimeout: 10 * time.Second, Restart: zone.Restart{Policy: "no"}}
	if change != nil {
		change(&p)
	}
	return p
}

func restarting(name string, most int) zone.Supervise {
	return policy(func(p *zone.Supervise) { p.Restart = zone.Restart{Policy: name, Max: most} })
}

// stay runs to the end and returns all that happened: which has to be the same
// where it is one run after another, with rests between them.
func stay(t *testing.T, f *fakeOS, p zone.Supervise, outside ...at) string {
	return stayAfter(t, zone.Report{}, f, p, outside...)
}

// stayAfter is the same in a zone of which the host was told something before.
func stayAfter(t *testing.T, told zone.Report, f *fakeOS, p zone.Supervise, outside ...at) string {
	t.Helper()
	rests := &restingOS{fakeOS: f.another()}
	said := stayOn(t, f, f, told, p, outside)
	if got := stayOn(t, rests.fakeOS, rests, told, p, outside); got != said {
		t.Errorf("with %d rests it is something else\n got\n%s\nwant\n%s", rests.rests, got, said)
	}
	return said
}

func stayOn(t *testing.T, f *fakeOS, system OS, told zone.Report, p zone.Supervise, outside []at) string {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		f.begun, f.events, f.ended, f.mu = time.Now(), make(chan Event), make(chan struct{}), new(sync.Mutex)
		fate := map[int]string{}
		if f.driver != nil {
			fate[50] = "the log driver"
		}
		for _, o := range outside {
			go func() {
				select {
				case <-time.After(o.after):
					f.send(o.event)
				case <-f.ended:
				}
			}()
		}
		if f.chores != nil {
			f.made = f.chores(f)
		}
		o := Options{
			Policy: p, Told: told, Fate: fate, Tied: f.driver != nil && f.driver.tied, Chores: slices.Clone(f.made),
			Say: func(level bootlog.Level, text string) {
				if level >= bootlog.LevelWarn && !strings.Contains(text, ": restart ") {
					f.line("warn: %s", text)
				}
			},
			Report: func(was, is zone.Report) {
				if was == is {
					t.Error("nothing has changed")
				}
				f.line("report %s", strings.Join(strings.Fields(fmt.Sprint(cmp.Or(is.Restarts, "0"), " ", is.LastExit, " ", is.Health)), " "))
			},
		}
		if r, can := system.(*restingOS); can {
			r.run = func() (process.Exit, error) {
				return Run(t.Context(), r, Options{Say: o.Say, Report: o.Report, Resume: f.resume})
			}
		}
		go func() { f.end(Run(t.Context(), system, o)) }()
		<-f.ended
	})
	return f.said.String()
}

func TestRun(t *testing.T) {
	const s = time.Second
	for _, tt := range []struct {
		behaviour string
		os        *fakeOS
		policy    zone.Supervise
		outside   []at
		want      string
	}{
		{"t1 it ends as the command ends, at once", &fakeOS{runs: []run{{lasts: s, ends: process.Exit{Status: 7}}}}, policy(nil), nil,
			"0s start 101\n1s end 7 <nil>\n"},
		{"d7 128+N for signal N", &fakeOS{runs: []run{{lasts: s, ends: process.Exit{Signal: 9}}}}, policy(nil), nil,
			"0s start 101\n1s end 137 <nil>\n"},
		{"the end of an orphan is nobody's", &fakeOS{runs: []run{{lasts: 2 * s}}}, policy(nil), []at{{s, Event{Pid: 77, Exit: process.Exit{Status: 3}}}},
			"0s start 101\n2s end 0 <nil>\n"},
		{"d8 signals are forwarded in order", &fakeOS{runs: []run{{}}}, policy(nil), []at{signalAt(s, 28), signalAt(2*s, 18), signalAt(3*s, 10)},
			"0s start 101\n1s kill 28 101\n2s kill 18 101\n3s kill 10 101\n3s end 138 <nil>\n"},
		{"t6 with docker:init_group to the whole group", &fakeOS{runs: []run{{}}}, policy(func(p *zone.Supervise) { p.Group = true }), []at{signalAt(s, 10)},
			"0s start 101\n1s kill 10 101 and its group\n1s end 138 <nil>\n"},
		{"a wish to stop is the stop signal", &fakeOS{runs: []run{{}}}, policy(func(p *zone.Supervise) { p.StopSignal = "INT" }), []at{signalAt(s, 15)},
			"0s start 101\n1s kill 2 101\n1s end 130 <nil>\n"},
		{"a stop signal that the system lacks is TERM", &fakeOS{runs: []run{{}}}, policy(func(p *zone.Supervise) { p.StopSignal = "EMT" }), []at{signalAt(s, 15)},
			"0s warn: docker:stopsignal \"EMT\": this system has no such signal; SIGTERM is sent\n0s start 101\n1s kill 15 101\n1s end 143 <nil>\n"},
		{"a command that ignores it is killed after docker:stoptimeout, however often it is asked", &fakeOS{runs: []run{{ignores: " 15 "}}}, policy(nil),
			[]at{signalAt(s, 15), signalAt(6*s, 15)},
			"0s start 101\n1s kill 15 101\n6s kill 15 101\n11s warn: the command has not stopped within 10s: SIGKILL\n11s kill 9 101\n11s end 137 <nil>\n"},
		{"a timeout of 0 kills at once", &fakeOS{runs: []run{{}}}, policy(func(p *zone.Supervise) { p.StopTimeout = 0 }), []at{signalAt(s, 15)},
			"0s start 101\n1s kill 9 101\n1s end 137 <nil>\n"},
		{"a negative one waits for ever", &fakeOS{runs: []run{{lasts: 100 * 3600 * s, ignores: " 15 "}}}, policy(func(p *zone.Supervise) { p.StopTimeout = -s }), []at{signalAt(s, 15)},
			"0s start 101\n1s kill 15 101\n100h0m0s end 0 <nil>\n"},
		{"without docker:init_grace nobody waits for the rest", &fakeOS{runs: []run{{lasts: s}}, rest: 3}, policy(nil), nil,
			"0s start 101\n1s end 0 <nil>\n"},
		{"d2 c5 with it the rest is asked to end", &fakeOS{runs: []run{{lasts: s}}, rest: 3}, policy(func(p *zone.Supervise) { p.Grace = 5 * s }), nil,
			"0s start 101\n1s kill 15 all 3\n1s end 0 <nil>\n"},
		{"and killed when it is over", &fakeOS{runs: []run{{lasts: s}}, rest: 3, stays: true}, policy(func(p *zone.Supervise) { p.Grace = 5 * s }), nil,
			"0s start 101\n1s kill 15 all 3\n6s warn: processes are left after docker:init_grace (5s): SIGKILL\n6s kill 9 all 3\n6s end 0 <nil>\n"},
		{"before a restart it is killed, but for what was there before the command", &fakeOS{runs: []run{{lasts: s}, {}}, rest: 3, daemon: true}, restarting("always", 0), []at{signalAt(2*s, 15)},
			"0s start 101\n1s report 1 0\n1s kill 9 all 3\n1.1s start 102\n2s kill 15 102\n2s report 1 143\n2s end 143 <nil>\n"},
		{"and a log driver", &fakeOS{runs: []run{{lasts: s}, {}}, rest: 3, driver: &driver{}}, restarting("always", 0), []at{{2 * s, Event{Pid: 50}}},
			"0s start 101\n1s report 1 0\n1s kill 9 all 3\n1.1s start 102\n2s end 0 the log driver ended with status 0: the container ends with it\n"},
		{"whose end is not missed meanwhile", &fakeOS{runs: []run{{lasts: s}}, rest: 3, undead: s, driver: &driver{}}, restarting("always", 0), []at{{s + 500*time.Millisecond, Event{Pid: 50}}},
			"0s start 101\n1s report 1 0\n1s kill 9 all 3\n1.5s end 0 the log driver ended with status 0: the container ends with it\n"},
		{"nor is a wish to stop", &fakeOS{runs: []run{{lasts: s}}, rest: 3, undead: s}, restarting("always", 0), []at{signalAt(s+500*time.Millisecond, 15)},
			"0s start 101\n1s report 1 0\n1s kill 9 all 3\n1.5s end 0 <nil>\n"},
		{"it is asked first with docker:init_grace", &fakeOS{runs: []run{{lasts: s}, {}}, rest: 3, stays: true}, policy(func(p *zone.Supervise) { p.Grace = 5 * s; p.Restart.Policy = "always" }), []at{signalAt(7*s, 15)},
			"0s start 101\n1s report 1 0\n1s kill 15 all 3\n6s kill 9 all 3\n6.001s start 102\n7s kill 15 102\n7s report 1 143\n7s end 143 <nil>\n"},
		{"what a kernel keeps is left to it", &fakeOS{runs: []run{{lasts: s}, {}}, rest: 3, undead: 3600 * s}, restarting("always", 0), []at{signalAt(4*s, 15)},
			"0s start 101\n1s report 1 0\n1s kill 9 all 3\n3s warn: processes are left 2s after SIGKILL: the command is started beside them\n3s start 102\n4s kill 15 102\n4s report 1 143\n4s end 143 <nil>\n"},
		{"what the kernel keeps at the end is left to it", &fakeOS{runs: []run{{lasts: s}}, rest: 3, stays: true, undead: 3600 * s}, policy(func(p *zone.Supervise) { p.Grace = 5 * s }), nil,
			"0s start 101\n1s kill 15 all 3\n6s warn: processes are left after docker:init_grace (5s): SIGKILL\n6s kill 9 all 3\n8s warn: processes are left 2s after SIGKILL\n8s end 0 <nil>\n"},
		{"a log driver that dies ends the container", &fakeOS{runs: []run{{}}, driver: &driver{}}, policy(nil), []at{{s, Event{Pid: 50, Exit: process.Exit{Signal: 9}}}},
			"0s start 101\n1s end 0 the log driver ended with signal 9 (killed): the container ends with it\n"},
		{"also while the command is to start again", &fakeOS{runs: []run{{lasts: s}}, driver: &driver{}}, restarting("always", 0), []at{{s + 50*time.Millisecond, Event{Pid: 50}}},
			"0s start 101\n1s report 1 0\n1.05s end 0 the log driver ended with status 0: the container ends with it\n"},
		{"a log driver reads to the end, and is asked to end itself", &fakeOS{runs: []run{{lasts: s}}, driver: &driver{reads: 3 * s}}, policy(nil), nil,
			"0s start 101\n4.127s kill 15 all 1\n4.127s end 0 <nil>\n"},
		{"when nobody else can write any more", &fakeOS{runs: []run{{lasts: s}}, rest: 2, driver: &driver{reads: 3 * s}}, policy(nil), nil,
			"0s start 101\n1s kill 9 all 2\n4.127s kill 15 all 1\n4.127s end 0 <nil>\n"},
		{"docker:init_grace is not for it", &fakeOS{runs: []run{{lasts: s}}, rest: 2, driver: &driver{reads: 3 * s}}, policy(func(p *zone.Supervise) { p.Grace = 5 * s }), nil,
			"0s start 101\n1s kill 15 all 2\n4.127s kill 15 all 1\n4.127s end 0 <nil>\n"},
		{"nobody waits for ever for what it does not read", &fakeOS{runs: []run{{lasts: s}}, driver: &driver{reads: -1}}, policy(nil), nil,
			"0s start 101\n11s warn: the log driver has not read all output within 10s: 512 bytes are lost\n11s kill 15 all 1\n11s end 0 <nil>\n"},
		{"nor as long as that in a stop, where it reads nothing", &fakeOS{runs: []run{{}}, driver: &driver{reads: -1}}, policy(nil), []at{signalAt(s, 15)},
			"0s start 101\n1s kill 15 101\n3.027s warn: the log driver has read nothing for 2s, and the zone is to stop: 512 bytes of output are lost\n3.027s kill 15 all 1\n3.027s end 143 <nil>\n"},
		{"but while it reads", &fakeOS{runs: []run{{}}, driver: &driver{reads: 5 * s}}, policy(nil), []at{signalAt(s, 15)},
			"0s start 101\n1s kill 15 101\n6.127s kill 15 all 1\n6.127s end 143 <nil>\n"},
		{"nor for its end", &fakeOS{runs: []run{{lasts: s}}, driver: &driver{ignores: true}}, policy(nil), nil,
			"0s start 101\n1.031s kill 15 all 1\n3.031s end 0 <nil>\n"},
		{"one whose end the kernel makes ours is not asked", &fakeOS{runs: []run{{lasts: s}}, rest: 1, driver: &driver{reads: 3 * s, tied: true}}, policy(nil), nil,
			"0s start 101\n1s kill 9 all 1\n4.127s end 0 <nil>\n"},
		{"one that ends meanwhile is not waited for", &fakeOS{runs: []run{{lasts: s}}, driver: &driver{reads: -1}}, policy(nil), []at{{2 * s, Event{Pid: 50}}},
			"0s start 101\n2.027s end 0 <nil>\n"},
		{"a start that fails is not tried again", &fakeOS{runs: []run{{fails: errors.New("no such program")}}}, restarting("always", 0), nil,
			"0s end 0 no such program\n"},
		{"nor one that fails later", &fakeOS{runs: []run{{lasts: s}, {fails: errors.New("no memory")}}}, restarting("always", 0), nil,
			"0s start 101\n1s report 1 0\n1.1s end 0 no memory\n"},
		{"on-failure is content with 0", &fakeOS{runs: []run{{lasts: s, ends: process.Exit{Status: 1}}, {lasts: s}}}, restarting("on-failure", 0), nil,
			"0s start 101\n1s report 1 1\n1.1s start 102\n2.1s report 1 0\n2.1s end 0 <nil>\n"},
		{"on-failure:2 gives up with the last code; the host is told again only after ten seconds, and at the end",
			&fakeOS{runs: []run{{lasts: s, ends: process.Exit{Status: 1}}, {lasts: s, ends: process.Exit{Status: 2}}, {lasts: 9 * s, ends: process.Exit{Status: 3}}}},
			restarting("on-failure", 2), nil,
			"0s start 101\n1s report 1 1\n1.1s start 102\n2.3s start 103\n11s report 2 2\n11.3s report 2 3\n11.3s end 3 <nil>\n"},
		{"a wish to stop ends the loop", &fakeOS{runs: []run{{}}}, restarting("always", 0), []at{signalAt(s, 15)},
			"0s start 101\n1s kill 15 101\n1s report 0 143\n1s end 143 <nil>\n"},
		{"so does the stop signal itself", &fakeOS{runs: []run{{}}}, policy(func(p *zone.Supervise) { p.StopSignal = "INT"; p.Restart.Policy = "always" }), []at{signalAt(s, 2)},
			"0s start 101\n1s kill 2 101\n1s report 0 130\n1s end 130 <nil>\n"},
		{"another signal does not", &fakeOS{runs: []run{{}, {lasts: s}, {}}}, restarting("always", 0), []at{signalAt(s, 10), signalAt(3*s, 15)},
			"0s start 101\n1s kill 10 101\n1s report 1 138\n1.1s start 102\n2.3s start 103\n3s kill 15 103\n3s report 2 143\n3s end 143 <nil>\n"},
		{"nor does another signal begin it again", &fakeOS{runs: []run{{ignores: " 15 "}}}, restarting("always", 0), []at{signalAt(s, 15), signalAt(2*s, 10)},
			"0s start 101\n1s kill 15 101\n2s kill 10 101\n2s report 0 138\n2s end 138 <nil>\n"},
		{"a signal ends the wait for a restart", &fakeOS{runs: []run{{lasts: s, ends: process.Exit{Status: 4}}}}, restarting("always", 0),
			[]at{signalAt(s+10*time.Millisecond, syscall.SIGWINCH), signalAt(s+20*time.Millisecond, syscall.SIGURG),
				signalAt(s+30*time.Millisecond, syscall.SIGTSTP), signalAt(s+40*time.Millisecond, syscall.SIGCONT), signalAt(s+50*time.Millisecond, 1)},
			"0s start 101\n1s report 1 4\n1.05s end 4 <nil>\n"},
	} {
		t.Run(tt.behaviour, func(t *testing.T) {
			if got := stay(t, tt.os, tt.policy, tt.outside...); got != tt.want {
				t.Errorf("\n got\n%s\nwant\n%s", got, tt.want)
			}
		})
	}
}

// Docker's delays, and a long run that begins with the first again.
func TestBackOff(t *testing.T) {
	f := &fakeOS{runs: []run{{lasts: time.Millisecond}}}
	said := stay(t, f, restarting("unless-stopped", 0), signalAt(3*time.Hour, 15))
	if f.starts < 180 || f.starts > 200 {
		t.Errorf("%d starts in three hours", f.starts)
	}
	if reports := strings.Count(said, " report "); reports > 3*360 || reports < 180 {
		t.Errorf("%d reports", reports)
	}
	r := restart{Restart: zone.Restart{Policy: "always"}}
	var got []string
	for _, ran := range []time.Duration{0, 0, 0, 10 * time.Second, 9 * time.Second, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0} {
		delay, _ := r.after(process.Exit{}, ran)
		got = append(got, delay.String())
	}
	const want = "100ms 200ms 400ms 100ms 200ms 400ms 800ms 1.6s 3.2s 6.4s 12.8s 25.6s 51.2s 1m0s 1m0s"
	if text := strings.Join(got, " "); text != want || r.count != 15 {
		t.Errorf("after %d\n got %s\nwant %s", r.count, text, want)
	}
}

func TestAThousandRestarts(t *testing.T) {
	f := &fakeOS{runs: []run{{lasts: 10 * time.Second, ends: process.Exit{Status: 1}}}}
	said := stay(t, f, restarting("on-failure", 1000))
	if f.starts != 1001 || !strings.Contains(said, " report 1000 1\n") || !strings.HasSuffix(said, " end 1 <nil>\n") || strings.Count(said, " report ") != 1000 {
		t.Errorf("%d starts, %d reports", f.starts, strings.Count(said, " report "))
	}
}

// What an earlier boot has left with the host is true no more.
func TestTheHostForgetsAnEarlierBoot(t *testing.T) {
	const s = time.Second
	before := zone.Report{Restarts: "5", LastExit: "137", Health: "healthy"}
	for _, tt := range []struct {
		behaviour string
		told      zone.Report
		policy    zone.Supervise
		want      string
	}{
		{"where nothing is told any more", before, policy(nil), "0s start 101\n0s report 0\n5s end 3 <nil>\n"},
		{"where the command starts for the first time", before, restarting("on-failure", 1), "0s start 101\n0s report 0\n5.1s start 102\n10s report 1 3\n10.1s end 3 <nil>\n"},
		{"where it is checked", before, checkedBy(nil), "0s start 101\n0s report 0 starting\n5s end 3 <nil>\n"},
		{"what is the same is not told", zone.Report{Health: "starting"}, checkedBy(nil), "0s start 101\n5s end 3 <nil>\n"},
	} {
		f := &fakeOS{runs: []run{{lasts: 5 * s, ends: process.Exit{Status: 3}}}}
		if got := stayAfter(t, tt.told, f, tt.policy); got != tt.want {
			t.Errorf("%s\n got\n%s\nwant\n%s", tt.behaviour, got, tt.want)
		}
	}
}
