//go:build linux

package cmdtest

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
	"unsafe"
)

// A Terminal is a pseudo terminal with a program at it.
type Terminal struct {
	*Process
	master *os.File
	shown  lockedBuffer
	seen   int // how much of it, in bytes
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

// Resize changes its size, of which the program is told by SIGWINCH.
func (term *Terminal) Resize(rows, columns uint16) error {
	conn, err := term.master.SyscallConn()
	if err != nil {
		return err
	}
	size := [4]uint16{rows, columns}
	var errno syscall.Errno
	err = conn.Control(func(fd uintptr) {
		_, _, errno = syscall.Syscall(syscall.SYS_IOCTL, fd, syscall.TIOCSWINSZ, uintptr(unsafe.Pointer(&size)))
	})
	if err == nil && errno != 0 {
		err = errno
	}
	return err
}

// Echoes tells whether the terminal shows what is typed, so is not raw.
func (term *Terminal) Echoes() bool {
	term.t.Helper()
	conn, err := term.master.SyscallConn()
	if err != nil {
		term.t.Fatal(err)
	}
	var mode syscall.Termios
	var errno syscall.Errno
	err = conn.Control(func(fd uintptr) {
		_, _, errno = syscall.Syscall(syscall.SYS_IOCTL, fd, syscall.TCGETS, uintptr(unsafe.Pointer(&mode)))
	})
	if err != nil || errno != 0 {
		term.t.Fatal(err, errno)
	}
	return mode.Lflag&syscall.ECHO != 0
}

// HangUp takes the terminal away.
func (term *Terminal) HangUp() { _ = term.master.Close() }

// Shown is all that has appeared.
func (term *Terminal) Shown() string { return strings.ReplaceAll(term.shown.String(), "\r\n", "\n") }

// See waits until each of the texts has appeared, after what was seen before.
func (term *Terminal) See(texts ...string) {
	term.t.Helper()
	for _, text := range texts {
		if !Until(func() bool { return term.pass(text) }) {
			term.t.Fatal(fmt.Sprintf("no %q on the terminal after byte %d:\n%s", text, term.seen, term.Shown()))
		}
	}
}

// Press types a key again and again until text appears: a key that comes before
// the shell has put its job in the foreground has no effect on the job.
func (term *Terminal) Press(key, text string) {
	term.t.Helper()
	var pressed time.Time
	if !Until(func() bool {
		if time.Since(pressed) > 300*time.Millisecond {
			term.Type(key)
			pressed = time.Now()
		}
		return term.pass(text)
	}) {
		term.t.Fatal(fmt.Sprintf("no %q on the terminal after byte %d, for all that %q was pressed:\n%s", text, term.seen, key, term.Shown()))
	}
}

// pass goes on behind the text, if it has appeared.
func (term *Terminal) pass(text string) bool {
	shown := term.Shown()
	if term.seen > len(shown) { // between the halves of a line's end
		return false
	}
	at := strings.Index(shown[term.seen:], text)
	if at >= 0 {
		term.seen += at + len(text)
	}
	return at >= 0
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
