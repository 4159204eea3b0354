package core_test

import (
	"regexp"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"dockerinit/core"
	"dockerinit/core/bootlog"
	"dockerinit/platform_fake/scenario"
)

// A timedFile keeps what was written with when.
type timedFile struct {
	mu     sync.Mutex
	begun  time.Time
	writes []string // "1s: …"
}

func (f *timedFile) Write(b []byte) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.writes = append(f.writes, time.Since(f.begun).String()+": "+string(b))
	return len(b), nil
}

// A boot that hangs says where, and what came before is written by then.
func TestASlowActionIsToldWhileItIsUnderWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		z := scenario.Scenario{}.New(t)
		defer z.Close()
		z.Console = silent{}
		z.Faults.Delay("Network.Configure", 2, 5*time.Second)
		log := bootlog.New()
		file := &timedFile{begun: time.Now()}
		amend := func(step string, actions []core.Action) []core.Action {
			if step == "metadata" { // the image's log is open by then: this one takes its place
				if err := log.To(file); err != nil {
					t.Error(err)
				}
			}
			return actions
		}
		if err := core.Init(t.Context(), z.Platform(), log, core.Options{Amend: amend}); err != nil {
			t.Fatal(err)
		}
		var after []string
		line := regexp.MustCompile(`INFO nics: configure eth0 [^:]*: under way for (\d+s)\n`)
		for _, w := range file.writes {
			if m := line.FindStringSubmatch(w); m != nil {
				after = append(after, m[1])
				if at, _, _ := strings.Cut(w, ": "); at != m[1] {
					t.Errorf("written after %s: %s", at, w)
				}
			}
		}
		all := strings.Join(file.writes, "")
		if got, want := strings.Join(after, " "), "1s 2s 4s"; got != want || strings.Count(all, "under way") != 3 {
			t.Errorf("told after %q, want %q, in\n%s", got, want, all)
		}
		before, _, _ := strings.Cut(all, "under way")
		if !strings.Contains(before, "INFO nics: configure lo") {
			t.Errorf("while the second NIC hangs the first is not in the file:\n%s", before)
		}
	})
}
