package core

import (
	"context"
	"fmt"

	"dockerinit/core/bootlog"
	"dockerinit/core/exit"
	"dockerinit/core/metadata"
	"dockerinit/core/zone"
)

// execute becomes the command, or stays as its parent.
var execute = Step{"exec", func(b *Boot) []Action {
	what := b.commandLine()
	return []Action{{
		What: what,
		Code: exit.Exec,
		Last: true,
		Do: func(ctx context.Context) error {
			if b.Zone.FailureRecorded {
				b.Metadata.Post(metadata.Change{Key: FailureKey, Delete: true})
			}
			b.warnOfOtherInit()
			if !b.stays() {
				for _, chore := range b.chores() {
					b.warn("exec", chore.Undone())
				}
			}
			b.Log.LogAttrs(bootlog.LevelExec, b.commandLine())
			_ = b.Log.Flush()
			if b.stays() {
				return b.stay(ctx)
			}
			b.report(b.Zone.Told, zone.Report{}) // of an earlier boot that stayed
			// The log and the host's connection close on exec, and not before: a
			// refusal of the kernel can still be told. Nobody can look into a process
			// that has changed its user, up to its exec.
			return b.Processes.Exec(b.Command)
		},
	}}
}}

// commandLine is the command in one line. Arguments may hold secrets, so they are
// only counted.
func (b *Boot) commandLine() string {
	c := b.Command
	name := c.Path
	if name == "" && len(c.Args) > 0 {
		name = c.Args[0] // not found yet
	}
	arguments := "1 argument"
	if n := max(len(c.Args), 1) - 1; n != 1 {
		arguments = fmt.Sprintf("%d arguments", n)
	}
	return fmt.Sprintf("%q with %s as %s in %s", name, arguments, b.Who, c.Dir)
}
