package process

import (
	"errors"
	"os"
	"syscall"

	"dockerinit/core/exit"
)

// descriptors puts the stdio into place and closes all else to the command.
func descriptors(k Kernel, c Command) error {
	above := 3 + len(c.Files)
	var from [3]int
	for i, f := range []*os.File{c.Stdio.In, c.Stdio.Out, c.Stdio.Err} {
		var fd int
		var err error
		if f != nil {
			fd = int(f.Fd())
		} else if fd, err = k.OpenNull(); err != nil {
			return exit.Open.Errorf("/dev/null for descriptor %d: %w", i, err)
		}
		// Copied out of the way first: one's source may be another's place.
		if from[i] = fd; fd != i {
			if from[i], err = k.DupAbove(fd, above); err != nil {
				return exit.Dup2.Errorf("copy descriptor %d for %d: %w", fd, i, err)
			}
		}
	}
	for i, fd := range from {
		if fd == i {
			if err := k.Inherit(i); err != nil {
				return exit.Dup2.Errorf("descriptor %d: %w", i, err)
			}
		} else if err := k.Dup2(fd, i); err != nil {
			return exit.Dup2.Errorf("descriptor %d from %d: %w", i, fd, err)
		}
	}
	for i, f := range c.Files {
		if fd := int(f.Fd()); fd != 3+i {
			return exit.Dup2.Errorf("descriptor %d has the number %d: it had to be put in its place before", 3+i, fd)
		}
		if err := k.Inherit(3 + i); err != nil {
			return exit.Dup2.Errorf("descriptor %d: %w", 3+i, err)
		}
	}
	if err := k.CloseOnExecFrom(above); err != nil {
		return exit.Close.Errorf("close descriptors from %d on: %w", above, err)
	}
	for i := range 3 {
		// What lies on a read-only file system, or is a pipe of somebody else's,
		// stays whose it is.
		err := k.Own(i, c.Credentials.UID)
		if err != nil && !errors.Is(err, syscall.EPERM) && !errors.Is(err, syscall.EROFS) && !errors.Is(err, syscall.EINVAL) {
			return exit.OpenConsole.Errorf("give descriptor %d to %d: %w", i, c.Credentials.UID, err)
		}
	}
	return nil
}

// terminal makes the session, and the first of the stdio that is a terminal
// into the session's own. Stdin is /dev/null where the container has a terminal
// and nobody's input.
func terminal(k Kernel, c Command) error {
	if c.Session {
		if err := k.NewSession(); err != nil {
			return exit.OpenConsole.Errorf("a session of its own: %w", err)
		}
	}
	if !c.Terminal {
		return nil
	}
	for fd := range 3 {
		err := k.ControllingTerminal(fd)
		if noTerminal(err) {
			continue
		}
		if err != nil {
			return exit.OpenConsole.Errorf("descriptor %d as the controlling terminal: %w", fd, err)
		}
		if err := k.Foreground(fd); err != nil && !noTerminal(err) {
			return exit.OpenConsole.Errorf("the terminal's foreground: %w", err)
		}
		return nil
	}
	return nil // none: a program can do without
}

func noTerminal(err error) bool {
	return errors.Is(err, syscall.ENOTTY) || errors.Is(err, syscall.ENXIO) || errors.Is(err, syscall.EBADF)
}
