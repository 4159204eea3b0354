package fake

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"syscall"

	"dockerinit/core/image"
	"dockerinit/core/process"
)

// A kernel is this machine's, for process.Become: here is what package syscall
// has on every system, the rest is in the file of that system's name.
type kernel struct {
	process.Posix
	root     string
	borrowed bool
	say      func(string)
}

// eachOpen is all descriptors from lowest on. The one that reads the list may
// be among them, closed by then.
func eachOpen(lowest int, do func(fd int)) error {
	names, err := os.ReadDir("/dev/fd")
	if err != nil {
		return err
	}
	for _, name := range names {
		if fd, err := strconv.Atoi(name.Name()); err == nil && fd >= lowest {
			do(fd)
		}
	}
	return nil
}

func (k *kernel) Own(fd int, uid uint32) error {
	if k.borrowed {
		return nil
	}
	return k.Posix.Own(fd, uid)
}

func (k *kernel) NewSession() error {
	if k.borrowed {
		return nil
	}
	return newSession()
}

func (k *kernel) ControllingTerminal(fd int) error {
	if k.borrowed {
		return nil
	}
	return controllingTerminal(fd)
}

func (k *kernel) Foreground(fd int) error {
	if k.borrowed {
		return nil
	}
	return foreground(fd)
}

// Chdir enters a directory of the image, whose links lead within the image.
func (k *kernel) Chdir(dir string) error {
	if k.root == "" || k.root == "/" {
		return syscall.Chdir(dir)
	}
	root, err := image.Open(k.root)
	if err != nil {
		return err
	}
	defer root.Close()
	real, err := root.Resolve(dir)
	if err != nil {
		return err
	}
	return syscall.Chdir(filepath.Join(k.root, real))
}

// SetLimit goes through package syscall, whose Exec then leaves a limit of open
// files alone; otherwise it restores the one that Go's runtime raised.
func (k *kernel) SetLimit(l process.Limit) error {
	resource, ok := resources[l.Name]
	if !ok {
		k.say(fmt.Sprintf("limit %s: this system has none of that name", l.Name))
		return nil
	}
	var r syscall.Rlimit
	r.Cur, r.Max = rlimit(l.Soft), rlimit(l.Hard)
	err := syscall.Setrlimit(resource, &r)
	if errors.Is(err, syscall.EPERM) && os.Geteuid() != 0 {
		k.say(fmt.Sprintf("limit %s: not raised without root's rights", l.Name))
		return nil
	}
	return err
}

func rlimit(n uint64) uint64 {
	if n == process.Unlimited {
		return infinity
	}
	return n
}

func (k *kernel) Setgroups(gids []uint32) error {
	all := make([]int, len(gids))
	for i, gid := range gids {
		all[i] = int(gid)
	}
	return syscall.Setgroups(all)
}

func (k *kernel) groups() ([]uint32, error) {
	gids, err := syscall.Getgroups()
	all := make([]uint32, len(gids))
	for i, gid := range gids {
		all[i] = uint32(gid)
	}
	return all, err
}

// Unprivileged goes on: a person who tries a zone on a laptop is not root.
func (k *kernel) Unprivileged(want process.Credentials) error {
	k.say(unapplied(want))
	return nil
}
