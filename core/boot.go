package core

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"time"

	"github.com/hashicorp/go-multierror"

	"dockerinit/core/bootlog"
	"dockerinit/core/exit"
	"dockerinit/core/image"
	"dockerinit/core/process"
	"dockerinit/core/supervise"
	"dockerinit/core/zone"
)

// A Boot is one boot under way: the platform it stands on, and what is known.
type Boot struct {
	Platform
	Log *bootlog.Log

	Zone    *zone.Zone
	User    process.User
	Who     string          // as the log names the user: ids, or what was asked for where that has none
	Command process.Command // filled in by validate; its Stdio by console

	image      *image.Root
	programs   *image.Root // where absolute commands are; the image, but in the fake
	values     map[string]string
	unresolved *multierror.Error // the names that only the image can tell, in a plan without one
	odd        []string          // what was said of the command when it was found
	asked      answer            // the first question to the host, under way from the beginning
	attach     answer            // the look at docker:wait_for_attach that console began
	version    string
	step       string         // the one under way
	shared     map[int]string // what runs and shares its fate with the container: a name by its pid
	feeds      []*os.File     // what that reads
	ended      func(process.Exit)
	logFile    *os.File
	temporary  []string // what has a tmpfs
}

// Options are what a caller may want of a boot beyond the boot.
type Options struct {
	Version string
	// Amend is given each step's actions before they are done and returns those
	// that shall be: faults are injected here.
	Amend func(step string, actions []Action) []Action
	// Ended is told how the command has ended, where dockerinit stayed as its
	// parent. Init then returns nil.
	Ended func(process.Exit)
}

// Init boots the zone and becomes its command. It returns only if it could not,
// with every mistake in the error (exit.Each) and each with its code, or if the
// platform merely stands in for a zone, or when a command has ended for which it
// has stayed. What went wrong has been logged, said
// on the console and recorded for the host by then.
func Init(ctx context.Context, p Platform, log *bootlog.Log, o Options) error {
	b := &Boot{Platform: p, Log: log, version: o.Version, ended: o.Ended}
	err := b.boot(ctx, o.Amend)
	if err != nil {
		b.fail(err)
	}
	b.close()
	return err
}

func (b *Boot) boot(ctx context.Context, amend func(string, []Action) []Action) (err error) {
	defer recovered(&err)
	if log, rested := supervise.Rested(b.Staying); rested {
		return b.again(ctx, log)
	}
	if amend == nil {
		amend = func(_ string, actions []Action) []Action { return actions }
	}
	b.asked = b.Metadata.Ask(ctx, zone.Names(zone.Init)...)
	runtime.Gosched() // to where it waits for the host: from here on both work
	for _, step := range know() {
		// What is wrong with a key or the image names it; the step adds nothing.
		if err := b.run(ctx, step.Name, amend(step.Name, step.Actions(b)), false); err != nil {
			return err
		}
	}
	var todo []Planned
	for _, p := range b.plan() {
		p.Actions = amend(p.Step, p.Actions)
		todo = append(todo, p)
	}
	for _, p := range todo {
		if err := b.run(ctx, p.Step, p.Actions, true); err != nil {
			return err
		}
	}
	return nil
}

// plan is everything that is to be done once the zone is known.
func (b *Boot) plan() (todo []Planned) {
	for _, step := range slices.Concat(act(), become()) {
		if actions := step.Actions(b); len(actions) > 0 {
			todo = append(todo, Planned{step.Name, actions})
		}
	}
	return todo
}

// run does a step's actions. All are tried before the step decides, so that an
// operator sees all that is wrong with it at once.
func (b *Boot) run(ctx context.Context, step string, actions []Action, named bool) error {
	b.step = step
	var failed *multierror.Error
	var last *exit.Error
	for i, a := range actions {
		attrs := []bootlog.Attr{bootlog.Step(step), bootlog.Number(i + 1)}
		b.Log.LogAttrs(bootlog.LevelDebug, a.What, attrs...)
		begun := time.Now()
		done := b.watch(step, a)
		err := a.Do(ctx)
		done()
		if a.Code != 0 {
			err = a.Code.Wrap(err)
		}
		took := bootlog.Took(time.Since(begun))
		switch {
		case err == nil && a.Last:
			// It has logged its own end.
		case err == nil:
			b.Log.LogAttrs(bootlog.LevelInfo, a.What, append(attrs, took)...)
		case a.Optional:
			b.Log.LogAttrs(bootlog.LevelWarn, a.What, append(attrs, bootlog.Error(err), took)...)
		case named:
			// What ended several of them, as a stack that is dead, is told once.
			cause, _ := errors.AsType[*exit.Error](err)
			if cause == nil || cause != last {
				failed = multierror.Append(failed, exit.CodeOf(err).Errorf("%s: %s: %w", step, a.What, err))
			}
			last = cause
		default:
			failed = multierror.Append(failed, err)
		}
	}
	// A log that cannot be written is no reason not to boot: its lines are kept,
	// and said on the console if the boot fails.
	_ = b.Log.Flush()
	return failed.ErrorOrNil()
}

// slow is when an action is told to be under way still, the first time.
const slow = time.Second

// watch tells of an action that takes long, while it does: a boot that hangs
// says where. What was logged before is written then too.
func (b *Boot) watch(step string, a Action) (done func()) {
	if a.Last {
		return func() {}
	}
	passed := slow
	var timer *time.Timer
	timer = time.AfterFunc(time.Hour, func() {
		b.say(step, fmt.Sprintf("%s: under way for %v", a.What, passed))
		passed *= 2
		timer.Reset(passed / 2)
	})
	timer.Reset(slow)
	return func() { timer.Stop() }
}

// say logs what an operator may want to know at once, because it takes time.
func (b *Boot) say(step, text string) {
	b.Log.LogAttrs(bootlog.LevelInfo, text, bootlog.Step(step))
	_ = b.Log.Flush()
}

// warn logs what was odd and understood.
func (b *Boot) warn(step string, texts ...string) {
	for _, text := range texts {
		b.Log.LogAttrs(bootlog.LevelWarn, text, bootlog.Step(step))
	}
}

// close lets go of the host and the image. Both may have been closed before.
func (b *Boot) close() {
	_ = b.Metadata.Close()
	for _, root := range []*image.Root{b.image, b.programs} {
		if root != nil {
			_ = root.Close()
		}
	}
}

// recovered turns a panic into an error. It names functions and lines alone:
// the values in a stack trace may be secrets.
func recovered(err *error) {
	cause := recover()
	if cause == nil {
		return
	}
	what := fmt.Sprintf("%T", cause)
	if e, ok := errors.AsType[runtime.Error](asError(cause)); ok {
		what = e.Error()
	}
	var pcs [16]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(3, pcs[:])])
	for {
		f, more := frames.Next()
		what += fmt.Sprintf(" < %s:%d", f.Function, f.Line)
		if !more {
			break
		}
	}
	*err = exit.Unexpected.Errorf("internal error: %s", what)
}

func asError(v any) error {
	err, _ := v.(error)
	return err
}
