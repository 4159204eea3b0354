package shim

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"runtime"
	"strconv"
	"syscall"
	"time"

	"dockerinit/core/exit"
	"dockerinit/core/process"
)

// Name is what a shim is called in a list of processes. Being called so is not
// enough to be one: it takes the pipes of a request, too.
const Name = "dockerinit-shim"

// Enter is the first call of main. In a process that Start made it does the
// set-up of the command, becomes it, and does not return. Anywhere else it
// returns at once.
func Enter(newKernel NewKernel) Self {
	if len(os.Args) == 2 && os.Args[0] == Name {
		if fd, err := strconv.Atoi(os.Args[1]); err == nil && fd >= 3 && isPipe(fd) && isPipe(fd+1) {
			os.Exit(become(newKernel, fd))
		}
	}
	return Self{newKernel}
}

// Lingering is a kernel under which the end of a shim would end who started it,
// too. A shim that has failed stays for that long, so that its reason is told
// before, and is not killed.
type Lingering interface{ Linger() time.Duration }

func lingers(k process.Kernel) time.Duration {
	if l, ok := k.(Lingering); ok {
		return l.Linger()
	}
	return 0
}

func isPipe(fd int) bool {
	var st syscall.Stat_t
	return syscall.Fstat(fd, &st) == nil && st.Mode&syscall.S_IFMT == syscall.S_IFIFO
}

// become does what it is asked to, and returns a status if it cannot.
func become(newKernel NewKernel, fd int) (status int) {
	syscall.CloseOnExec(fd)
	syscall.CloseOnExec(fd + 1)
	asked, answer := os.NewFile(uintptr(fd), "request"), os.NewFile(uintptr(fd+1), "answer")
	tell := func(word reply) error { return writeFrame(answer, word.append(nil)) }
	var kernel process.Kernel
	err := func() error {
		r, err := readRequest(asked, fd-3)
		if err != nil {
			return exit.Fork.Errorf("the shim's request: %w", err)
		}
		say := func(text string) { _ = tell(reply{note: text}) } // a note that is lost harms nobody
		kernel = newKernel(r.words, say)
		err = process.Become(announcing{kernel, tell, asked}, r.cmd)
		runtime.KeepAlive(r.cmd.Files) // they would close when they are collected
		return err
	}()
	_ = tell(reply{failed: failureOf(err)}) // there is nobody else to tell
	time.Sleep(lingers(kernel))
	return exit.StatusOf(err)
}

// readRequest gives the command its files: they are at their numbers.
func readRequest(asked *os.File, files int) (request, error) {
	raw, err := readFrame(asked)
	if err != nil {
		return request{}, err
	}
	r, err := parseRequest(raw)
	if err != nil {
		return request{}, err
	}
	if files != r.files {
		return request{}, fmt.Errorf("%d files where there are %d", r.files, files)
	}
	r.cmd.Stdio = process.Stdio{In: os.Stdin, Out: os.Stdout, Err: os.Stderr}
	for n := 3; n < 3+files; n++ {
		r.cmd.Files = append(r.cmd.Files, os.NewFile(uintptr(n), path.Join("descriptor", strconv.Itoa(n))))
	}
	return r, nil
}

// announcing is a kernel that says when it executes: else the end of a shim that
// something killed would look as if the command had taken over.
type announcing struct {
	process.Kernel
	tell  func(reply) error
	asked *os.File // closed by the other side when it has heard
}

func (k announcing) Execve(path string, argv, env []string) error {
	if err := k.tell(reply{}); err != nil {
		return err
	}
	if _, err := k.asked.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
		return fmt.Errorf("wait for the sign to execute: %w", err)
	}
	return k.Kernel.Execve(path, argv, env)
}

// A failure is an error that comes from a shim: with its text, its code and
// status, and the system's own error in it.
type failure struct {
	text   string
	code   exit.Code
	status int
	errno  syscall.Errno
}

func failureOf(err error) *failure {
	f := &failure{text: err.Error(), code: exit.CodeOf(err), status: exit.StatusOf(err)}
	f.errno, _ = errors.AsType[syscall.Errno](err)
	return f
}

func (f *failure) err() error { return &exit.Error{Code: f.code, Status: f.status, Err: f} }

func (f *failure) Error() string        { return f.text }
func (f *failure) Is(target error) bool { return f.errno != 0 && errors.Is(f.errno, target) }
