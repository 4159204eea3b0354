package fake

import (
	"bytes"
	"context"
	"encoding/gob"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"strconv"
	"syscall"
	"time"

	"dockerinit/core/exit"
	"dockerinit/core/process"
)

// A Self is this program, ready to be run again as a shim. Only Shim makes one,
// so that no program starts itself without knowing what it is then.
type Self struct{ path string }

// shimName is what the shim is called in a list of processes. Being called so
// is not enough to be one: it takes the pipes of a request, too.
const shimName = "dockerinit-shim"

// Shim is the first call of main. In a process that Start made it does the
// set-up of the command, becomes it, and does not return: what a child of a Go
// program needs, a umask, groups that were checked, signals that are not
// blocked, cannot be had between Go's fork and its exec. Anywhere else it
// returns at once.
func Shim() Self {
	if len(os.Args) == 2 && os.Args[0] == shimName {
		if fd, err := strconv.Atoi(os.Args[1]); err == nil && fd >= 3 && isPipe(fd) && isPipe(fd+1) {
			os.Exit(shim(fd))
		}
	}
	self, err := os.Executable()
	if err != nil {
		self = ""
	}
	return Self{self}
}

func isPipe(fd int) bool {
	var st syscall.Stat_t
	return syscall.Fstat(fd, &st) == nil && st.Mode&syscall.S_IFMT == syscall.S_IFIFO
}

// A request is a Command for the shim, which has its files at their numbers.
type request struct {
	Path, Dir         string
	Args, Env         []string
	Credentials       process.Credentials
	Files             int
	Terminal, Session bool
	Umask             uint32
	Limits            []process.Limit

	Root     string
	Borrowed bool
}

// A reply is one word of the shim. None at all until the pipe ends says that
// the command has taken over.
type reply struct {
	Note   string // something to be logged
	Failed string // why it cannot become the command
	Code   exit.Code
	Status int
	Errno  syscall.Errno
}

// Start runs the command in a child. When it returns, the child is the command;
// where it could not become that, the error is the one that Exec would have
// returned, and the child is gone.
func (p *Processes) Start(ctx context.Context, cmd process.Command) (pid int, err error) {
	if p.Self.path == "" {
		return 0, exit.Fork.Errorf("start %q: this program does not know itself", cmd.Path)
	}
	pid, asked, answered, err := p.fork(cmd)
	if err != nil {
		return 0, err
	}
	defer asked.Close()
	defer answered.Close()
	stop := context.AfterFunc(ctx, func() {
		_ = asked.SetDeadline(time.Unix(1, 0))
		_ = answered.SetDeadline(time.Unix(1, 0))
	})
	defer stop()

	err = p.converse(cmd, asked, answered)
	if err == nil {
		return pid, nil
	}
	_ = syscall.Kill(pid, syscall.SIGKILL)
	if _, gone := p.Wait(context.WithoutCancel(ctx), pid); gone != nil {
		err = fmt.Errorf("%w; %w", err, gone)
	}
	if ctx.Err() != nil {
		err = exit.Fork.Errorf("start %q: %w", cmd.Path, ctx.Err())
	}
	return 0, err
}

// converse gives the shim its request and hears what comes of it.
func (p *Processes) converse(cmd process.Command, asked, answered *os.File) error {
	r := request{
		Path: cmd.Path, Dir: cmd.Dir, Args: cmd.Args, Env: cmd.Env,
		Credentials: cmd.Credentials, Files: len(cmd.Files), Terminal: cmd.Terminal, Session: cmd.Session,
		Umask: cmd.Umask, Limits: cmd.Limits,
		Root: p.Root, Borrowed: p.Borrowed,
	}
	var buf bytes.Buffer
	if err := gob.NewEncoder(&buf).Encode(r); err != nil {
		return exit.Fork.Errorf("start %q: %w", cmd.Path, err)
	}
	if _, err := asked.Write(buf.Bytes()); err != nil {
		return exit.Fork.Errorf("start %q: the shim ended early: %w", cmd.Path, err)
	}
	if err := asked.Close(); err != nil {
		return exit.Fork.Errorf("start %q: %w", cmd.Path, err)
	}
	for words := gob.NewDecoder(answered); ; {
		var word reply
		err := words.Decode(&word)
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return exit.Fork.Errorf("start %q: %w", cmd.Path, err)
		case word.Failed != "":
			return &exit.Error{Code: word.Code, Status: word.Status, Err: word}
		case word.Note != "":
			p.say(word.Note)
		}
	}
}

