package shim

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strconv"
	"syscall"
	"time"

	"dockerinit/core/exit"
	"dockerinit/core/process"
)

// A Self is this program, ready to be run again as a shim. Only Enter makes one
// that is, so that no program starts itself without knowing what it is then.
type Self struct{ newKernel NewKernel }

// A NewKernel makes the kernel with which a command is become. words are what
// the platform has given to Start; say tells what is odd and no failure.
type NewKernel func(words []string, say func(text string)) process.Kernel

// reapTime is how long one that was killed is waited for: one that hangs in
// the kernel, in a file system that does not answer, is left to it.
const reapTime = time.Second

// Start runs the command in a child. When it returns, the child is the command;
// where it could not become that, the error is the one that process.Become would
// have returned, and the child is gone, unless it is to linger.
func (s Self) Start(ctx context.Context, cmd process.Command, words []string, say func(text string)) (pid int, err error) {
	pid, asked, answered, err := s.fork(cmd)
	if err != nil {
		return 0, exit.Fork.Errorf("start %q: %w", cmd.Path, err)
	}
	defer asked.Close()
	defer answered.Close()
	stop := context.AfterFunc(ctx, func() {
		_ = asked.SetDeadline(time.Unix(1, 0))
		_ = answered.SetDeadline(time.Unix(1, 0))
	})
	defer stop()

	executed, err := converse(request{cmd, len(cmd.Files), words}, asked, answered, say)
	if executed {
		return pid, nil
	}
	if err != nil && lingers(s.newKernel(words, say)) > 0 {
		return 0, err
	}
	_ = syscall.Kill(pid, syscall.SIGKILL) // it may have ended by itself
	reap, cancel := context.WithTimeout(context.WithoutCancel(ctx), reapTime)
	defer cancel()
	end, lost := Wait(reap, pid)
	switch {
	case ctx.Err() != nil:
		err = exit.Fork.Errorf("start %q: %w", cmd.Path, ctx.Err())
	case err == nil:
		err = exit.Fork.Errorf("start %q: the shim ended early, with status %d", cmd.Path, end.Code())
	}
	if lost != nil {
		err = fmt.Errorf("%w; %w", err, lost)
	}
	return 0, err
}

// converse gives the shim its request and hears what comes of it, each word as
// it is said. executed means that the last that was heard of it is that it will
// execute. It waits for us to have heard that: so what it says comes before what
// the command does.
func converse(r request, asked, answered *os.File, say func(string)) (executed bool, err error) {
	// Where it ends before it has read all, it has said why.
	if err := writeFrame(asked, r.append(nil)); err != nil && !errors.Is(err, syscall.EPIPE) {
		return false, exit.Fork.Errorf("start %q: %w", r.cmd.Path, err)
	}
	for {
		raw, err := readFrame(answered)
		if errors.Is(err, io.EOF) {
			return executed, nil
		}
		var word reply
		if err == nil {
			word, err = parseReply(raw)
		}
		switch {
		case err != nil:
			return false, exit.Fork.Errorf("start %q: the shim's answer: %w", r.cmd.Path, err)
		case word.failed != nil:
			return false, word.failed.err()
		case word.note != "":
			say(word.note)
		default:
			executed = true
			_ = asked.Close() // that is the sign
		}
	}
}

// fork starts the shim: stdio and files at their numbers, then its two pipes,
// and an empty environment.
func (s Self) fork(cmd process.Command) (pid int, asked, answered *os.File, err error) {
	if s.newKernel == nil {
		return 0, nil, nil, errors.New("this program does not know itself")
	}
	self, err := executable()
	if err != nil {
		return 0, nil, nil, err
	}
	request, asked, err := os.Pipe()
	if err != nil {
		return 0, nil, nil, err
	}
	defer request.Close()
	answered, answer, err := os.Pipe()
	if err != nil {
		return 0, nil, nil, errors.Join(err, asked.Close())
	}
	defer answer.Close()

	files := append([]*os.File{cmd.Stdio.In, cmd.Stdio.Out, cmd.Stdio.Err}, cmd.Files...)
	null := -1
	var fds []uintptr
	for i, f := range append(files, request, answer) {
		if f == nil && i < 3 {
			if null < 0 {
				if null, err = s.newKernel(nil, func(string) {}).OpenNull(); err != nil {
					err = fmt.Errorf("/dev/null for descriptor %d: %w", i, err)
					break
				}
				defer syscall.Close(null)
			}
			fds = append(fds, uintptr(null))
			continue
		}
		if f == nil || int(f.Fd()) < 0 { // nil or closed
			err = fmt.Errorf("descriptor %d: %w", i, os.ErrInvalid)
			break
		}
		fds = append(fds, f.Fd())
	}
	if err == nil {
		pid, err = syscall.ForkExec(self, []string{Name, strconv.Itoa(len(files))},
			&syscall.ProcAttr{Env: []string{}, Files: fds})
		runtime.KeepAlive(files) // their numbers are used up to here
	}
	if err != nil {
		return 0, nil, nil, errors.Join(err, asked.Close(), answered.Close())
	}
	return pid, asked, answered, nil
}

// executable is this program. Linux has it even where its file has lost its name,
// or was left behind by a change of the root.
func executable() (string, error) {
	if runtime.GOOS == "linux" {
		return "/proc/self/exe", nil
	}
	return os.Executable()
}
