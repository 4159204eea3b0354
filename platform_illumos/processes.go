//go:build illumos && amd64

package illumos

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync"

	"dockerinit/core/bootlog"
	"dockerinit/core/exit"
	"dockerinit/core/process"
	"dockerinit/core/shim"
)

// keepTemplate is the word that makes a shim activate the template that stays
// through its exec.
const keepTemplate = "keep-template"

// processes executes commands.
type processes struct {
	log  *bootlog.Logger
	self shim.Self

	mu      sync.Mutex
	shared  bool // a child is in init's own contract
	waiting map[int]*waiting
}

// Enter is the first call of a main that starts commands: see shim.Enter.
func Enter() shim.Self {
	return shim.Enter(func(words []string, say func(string)) process.Kernel {
		return &kernel{say: say, keep: slices.Contains(words, keepTemplate)}
	})
}

// Exec becomes the command. Where a log driver is in init's contract, what the
// command starts shall not be: its end would be the zone's.
func (p *processes) Exec(cmd process.Command) error {
	p.mu.Lock()
	shared := p.shared
	p.mu.Unlock()
	return process.Become(&kernel{say: p.warn, keep: shared}, cmd)
}

// Start does what Exec does in a child. The child is in a contract of its own:
// under app-svc-dependent the end of any process of init's contract ends the
// zone. That is what one which SharesFate is for, so it gets no contract, and
// arranges one for its own children.
func (p *processes) Start(ctx context.Context, cmd process.Command) (pid int, err error) {
	start := func(words ...string) {
		pid, err = p.self.Start(ctx, cmd, words, p.warn)
	}
	if cmd.SharesFate {
		if start(keepTemplate); err == nil {
			p.mu.Lock()
			p.shared = true
			p.mu.Unlock()
		}
		return pid, err
	}
	if failed := p.inContract(cmd, false, func() { start() }); failed != nil {
		return 0, failed
	}
	return pid, err
}

// inContract calls fork where what that forks is in a contract of its own.
func (p *processes) inContract(cmd process.Command, keep bool, fork func()) (err error) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		// Templates are the thread's, and Go forks on the thread that asks.
		runtime.LockOSThread()
		t, failed := activate(keep)
		if failed != nil {
			err = exit.Contract.Errorf("start %q: %w", programOf(cmd), failed)
			return // still locked: the thread ends, and what it had set with it
		}
		fork()
		if failed := t.clear(); failed != nil {
			p.warn(fmt.Sprintf("after the start of %q: %s", programOf(cmd), failed))
			return
		}
		runtime.UnlockOSThread()
	}()
	<-done
	return err
}

// programOf is the command's name: a health check is looked for by who becomes it.
func programOf(cmd process.Command) string {
	if cmd.Path == "" && len(cmd.Args) > 0 {
		return cmd.Args[0]
	}
	return cmd.Path
}

// startAbandoned is Start for who stays. Contracts belong to who has made them, and
// those of commands that have ended would come together in one that stays: under a
// template that lasts through an exec they are nobody's from the beginning. Their
// members are init's children all the same.
// illumos: usr/src/uts/common/contract/process.c
func (p *processes) startAbandoned(ctx context.Context, cmd process.Command) (pid int, err error) {
	if failed := p.inContract(cmd, true, func() { pid, err = p.self.Start(ctx, cmd, nil, p.warn) }); failed != nil {
		return 0, failed
	}
	return pid, err
}

// hear is shim.Self's, in such a contract.
func (p *processes) hear(cmd process.Command) (heard *shim.Heard, err error) {
	if failed := p.inContract(cmd, true, func() { heard, err = p.self.Hear(cmd, nil) }); failed != nil {
		return nil, failed
	}
	return heard, err
}

// execution becomes commands and starts none, which is all that dockerexec does.
type execution struct{}

// Exec becomes the command, with the calls of kernel. What is odd is not told: the
// host takes what dockerexec says after EXEC for the command's own words.
func (execution) Exec(cmd process.Command) error {
	return process.Become(&kernel{say: func(string) {}}, cmd)
}

func (execution) Start(_ context.Context, cmd process.Command) (pid int, err error) {
	return 0, exit.Fork.Errorf("start %q: this program starts nothing", cmd.Path)
}

func (execution) Wait(_ context.Context, pid int) (process.Exit, error) {
	return process.Exit{}, fmt.Errorf("wait for process %d: this program starts nothing", pid)
}

func (p *processes) warn(text string) { tell(p.log, bootlog.LevelWarn, "exec", text) }
