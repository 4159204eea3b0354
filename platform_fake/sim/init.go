//go:build linux

package sim

import (
	"errors"
	"fmt"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// An initConfig is what the first process of the zone needs to know.
type initConfig struct {
	Root string
	Proc string // where in the keeper's view /proc and /sys are mounted
	Sys  string
	Init string // within the root
}

// becomeInit does what only a process in the zone's namespaces can: it mounts
// their /proc, makes the root the root, and becomes dockerinit when the keeper
// says so. What fails is told to the keeper, which hears nothing if all is well.
func becomeInit() error {
	var c initConfig
	keeper, err := readConfig(&c)
	if err != nil {
		return err
	}
	syscall.CloseOnExec(configFD)
	w := &wire{conn: keeper}
	err = c.enterRoot()
	if err == nil {
		if err = w.send(frameReady, nil); err == nil {
			_, _, err = w.receive()
		}
	}
	if err == nil {
		err = executeInit(c.Init)
	}
	_ = w.send(frameRefused, []byte(err.Error()))
	return err
}

func (c initConfig) enterRoot() error {
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return fmt.Errorf("keep the mounts apart: %w", err)
	}
	const flags = unix.MS_NOSUID | unix.MS_NODEV | unix.MS_NOEXEC
	if err := unix.Mount("proc", c.Proc, "proc", flags, ""); err != nil {
		return fmt.Errorf("mount /proc: %w", err)
	}
	// A machine may not allow this one in a namespace, and few programs miss it.
	_ = unix.Mount("sysfs", c.Sys, "sysfs", flags|unix.MS_RDONLY, "")
	// The new root over the old one, which is then let go.
	if err := os.Chdir(c.Root); err != nil {
		return err
	}
	if err := unix.PivotRoot(".", "."); err != nil {
		return fmt.Errorf("pivot_root: %w", err)
	}
	return errors.Join(unix.Unmount(".", unix.MNT_DETACH), os.Chdir("/"))
}

// executeInit starts it as the host does: no environment, no descriptors, and its
// own path as the only argument.
// illumos-joyent: usr/src/uts/common/os/main.c
func executeInit(path string) error {
	if err := disinherit(0); err != nil {
		return err
	}
	return syscall.Exec(path, []string{path}, nil)
}
