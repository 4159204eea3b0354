//go:build linux

package sim

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"syscall"

	"golang.org/x/sys/unix"
)

// streams are the stdio of one command that a client runs.
type streams struct {
	in       *os.File
	terminal bool
	out      map[kind]*os.File
	theirs   []*os.File // the command's ends, to be closed when it has them
}

func newStreams(dev string, cmd *exec.Cmd, e Exec) (s *streams, err error) {
	s = &streams{terminal: e.Terminal, out: map[kind]*os.File{}}
	if e.Terminal {
		master, slave, err := newTerminal(dev)
		if err != nil {
			return nil, err
		}
		resize(master, e.Rows, e.Columns)
		s.in, s.out[frameOutput], s.theirs = master, master, []*os.File{slave}
		cmd.Stdin, cmd.Stdout, cmd.Stderr = slave, slave, slave
		cmd.SysProcAttr.Setctty = true
		return s, nil
	}
	var pipes [3][2]*os.File
	for i := range pipes {
		r, w, err := os.Pipe()
		if err != nil {
			s.started()
			s.close()
			return nil, err
		}
		pipes[i] = [2]*os.File{r, w}
		if i == 0 {
			s.in, s.theirs = w, append(s.theirs, r)
		} else {
			s.out[[]kind{0, frameOutput, frameErrors}[i]], s.theirs = r, append(s.theirs, w)
		}
	}
	cmd.Stdin, cmd.Stdout, cmd.Stderr = pipes[0][0], pipes[1][1], pipes[2][1]
	return s, nil
}

func (s *streams) started() { closeFiles(s.theirs) }

func (s *streams) close() {
	if s.in != nil {
		s.in.Close()
	}
	for _, f := range s.out {
		f.Close()
	}
}

// listen gives the command what its client sends. A client that is gone ends it.
func (s *streams) listen(w *wire, p *os.Process) {
	input := w.inputs(s.typed)
	defer close(input)
	for {
		kind, text, err := w.receive()
		if err != nil {
			_ = p.Kill() // an error of one that has ended
			return
		}
		switch kind {
		case frameInput:
			input <- text
		case frameSize:
			if rows, columns, ok := size(text); ok && s.terminal {
				resize(s.in, rows, columns)
			}
		}
	}
}

func (s *streams) typed(p []byte) {
	if len(p) > 0 {
		_, _ = s.in.Write(p) // it need not read
	} else if !s.terminal {
		s.in.Close()
	}
}

// inNamespaces calls start so that what it starts is in the zone: in all its
// namespaces, or in none. The thread that was there is not used for anything else.
func inNamespaces(pid int, inZone bool, start func() error) error {
	if !inZone {
		return start()
	}
	result := make(chan error, 1)
	go func() {
		runtime.LockOSThread() // and never unlocked: the thread ends with the goroutine
		result <- func() error {
			if err := unix.Unshare(unix.CLONE_FS); err != nil { // a root directory of its own
				return err
			}
			var all []*os.File
			defer func() { closeFiles(all) }()
			kinds := []string{"net", "uts", "ipc", "pid", "mnt"} // mnt last: /proc is another then
			for _, kind := range kinds {
				f, err := os.Open(fmt.Sprintf("/proc/%d/ns/%s", pid, kind))
				if err != nil {
					return err
				}
				all = append(all, f)
			}
			for i, f := range all {
				if err := unix.Setns(int(f.Fd()), 0); err != nil {
					return fmt.Errorf("enter the zone's %s namespace: %w", kinds[i], err)
				}
			}
			return start()
		}()
	}()
	err := <-result
	if errors.Is(err, syscall.ENOENT) {
		return fmt.Errorf("the zone has ended: %w", err)
	}
	return err
}
