package fake

import (
	"bytes"
	"context"
	"os"
	"sync"

	"dockerinit/core/process"
	"dockerinit/core/zone"
)

// A RecordedConsole keeps what is written to it. Its terminal is a pipe that is
// called one: both outputs are the same stream.
type RecordedConsole struct {
	console
	input          *os.File // what a test writes to the command
	stdout, stderr keeper
}

// Open makes the streams.
func (c *RecordedConsole) Open(_ context.Context, want zone.Console) (process.Stdio, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if again, err := c.begin(want); again || err != nil {
		return c.stdio, err
	}
	var err error
	if c.out, err = newStream(&c.stdout); err != nil {
		return process.Stdio{}, err
	}
	c.stdio.Out, c.stdio.Err = c.out.w, c.out.w
	if !want.TTY {
		if c.err, err = newStream(&c.stderr); err != nil {
			return process.Stdio{}, err
		}
		c.stdio.Err = c.err.w
	}
	if want.TTY || want.OpenStdin {
		if c.stdio.In, c.input, err = os.Pipe(); err != nil {
			return process.Stdio{}, err
		}
	}
	c.open, c.want = true, want
	return c.stdio, nil
}

// Tee is a copy of what the command writes.
func (c *RecordedConsole) Tee(_ context.Context, want zone.Console) (stdout, stderr *os.File, err error) {
	return c.tee(want)
}

// Say keeps the line.
func (c *RecordedConsole) Say(text string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.said = append(c.said, text)
}

// Input is what the command reads as its stdin; nil where that is not open.
func (c *RecordedConsole) Input() *os.File {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.input
}

// Output is what the command has written until now. After Close it is all.
func (c *RecordedConsole) Output() (stdout, stderr string) {
	return c.stdout.String(), c.stderr.String()
}

// Close ends the copying.
func (c *RecordedConsole) Close() error {
	for _, f := range []*os.File{c.Input(), c.stdio.In} {
		if f != nil {
			_ = f.Close()
		}
	}
	return c.console.Close()
}

// A keeper is a buffer that may be read while it is written.
type keeper struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (k *keeper) Write(p []byte) (int, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.text.Write(p)
}

func (k *keeper) String() string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.text.String()
}
