// Program basics does one thing after its argument's name and says that it went well.
package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"sync"
	"syscall"
	"time"
)

func main() {
	what := os.Args[1]
	if err := map[string]func() error{
		"hello": func() error { return nil }, "files": files, "root": root, "time": sleep,
		"goroutines": goroutines, "preempt": preempt, "nil": dereference, "exec": run,
		"reexec": reexec, "signal": signals, "unix": func() error { return sockets("unix", "s") },
		"tcp4": func() error { return sockets("tcp4", "127.0.0.1:0") },
		"tcp6": func() error { return sockets("tcp6", "[::1]:0") }, "descriptors": descriptors,
	}[what](); err != nil {
		fmt.Println(what, err)
		os.Exit(1)
	}
	fmt.Println(what, "ok")
}

func files() error {
	if err := os.WriteFile("a", []byte("text"), 0o600); err != nil {
		return err
	}
	info, err := os.Stat("a")
	if err != nil || info.Size() != 4 || info.Mode() != 0o600 {
		return fmt.Errorf("stat: %v %v", info, err)
	}
	if _, err := os.OpenFile("a", os.O_CREATE|os.O_EXCL, 0o600); !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("exclusive: %v", err)
	}
	if err := os.MkdirAll("d/e", 0o700); err != nil {
		return err
	}
	if err := os.Remove("d"); !errors.Is(err, syscall.EEXIST) { // not ENOTEMPTY: rmdir(2)
		return fmt.Errorf("remove: %v", err)
	}
	entries, err := os.ReadDir(".")
	if err != nil || len(entries) != 2 || entries[0].Name() != "a" || !entries[1].IsDir() {
		return fmt.Errorf("folder: %v %v", entries, err)
	}
	return os.RemoveAll("d")
}

func root() error {
	r, err := os.OpenRoot(".")
	if err != nil {
		return err
	}
	defer r.Close()
	if err := r.Mkdir("d", 0o700); err != nil {
		return err
	}
	if err := r.Symlink("/etc", "d/out"); err != nil {
		return err
	}
	if _, err := r.Open("d/out/passwd"); err == nil {
		return errors.New("a link led out of the root")
	}
	if err := r.WriteFile("d/f", []byte("x"), 0o600); err != nil {
		return err
	}
	return r.RemoveAll("d")
}

func sleep() error {
	start := time.Now()
	time.Sleep(30 * time.Millisecond)
	if d := time.Since(start); d < 30*time.Millisecond {
		return fmt.Errorf("slept for %v", d)
	}
	return nil
}

func goroutines() error {
	var wait sync.WaitGroup
	for range 50 {
		wait.Go(func() {
			for i := range 50 {
				_ = make([]byte, 1000*i)
			}
			runtime.GC()
		})
	}
	wait.Wait()
	return nil
}

func preempt() error {
	runtime.GOMAXPROCS(1)
	stop := false
	go func() {
		for !stop {
		}
	}()
	time.Sleep(20 * time.Millisecond) // comes back only when the loop is interrupted
	return nil
}

func dereference() (err error) {
	defer func() {
		if r, ok := recover().(runtime.Error); ok {
			err = nil
			_ = r
		} else {
			err = errors.New("no panic")
		}
	}()
	var p *int
	return fmt.Errorf("read %d", *p)
}

func run() error {
	out, err := exec.Command("/bin/echo", "linux").Output()
	if err != nil || string(out) != "linux\n" {
		return fmt.Errorf("echo: %q %v", out, err)
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	out, err = exec.Command(self, "hello").CombinedOutput()
	if err != nil || string(out) != "hello ok\n" {
		return fmt.Errorf("itself: %q %v", out, err)
	}
	var status *exec.ExitError
	if err := exec.Command("/bin/sh", "-c", "kill -USR1 $$").Run(); !errors.As(err, &status) ||
		status.Sys().(syscall.WaitStatus).Signal() != syscall.SIGUSR1 {
		return fmt.Errorf("killed: %v", err)
	}
	return nil
}

func reexec() error {
	if os.Getenv("AGAIN") != "" {
		return nil
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	return syscall.Exec(self, []string{"other", "reexec"}, []string{"AGAIN=1"})
}

func signals() error {
	c := make(chan os.Signal, 1)
	signal.Notify(c, syscall.SIGUSR1)
	if err := syscall.Kill(os.Getpid(), syscall.SIGUSR1); err != nil {
		return err
	}
	select {
	case s := <-c:
		if s != syscall.SIGUSR1 {
			return fmt.Errorf("signal %v", s)
		}
		return nil
	case <-time.After(10 * time.Second):
		return errors.New("no signal came")
	}
}

func sockets(network, address string) error {
	listener, err := net.Listen(network, address)
	if err != nil {
		return err
	}
	defer listener.Close()
	served := make(chan error, 1)
	go func() {
		c, err := listener.Accept()
		if err != nil {
			served <- err
			return
		}
		defer c.Close()
		_, err = io.CopyN(c, c, 5)
		time.Sleep(time.Second / 2)
		served <- err
	}()
	c, err := net.Dial(network, listener.Addr().String())
	if err != nil {
		return err
	}
	defer c.Close()
	if _, err := c.Write([]byte("hello")); err != nil {
		return err
	}
	b := make([]byte, 5)
	if _, err := io.ReadFull(c, b); err != nil || string(b) != "hello" {
		return fmt.Errorf("echo: %q %v", b, err)
	}
	if err := c.SetReadDeadline(time.Now().Add(10 * time.Millisecond)); err != nil {
		return err
	}
	if _, err := c.Read(b); !errors.Is(err, os.ErrDeadlineExceeded) {
		return fmt.Errorf("deadline: %v", err)
	}
	if err := <-served; err != nil {
		return err
	}
	if network == "tcp4" {
		listener.Close()
		if _, err := net.Dial(network, listener.Addr().String()); !errors.Is(err, syscall.ECONNREFUSED) {
			return fmt.Errorf("nobody listens: %v", err)
		}
	}
	return nil
}

// descriptors sends two descriptors where one has room: the other is closed.
func descriptors() error {
	pair, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
	if err != nil {
		return err
	}
	r, w, err := os.Pipe()
	if err != nil {
		return err
	}
	if err := syscall.Sendmsg(pair[0], []byte("x"), syscall.UnixRights(int(w.Fd()), int(w.Fd())), nil, 0); err != nil {
		return fmt.Errorf("send: %w", err)
	}
	w.Close()
	b, control := make([]byte, 10), make([]byte, syscall.CmsgSpace(4))
	n, size, _, _, err := syscall.Recvmsg(pair[1], b, control, 0)
	if err != nil || n != 1 || size != syscall.CmsgLen(4) {
		return fmt.Errorf("received %d bytes, %d of control data: %w", n, size, err)
	}
	messages, err := syscall.ParseSocketControlMessage(control[:size])
	if err != nil || len(messages) != 1 {
		return fmt.Errorf("%d messages: %w", len(messages), err)
	}
	got, err := syscall.ParseUnixRights(&messages[0])
	if err != nil || len(got) != 1 {
		return fmt.Errorf("descriptors %v: %w", got, err)
	}
	if _, err := syscall.Write(got[0], []byte("through it")); err != nil {
		return err
	}
	syscall.Close(got[0])
	text, err := io.ReadAll(r) // ends only when no writer is left
	if err != nil || string(text) != "through it" {
		return fmt.Errorf("read %q: %w", text, err)
	}
	return nil
}
