//go:build linux

package sim

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// serve is the conversation with one client, up to its end or that of the zone.
func (k *keeper) serve(w *wire) {
	defer w.conn.Close()
	var r Request
	kind, text, err := w.receive()
	if err != nil || kind != frameRequest || json.Unmarshal(text, &r) != nil {
		return
	}
	switch r.Op {
	case "console":
		k.console(w)
	case "exec", "self", "switch":
		if err := k.exec(w, r.Op, r.Exec); err != nil {
			_ = w.send(frameRefused, []byte(err.Error()))
		}
	case "network":
		text, err := k.describeNetwork()
		if err != nil {
			_ = w.send(frameRefused, []byte(err.Error()))
			return
		}
		_ = w.send(frameReady, nil)
		_ = w.send(frameOutput, []byte(text))
		_ = w.sendJSON(frameEnd, End{})
	default:
		_ = w.send(frameRefused, fmt.Appendf(nil, "there is no request %q", r.Op))
	}
}

// console shows the client the zone's console. The one that started the zone takes
// it along when it goes without having detached.
func (k *keeper) console(w *wire) {
	if !k.cons.attach(w) {
		_ = w.send(frameRefused, []byte("somebody is attached to this zone already"))
		return
	}
	defer k.cons.detach(w)
	if w.send(frameReady, nil) != nil {
		k.leave()
		return
	}
	k.cons.look()
	left := make(chan struct{})
	go func() {
		defer close(left)
		k.listen(w)
	}()
	select {
	case <-k.ended:
		_ = w.sendJSON(frameEnd, k.end)
	case <-left:
		k.leave()
	}
}

// listen does what the client of a console asks, until it goes.
func (k *keeper) listen(w *wire) {
	input := w.inputs(k.cons.typed)
	defer close(input)
	for {
		kind, p, err := w.receive()
		if err != nil {
			return
		}
		switch kind {
		case frameInput:
			input <- p
		case frameSize:
			if rows, columns, ok := size(p); ok {
				k.cons.resize(rows, columns)
			}
		case frameSignal:
			k.signal(p)
		case frameDetach:
			k.mu.Lock()
			k.detached = true
			k.mu.Unlock()
			return
		}
	}
}

// signal is a stop as the host does it: the signal for the zone's first process,
// which it may catch, and after the time to stop the end.
func (k *keeper) signal(p []byte) {
	var s syscall.Signal
	if json.Unmarshal(p, &s) != nil {
		return
	}
	_ = k.init.Signal(s)
	if s == syscall.SIGTERM && k.zone.Supervise.StopTimeout >= 0 {
		go func() {
			select {
			case <-k.ended:
			case <-time.After(max(k.zone.Supervise.StopTimeout, time.Millisecond)):
				_ = k.init.Kill()
			}
		}()
	}
}

func size(p []byte) (rows, columns uint16, ok bool) {
	if len(p) != 4 {
		return 0, 0, false
	}
	return binary.BigEndian.Uint16(p), binary.BigEndian.Uint16(p[2:]), true
}

// exec runs a command for the client: dockerexec or this program in the zone, or
// any program of the machine in the switch's network namespace.
func (k *keeper) exec(w *wire, op string, e Exec) error {
	if len(e.Args) == 0 {
		return fmt.Errorf("no command to run was given")
	}
	cmd := &exec.Cmd{Dir: "/", Env: []string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "LOGNAME=root"}, SysProcAttr: &syscall.SysProcAttr{Setsid: true}}
	if e.Term != "" {
		cmd.Env = append(cmd.Env, "TERM="+e.Term)
	}
	switch op {
	case "exec":
		cmd.Path, cmd.Args = k.brand.programs+"/dockerexec", append([]string{"dockerexec"}, e.Args...)
	case "self":
		self, err := copyOfSelf()
		if err != nil {
			return err
		}
		defer self.Close()
		cmd.Path, cmd.Args, cmd.ExtraFiles = "/proc/self/fd/3", e.Args, []*os.File{self}
	case "switch":
		path, err := exec.LookPath(e.Args[0])
		if err != nil {
			return err
		}
		cmd.Path, cmd.Args, cmd.Env = path, e.Args, os.Environ()
	}
	s, err := newStreams(k.dev, cmd, e)
	if err != nil {
		return err
	}
	err = inNamespaces(k.init.Pid, op != "switch", cmd.Start)
	s.started()
	if err != nil {
		s.close()
		return err
	}
	if err := w.send(frameReady, nil); err != nil {
		_ = cmd.Process.Kill()
	}
	go s.listen(w, cmd.Process)
	var shown sync.WaitGroup
	for kind, from := range s.out {
		shown.Go(func() { show(w, kind, from) })
	}
	waited := make(chan struct{})
	go func() {
		select {
		case <-k.ended: // what is in the switch would go on
			_ = cmd.Process.Kill()
		case <-waited:
		}
	}()
	_ = cmd.Wait() // its status is looked at below
	close(waited)
	// A process that it left behind may hold its output open for ever.
	done := make(chan struct{})
	go func() { shown.Wait(); close(done) }()
	select {
	case <-done:
	case <-time.After(time.Second):
	}
	s.close()
	end := End{Status: cmd.ProcessState.ExitCode()}
	if status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		end = End{Signal: int(status.Signal())}
	}
	return w.sendJSON(frameEnd, end)
}

func show(w *wire, k kind, from *os.File) {
	buf := make([]byte, 32<<10)
	for {
		n, err := from.Read(buf)
		if n > 0 && w.send(k, buf[:n]) != nil {
			return
		}
		if err != nil {
			return
		}
	}
}

// copyOfSelf is this program in memory, where nobody can write to it: a process of
// the zone may open what another one executes.
func copyOfSelf() (_ *os.File, err error) {
	self, err := os.Open("/proc/self/exe")
	if err != nil {
		return nil, err
	}
	defer self.Close()
	fd, err := unix.MemfdCreate("dockerzone", unix.MFD_CLOEXEC|unix.MFD_ALLOW_SEALING|unix.MFD_EXEC)
	if errors.Is(err, unix.EINVAL) { // a kernel that has no other ones
		fd, err = unix.MemfdCreate("dockerzone", unix.MFD_CLOEXEC|unix.MFD_ALLOW_SEALING)
	}
	if err != nil {
		return nil, fmt.Errorf("make a copy of dockerzone in memory: %w", err)
	}
	memory := os.NewFile(uintptr(fd), "dockerzone")
	if _, err = io.Copy(memory, self); err == nil {
		_, err = unix.FcntlInt(memory.Fd(), unix.F_ADD_SEALS, unix.F_SEAL_SEAL|unix.F_SEAL_SHRINK|unix.F_SEAL_GROW|unix.F_SEAL_WRITE)
	}
	if err != nil {
		memory.Close()
		return nil, fmt.Errorf("make a copy of dockerzone in memory: %w", err)
	}
	return memory, nil
}
