package core_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"dockerinit/core"
	"dockerinit/core/bootlog"
	"dockerinit/core/exit"
	"dockerinit/core/metadata"
	"dockerinit/core/process"
	"dockerinit/core/zone"
	fake "dockerinit/platform_fake"
	"dockerinit/platform_fake/scenario"
)

func newLog() *bootlog.Log { return bootlog.New() }

// A panicking console stands for any defect of a backend.
type panicking struct {
	*fake.RecordedConsole
	with any
}

func (c panicking) Open(context.Context, zone.Console) (process.Stdio, error) { panic(c.with) }

type secretive struct{ Password string }

// S-44: a panic ends the boot with code 1, and names places and no values.
func TestAPanicIsCodeOne(t *testing.T) {
	for behaviour, with := range map[string]any{
		"a text":   scenario.Canary,
		"an error": errors.New(scenario.Canary),
		"a value":  secretive{scenario.Canary},
		"a runtime error": func() (err any) {
			defer func() { err = recover() }()
			var none []int
			return none[len(os.Args)]
		}(),
	} {
		t.Run(behaviour, func(t *testing.T) {
			z := scenario.Scenario{}.New(t)
			z.Console = panicking{&fake.RecordedConsole{}, with}
			r := scenario.Boot(t, z, core.Options{})
			if r.Code() != exit.Unexpected || exit.StatusOf(r.Err) != exit.StatusFailed {
				t.Errorf("got %d, %v", r.Code(), r.Err)
			}
			if !strings.Contains(r.Log, "FATAL (code: 1): internal error: ") || !strings.Contains(r.Log, "core_test.panicking.Open:") {
				t.Errorf("the log does not say where:\n%s", r.Log)
			}
			if strings.Contains(r.Log+r.State, scenario.Canary) {
				t.Errorf("the log says what was in memory:\n%s\n%s", r.Log, r.State)
			}
			if !strings.Contains(r.State, "failure (code: 1) internal error: ") || !strings.Contains(r.State, "provisioning\n") {
				t.Errorf("the zone is\n%s", r.State)
			}
		})
	}
}

// The same of dockerexec.
func TestAPanicEndsDockerexec(t *testing.T) {
	z := scenario.Scenario{}.New(t)
	z.Processes = panickingProcesses{&fake.Recorder{}}
	r := scenario.Exec(t, z, core.ExecRequest{Args: []string{"/bin/app"}})
	if r.Code() != exit.Unexpected || strings.Contains(r.Log, scenario.Canary) {
		t.Errorf("got %v:\n%s", r.Err, r.Log)
	}
}

type panickingProcesses struct{ *fake.Recorder }

func (panickingProcesses) Exec(process.Command) error { panic(scenario.Canary) }

func TestARootThatIsNone(t *testing.T) {
	for behaviour, root := range map[string]string{
		"there is nothing": filepath.Join(t.TempDir(), "none"),
		"it is a file":     os.Args[0],
	} {
		t.Run(behaviour, func(t *testing.T) {
			z := scenario.Scenario{}.New(t)
			z.Root = root
			r := scenario.Boot(t, z, core.Options{})
			if r.Code() != exit.Open || !strings.Contains(r.State, `said "dockerinit: FATAL (code: 18): the image's root: open `) {
				t.Errorf("got %v\n%s", r.Err, r.State)
			}
		})
	}
}

// The host's agent may start later than the zone, and is waited for 10 minutes.
func TestAHostThatIsNotThere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		z := scenario.Scenario{}.New(t)
		z.Console = silent{}
		log := bootlog.New()
		p := z.Platform()
		p.Metadata = metadata.New(func(context.Context) (metadata.Conn, error) {
			return nil, errors.New("no such file or directory")
		}, log.Logger, metadata.InitContact)
		begun := time.Now()
		err := core.Init(t.Context(), p, log, core.Options{})
		if took := time.Since(begun); took < 10*time.Minute || took > 11*time.Minute {
			t.Errorf("took %v, want 10 minutes", took)
		}
		if exit.CodeOf(err) != exit.MetadataInit {
			t.Errorf("got %v", err)
		}
		if exists(z.Root, "etc/mtab") || !exists(z.Root, marker) {
			t.Error("something was touched")
		}
	})
}

// A console that cannot be opened is said where it can be.
func TestAFailingExecIsToldAfterItsLine(t *testing.T) {
	z := scenario.Scenario{}.New(t)
	z.Faults.Fail("Processes.Exec", 1, errBroken)
	r := scenario.Boot(t, z, core.Options{})
	lines := r.Lines()
	if len(lines) < 2 || !strings.HasPrefix(lines[len(lines)-2], "EXEC ") || !strings.HasPrefix(lines[len(lines)-1], "FATAL (code: 3): exec: ") {
		t.Errorf("the log ends with %q", lines[max(0, len(lines)-2):])
	}
	if exit.StatusOf(r.Err) != exit.StatusNoExec {
		t.Errorf("status %d", exit.StatusOf(r.Err))
	}
}

func TestWhatEndsAllNICsIsToldOnce(t *testing.T) {
	dead := exit.IpmgmtdExit.Errorf("gone")
	for name, tt := range map[string]struct {
		why    func() error
		errors int
		fatal  string
	}{
		"one reason":      {func() error { return dead }, 0, "FATAL (code: 37): nics: configure lo 127.0.0.1/8 ::1/128: gone\n"},
		"one for each":    {func() error { return exit.IpmgmtdExit.Errorf("gone") }, 2, "FATAL (code: 37): nics: configure lo 127.0.0.1/8 ::1/128: gone (and 1 more)\n"},
		"none has a code": {func() error { return errors.New("gone") }, 2, "FATAL (code: 33): nics: configure lo 127.0.0.1/8 ::1/128: gone (and 1 more)\n"},
	} {
		t.Run(name, func(t *testing.T) {
			z := scenario.Scenario{}.New(t)
			r := scenario.Boot(t, z, core.Options{Amend: func(step string, actions []core.Action) []core.Action {
				for i := range actions {
					if step == "nics" {
						actions[i].Do = func(context.Context) error { return tt.why() }
					}
				}
				return actions
			}})
			if got := strings.Count(r.Log, " ERROR "); got != tt.errors || !strings.Contains(r.Log, tt.fatal) {
				t.Errorf("%d ERROR lines, want %d and %q:\n%s", got, tt.errors, tt.fatal, r.Log)
			}
		})
	}
}
