package process

import (
	"errors"
	"fmt"
	"path"
	"runtime"
	"strconv"
	"strings"
	"syscall"

	"dockerinit/core/exit"
)

// A Kernel is what Become asks of a system, one call each. The calls are about
// the calling thread where a system has credentials and masks by thread: Become
// makes them all from one.
type Kernel interface {
	// OpenNull opens /dev/null to read and write and makes sure that it is one.
	OpenNull() (fd int, err error)
	// DupAbove is a copy of fd with a number of at least lowest, which the
	// command does not inherit; Dup2 makes to another name of from, inherited.
	DupAbove(fd, lowest int) (int, error)
	Dup2(from, to int) error
	// Inherit lets the command have fd as it stands.
	Inherit(fd int) error
	// CloseOnExecFrom keeps from the command all descriptors from lowest on,
	// whoever opened them.
	CloseOnExecFrom(lowest int) error
	// Own gives fd to the user, unless it is his already or is /dev/null.
	Own(fd int, uid uint32) error

	NewSession() error                // to lead one already is no error
	ControllingTerminal(fd int) error // fd becomes the session's terminal
	Foreground(fd int) error          // the process's group becomes the terminal's

	Umask(mask uint32)
	Chdir(dir string) error // a path within the zone's root
	Getcwd() (string, error)
	SetLimit(limit Limit) error

	IDs() (IDs, error)
	Setgroups(gids []uint32) error
	Setgid(gid uint32) error // real, effective and saved
	Setuid(uid uint32) error
	// RegainRoot tries to become root again and tells whether that went.
	RegainRoot() bool
	// Unprivileged is told of credentials that are neither the process's own nor
	// in its power to take. nil lets it go on as who it is: for a stand-in alone,
	// which has to say so.
	Unprivileged(want Credentials) error

	// DefaultSignals gives every signal its default, also the ignored ones, blocks
	// none, and takes timers off that would still send one.
	DefaultSignals() error
	// Execve becomes the program. It returns only if it could not.
	Execve(path string, argv, env []string) error
}

// Become turns the process into the command. It returns only if it could not;
// then the process may be anything between what it was and what it was to be,
// and must end.
//
// Each place in this order is forced:
//
//   - descriptors 0 to 2 come first, since the terminal is one of them, and what
//     else is open is closed to the command before anything is entered
//     (CVE-2024-21626);
//   - they are given to the user, and limits are raised, while that is allowed;
//   - the directory is entered as root, and by the user only where root may not
//     (root of an NFS server is nobody), and is looked at by whoever did;
//   - groups before gid before uid: each needs what the next takes away
//     (CVE-2022-36109), and all is verified after;
//   - signals come last, when no handler of this program has anything to do.
//
// Files must have their numbers already, 3 and up: other descriptors there may
// be the Go runtime's own. A fork puts them in place.
func Become(k Kernel, c Command) error {
	if err := Check(c); err != nil {
		return err
	}
	// Never unlocked: a thread with other credentials must not run anything else.
	runtime.LockOSThread()

	if err := descriptors(k, c); err != nil {
		return err
	}
	if err := terminal(k, c); err != nil {
		return err
	}
	k.Umask(c.Umask)
	entered := enter(k, directory(c))
	if entered != nil && !refused(entered) {
		return exit.Chdir.Errorf("working directory %q: %w", directory(c), entered)
	}
	for _, limit := range c.Limits {
		if err := k.SetLimit(limit); err != nil {
			return exit.Limits.Errorf("limit %s: %w", limit, err)
		}
	}
	if err := credentials(k, c.Credentials); err != nil {
		return err
	}
	if entered != nil {
		err := enter(k, directory(c))
		if refused(err) {
			err = fmt.Errorf("neither root nor %s may enter it: %w", c.Credentials, err)
		}
		if err != nil {
			return exit.Chdir.Errorf("working directory %q: %w", directory(c), err)
		}
	}
	if err := k.DefaultSignals(); err != nil {
		return exit.Unexpected.Errorf("set signals to their defaults: %w", err)
	}
	if c.Path == "" {
		return searchAndExecute(k, c)
	}
	return Explain(execute(k, c), c)
}

func execute(k Kernel, c Command) error {
	for {
		// A signal that arrives meanwhile may interrupt a slow file system.
		if err := k.Execve(c.Path, c.Args, c.Env); !errors.Is(err, syscall.EINTR) {
			return err
		}
	}
}

// searchAndExecute asks the kernel itself, in each directory of PATH. What is
// not there or may not be executed is passed over, as in a search beforehand.
func searchAndExecute(k Kernel, c Command) error {
	name := c.Args[0]
	if strings.Contains(name, "/") {
		c.Path = name
		return Explain(execute(k, c), c)
	}
	elements, _ := Look{Env: c.Env}.elements()
	var passed error
	for _, dir := range elements {
		if name == "" {
			break
		}
		if c.Path = dir + "/" + name; dir == "" {
			c.Path = "./" + name
		}
		switch err := execute(k, c); {
		case missing(err):
		case errors.Is(err, syscall.EACCES):
			if passed == nil {
				passed = Explain(err, c)
			}
		default:
			return Explain(err, c)
		}
	}
	if passed != nil {
		return passed
	}
	return exit.NotFoundInPath.Errorf("%.300q: not found in any of the %d directories of PATH", name, len(elements))
}

// Check finds what no kernel executes, whatever its files are: argc 0, which
// programs take for what follows it in memory (CVE-2021-4034), and NUL.
func Check(c Command) error {
	if len(c.Args) == 0 {
		return exit.NoCommand.Errorf("no command: an empty argument list cannot be executed")
	}
	for i, a := range c.Args {
		if strings.IndexByte(a, 0) >= 0 {
			return exit.Exec.Errorf("execute %q: argument %d holds a NUL byte", c.Path, i)
		}
	}
	for i, e := range c.Env {
		if strings.IndexByte(e, 0) >= 0 {
			return exit.InvalidValue.Errorf("execute %q: variable %d of the environment holds a NUL byte", c.Path, i)
		}
	}
	return nil
}

// enter makes dir the working directory, and makes sure that it lies in the zone.
// Whoever has entered asks: illumos tells the path only to those who may search
// and read all of it, and a user need not be one of them (usr/src/uts/common/fs/
// lookup.c, dogetcwd).
func enter(k Kernel, dir string) error {
	if err := k.Chdir(dir); err != nil {
		return err
	}
	switch real, err := k.Getcwd(); {
	case err != nil:
		return fmt.Errorf("lies nowhere in the zone: %w", err)
	case !path.IsAbs(real):
		return fmt.Errorf("lies outside of the zone, at %q", real)
	}
	return nil
}

func refused(err error) bool { return errors.Is(err, syscall.EACCES) || errors.Is(err, syscall.EPERM) }

func directory(c Command) string {
	if c.Dir == "" {
		return "/"
	}
	return c.Dir
}

// String is "nofile=1024:unlimited", soft and hard.
func (l Limit) String() string {
	return l.Name + "=" + limitValue(l.Soft) + ":" + limitValue(l.Hard)
}

func limitValue(n uint64) string {
	if n == Unlimited {
		return "unlimited"
	}
	return strconv.FormatUint(n, 10)
}
