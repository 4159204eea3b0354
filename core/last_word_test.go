package core_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"dockerinit/core"
	"dockerinit/core/bootlog"
	"dockerinit/core/exit"
	"dockerinit/core/metadata"
	"dockerinit/core/process"
	"dockerinit/platform_fake/host"
	"dockerinit/platform_fake/scenario"
)

// slowToExecute leaves the host time for a word.
type slowToExecute struct{ core.Processes }

func (p slowToExecute) Exec(c process.Command) error {
	time.Sleep(50 * time.Millisecond)
	return p.Processes.Exec(c)
}

// A babbler is a connection to a host that goes on talking.
type babbler struct{ metadata.Conn }

func (b babbler) Read(p []byte) (int, error) {
	n, err := b.Conn.Read(p)
	if err != nil {
		return n, err
	}
	for i := range p[n:] {
		p[n+i] = '\n'
	}
	return len(p), nil
}

// What follows EXEC is shown to the user as the command's: a host that goes on
// talking is not heard any more.
func TestNothingOfTheHostFollowsExec(t *testing.T) {
	z := scenario.Scenario{}.New(t)
	var text strings.Builder
	log := bootlog.New(bootlog.NewText(&text))
	p := z.Platform()
	p.Processes = slowToExecute{p.Processes}
	p.Metadata = metadata.New(func(ctx context.Context) (metadata.Conn, error) {
		conn, err := z.Metadata.Dial(ctx)
		return babbler{conn}, err
	}, log.Logger, metadata.ExecContact)
	if err := core.Exec(t.Context(), p, log, core.ExecRequest{Args: []string{"app"}}); err != nil {
		t.Fatal(err)
	}
	if lines := strings.Split(strings.TrimSpace(text.String()), "\n"); !strings.HasSuffix(lines[len(lines)-1], " EXEC") {
		t.Errorf("the log ends with %q", lines[len(lines)-1])
	}
}

// A host that never answered cannot be told of the failure: nothing is tried,
// and nothing is said after the FATAL line.
func TestAHostThatIsNotThereIsNotTold(t *testing.T) {
	for behaviour, dial := range map[string]metadata.Dial{
		"absent":    func(context.Context) (metadata.Conn, error) { return nil, errors.New("no such file or directory") },
		"forbidden": func(context.Context) (metadata.Conn, error) { return nil, metadata.Permanent(io.ErrNoProgress) },
	} {
		t.Run(behaviour, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				z := scenario.Scenario{}.New(t)
				z.Console = silent{}
				var text strings.Builder
				log := bootlog.New(bootlog.NewText(&text))
				p := z.Platform()
				p.Metadata = metadata.New(dial, log.Logger, metadata.InitContact)
				begun := time.Now()
				err := core.Init(t.Context(), p, log, core.Options{})
				if exit.CodeOf(err) != exit.MetadataInit || time.Since(begun) > 10*time.Minute {
					t.Errorf("after %v: %v", time.Since(begun), err)
				}
				if lines := strings.Split(strings.TrimSpace(text.String()), "\n"); !strings.Contains(lines[len(lines)-1], " FATAL (code: 9): ") {
					t.Errorf("the log ends with %q", lines[len(lines)-1])
				}
			})
		})
	}
}

// Whatever the host sends, what is told of it stays short: in the log, on the
// console, and in the record that goes back to the host.
func TestALongValueIsToldInShort(t *testing.T) {
	z := scenario.Scenario{Host: func(s *host.Store) { s.Set("docker:workdir", strings.Repeat("a", 1<<20)) }}.New(t)
	r := scenario.Boot(t, z, core.Options{})
	record, there, err := z.Store.Get("__dockerinit_failure")
	if r.Code() != exit.Mkdir || !there || err != nil {
		t.Fatalf("got %.200v, record %.200q (%v)", r.Err, record, err)
	}
	for where, text := range map[string]string{"the log": r.Log, "the state": r.State, "the record": record} {
		for line := range strings.Lines(text) {
			if len(line) > 10000 {
				t.Errorf("%s has a line of %d bytes: %.100q", where, len(line), line)
			}
		}
	}
}
