package fake

import (
	"context"
	"fmt"
	"os"

	"dockerinit/core/process"
	"dockerinit/core/zone"
)

// An OperatorConsole gives the command the stdio of whoever runs the fake.
type OperatorConsole struct {
	console
	In, Out, Err *os.File // nil: this process's own
}

// Open is the terminal where one is wanted and is there, else the streams as
// they are. Where stdin is not to be open the command gets none of it.
func (c *OperatorConsole) Open(_ context.Context, want zone.Console) (process.Stdio, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if again, err := c.begin(want); again || err != nil {
		return c.stdio, err
	}
	in, out, errFile := c.files()
	switch {
	case want.TTY && isTerminal(in) && isTerminal(out):
		c.stdio = process.Stdio{In: in, Out: out, Err: out}
	case want.TTY:
		fmt.Fprintln(errFile, "dockerinit: docker:tty asks for a terminal and this is none: the command gets the streams as they are")
		fallthrough
	default:
		c.stdio = process.Stdio{Out: out, Err: errFile}
		if want.OpenStdin {
			c.stdio.In = in
		}
	}
	c.open, c.want = true, want
	return c.stdio, nil
}

// Tee cannot be had: the command writes to the operator's own files, and this
// process, which could stand between, becomes the command.
func (c *OperatorConsole) Tee(_ context.Context, want zone.Console) (stdout, stderr *os.File, err error) {
	return c.tee(want)
}

// Say writes the line to stderr, where the operator reads what is not the
// command's.
func (c *OperatorConsole) Say(text string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.said = append(c.said, text)
	_, _, errFile := c.files()
	fmt.Fprintln(errFile, text)
}

func (c *OperatorConsole) files() (in, out, err *os.File) {
	in, out, err = c.In, c.Out, c.Err
	if in == nil {
		in = os.Stdin
	}
	if out == nil {
		out = os.Stdout
	}
	if err == nil {
		err = os.Stderr
	}
	return in, out, err
}

// isTerminal takes a character device for a terminal, but for /dev/null.
func isTerminal(f *os.File) bool {
	info, err := f.Stat()
	if err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return false
	}
	null, err := os.Stat(os.DevNull)
	return err != nil || !os.SameFile(info, null)
}
