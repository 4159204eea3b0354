//go:build linux

package cmdtest

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"unsafe"
)

// A Terminal is a pseudo terminal with a program at it.
type Terminal struct {
	*Process
	master *os.File
	shown  lockedBuffer
}

// StartAtTerminal begins cmd in a session of its own, at a terminal of its own.
func StartAtTerminal(t T, cmd *exec.Cmd) *Terminal {
	t.Helper()
	master, slave, err := openTerminal()
	if err != nil {
		t.Fatal(err)
	}
	if cmd.Stdin == nil {
		cmd.Stdin = slave
	}
	if cmd.Stdout == nil {
		cmd.Stdout = slave
	}
	if cmd.Stderr == nil {
		cmd.Stderr = slave
	}
	attributes(cmd).Setsid, attributes(cmd).Setctty = true, true
	term := &Terminal{Process: Start(t, cmd), master: master}
	_ = slave.Close()
	go func() {
		buf := make([]byte, 4096)
		for {
			n, err := master.Read(buf)
			_, _ = term.shown.Write(buf[:n])
			if err != nil {
				return // EIO: nobody has the other end open any more
			}
		}
	}()
	t.Cleanup(func() { _ = master.Close() })
	return term
}

// Type enters text.
func (term *Terminal) Type(text string) {
	term.t.Helper()
	if _, err := term.master.WriteString(text); err != nil {
		term.t.Fatal(err)
	}
}

// Shown is all that has appeared.
func (term *Terminal) Shown() string { return strings.ReplaceAll(term.shown.String(), "\r\n", "\n") }

// See waits until text has appeared after what was seen before.
func (term *Terminal) See(text string, after int) (seen int) {
	term.t.Helper()
	at := -1
	if !Until(func() bool {
		shown := term.Shown()
		if len(shown) >= after {
			at = strings.Index(shown[after:], text)
		}
		return at >= 0
	}) {
		term.t.Fatal(fmt.Sprintf("no %q on the terminal after byte %d:\n%s", text, after, term.Shown()))
	}
	return after + at + len(text)
}

func openTerminal() (master, slave *os.File, err error) {
	master, err = os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		return nil, nil, err
	}
	var number, unlock int32
	if err = control(master, syscall.TIOCSPTLCK, &unlock); err == nil {
		err = control(master, syscall.TIOCGPTN, &number)
	}
	if err == nil {
		slave, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|syscall.O_NOCTTY, 0)
	}
	if err != nil {
		_ = master.Close()
		return nil, nil, err
	}
	return master, slave, nil
}

func control(f *os.File, request uintptr, value *int32) error {
	conn, err := f.SyscallConn()
	if err != nil {
		return err
	}
	var errno syscall.Errno
	err = conn.Control(func(fd uintptr) {
		_, _, errno = syscall.Syscall(syscall.SYS_IOCTL, fd, request, uintptr(unsafe.Pointer(value)))
	})
	if err == nil && errno != 0 {
		err = errno
	}
	return err
}
