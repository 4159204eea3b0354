package core

import (
	"context"
	"fmt"
	"os"

	"dockerinit/core/exit"
	"dockerinit/core/process"
)

// loggerPath is the log driver's program, which the host mounts over the zone's
// own; LX zones see native programs under /native. sdc-dockerlogger
const loggerPath = "/lib/sdc/docker/logger"

// logger starts the log driver, for every driver that the host itself does not
// serve. If it cannot start, the zone does not run unlogged.
var logger = Step{"logger", func(b *Boot) []Action {
	driver := b.Zone.Logger.Driver
	if driver == "" {
		return nil
	}
	return []Action{{
		What: fmt.Sprintf("start the log driver %q", driver),
		Code: exit.Exec,
		Do: func(ctx context.Context) error {
			stdout, stderr, err := b.Console.Tee(ctx, b.Zone.Console)
			if err != nil {
				return exit.OpenZfd.Wrap(err)
			}
			if b.feeds = []*os.File{stdout, stderr}; !b.stays() {
				defer closeFiles(stdout, stderr)
			}
			pid, err := b.Processes.Start(ctx, process.Command{
				Path:       b.loggerPath(),
				Args:       []string{"logger", driver},
				Env:        b.Zone.Logger.Env,
				Dir:        "/",
				Files:      []*os.File{stdout, stderr},
				Umask:      0o022,
				Session:    true, // by which its processes are told from the command's
				SharesFate: true,
			})
			if err != nil {
				// 126 and 127 are about the command.
				return &exit.Error{Code: exit.CodeOf(exit.Exec.Wrap(err)), Err: err, Status: exit.StatusFailed}
			}
			b.shared = map[int]string{pid: fmt.Sprintf("the log driver %q", driver)}
			return nil
		},
	}}
}}

func (b *Boot) loggerPath() string { return b.Zone.Brand.NativeRoot() + loggerPath }

func closeFiles(files ...*os.File) {
	for _, f := range files {
		if f != nil {
			_ = f.Close()
		}
	}
}
