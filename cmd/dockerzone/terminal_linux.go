//go:build linux

package main

import (
	"encoding/binary"
	"io"
	"os"
	"os/exec"
	"syscall"

	"golang.org/x/sys/unix"
)

// terminalName is what the process that gives a terminal back is called in a list
// of processes.
const terminalName = "dockerzone-terminal"

// rawTerminal has what is typed go to the zone as it is, until restore is called.
// A process of its own restores the terminal where this one is killed.
func rawTerminal(f *os.File) (restore func(), err error) {
	fd := int(f.Fd())
	old, err := unix.IoctlGetTermios(fd, unix.TCGETS)
	if err != nil {
		return nil, err
	}
	release, err := guard(f, old)
	if err != nil {
		return nil, err
	}
	raw := *old
	raw.Iflag &^= unix.IGNBRK | unix.BRKINT | unix.PARMRK | unix.ISTRIP | unix.INLCR | unix.IGNCR | unix.ICRNL | unix.IXON
	raw.Oflag &^= unix.OPOST
	raw.Lflag &^= unix.ECHO | unix.ECHONL | unix.ICANON | unix.ISIG | unix.IEXTEN
	raw.Cflag = raw.Cflag&^(unix.CSIZE|unix.PARENB) | unix.CS8
	raw.Cc[unix.VMIN], raw.Cc[unix.VTIME] = 1, 0
	if err := unix.IoctlSetTermios(fd, unix.TCSETS, &raw); err != nil {
		release()
		return nil, err
	}
	return func() {
		_ = unix.IoctlSetTermios(fd, unix.TCSETS, old)
		release()
	}, nil
}

// guard starts the process that sets the terminal's mode as it was when this one
// has ended, or calls release.
func guard(terminal *os.File, mode *unix.Termios) (release func(), err error) {
	theirs, ours, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer theirs.Close()
	cmd := exec.Command("/proc/self/exe")
	// A session of its own: no key and no hangup ends it.
	cmd.Args, cmd.Env, cmd.SysProcAttr = []string{terminalName}, []string{}, &syscall.SysProcAttr{Setsid: true}
	cmd.Stdin, cmd.ExtraFiles = terminal, []*os.File{theirs}
	err = binary.Write(ours, binary.NativeEndian, mode)
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		ours.Close()
		return nil, err
	}
	return func() {
		ours.Close()
		_ = cmd.Wait() // what it could not do nobody can
	}, nil
}

// guardTerminal is the life of that process.
func guardTerminal() {
	parent := os.NewFile(3, "the parent")
	var mode unix.Termios
	if binary.Read(parent, binary.NativeEndian, &mode) != nil {
		return
	}
	_, _ = io.Copy(io.Discard, parent) // to its end
	_ = unix.IoctlSetTermios(0, unix.TCSETS, &mode)
}