// Error and Is make a reply the error that it reports.
func (r reply) Error() string        { return r.Failed }
func (r reply) Is(target error) bool { return r.Errno != 0 && errors.Is(r.Errno, target) }

// fork starts the shim: stdio and files at their numbers, then its two pipes,
// and an empty environment.
func (p *Processes) fork(cmd process.Command) (pid int, asked, answered *os.File, err error) {
	var ours []*os.File
	defer func() {
		for _, f := range ours {
			_ = f.Close()
		}
	}()
	request, asked, err := os.Pipe()
	if err != nil {
		return 0, nil, nil, exit.Fork.Errorf("start %q: %w", cmd.Path, err)
	}
	ours = append(ours, request)
	answered, answer, err := os.Pipe()
	if err != nil {
		return 0, nil, nil, exit.Fork.Errorf("start %q: %w", cmd.Path, errors.Join(err, asked.Close()))
	}
	ours = append(ours, answer)

	files := append([]*os.File{cmd.Stdio.In, cmd.Stdio.Out, cmd.Stdio.Err}, cmd.Files...)
	var fds []uintptr
	for i, f := range append(files, request, answer) {
		if f == nil && i < 3 {
			if f, err = openNull(); err != nil {
				break
			}
			ours = append(ours, f)
		}
		if f == nil || int(f.Fd()) < 0 { // nil or closed
			err = fmt.Errorf("descriptor %d: %w", i, os.ErrInvalid)
			break
		}
		fds = append(fds, f.Fd())
	}
	if err == nil {
		pid, err = syscall.ForkExec(p.Self.path, []string{shimName, strconv.Itoa(len(files))},
			&syscall.ProcAttr{Env: []string{}, Files: fds})
	}
	if err != nil {
		return 0, nil, nil, exit.Fork.Errorf("start %q: %w", cmd.Path, errors.Join(err, asked.Close(), answered.Close()))
	}
	return pid, asked, answered, nil
}

// shim does what it is asked to, and returns a status if it cannot.
func shim(fd int) (status int) {
	syscall.CloseOnExec(fd)
	syscall.CloseOnExec(fd + 1)
	in, out := os.NewFile(uintptr(fd), "request"), os.NewFile(uintptr(fd+1), "answer")
	answer := gob.NewEncoder(out)
	err := func() error {
		raw, err := io.ReadAll(in)
		if err != nil {
			return err
		}
		var r request
		if err := gob.NewDecoder(bytes.NewReader(raw)).Decode(&r); err != nil {
			return err
		}
		if fd != 3+r.Files {
			return fmt.Errorf("%d files where there are %d", r.Files, fd-3)
		}
		cmd := process.Command{
			Path: r.Path, Dir: r.Dir, Args: r.Args, Env: r.Env, Credentials: r.Credentials,
			Stdio:    process.Stdio{In: os.Stdin, Out: os.Stdout, Err: os.Stderr},
			Terminal: r.Terminal, Session: r.Session, Umask: r.Umask, Limits: r.Limits,
		}
		for i := range r.Files {
			cmd.Files = append(cmd.Files, os.NewFile(uintptr(3+i), path.Join("descriptor", strconv.Itoa(3+i))))
		}
		p := Processes{Root: r.Root, Borrowed: r.Borrowed}
		say := func(text string) { _ = answer.Encode(reply{Note: text}) }
		return process.Become(p.kernel(say), cmd)
	}()
	word := reply{Failed: err.Error(), Code: exit.CodeOf(err), Status: exit.StatusOf(err)}
	if errno, ok := errors.AsType[syscall.Errno](err); ok {
		word.Errno = errno
	}
	_ = answer.Encode(word) // nobody else to tell
	return word.Status
}
