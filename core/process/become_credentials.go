package process

import (
	"slices"

	"dockerinit/core/exit"
)

// IDs are all of a process's ids, of which an execve leaves none to be regained.
type IDs struct {
	RUID, EUID, SUID uint32
	RGID, EGID, SGID uint32
	Groups           []uint32
}

// credentials takes those that are wanted, and makes sure that it has them and
// no others.
func credentials(k Kernel, want Credentials) error {
	have, err := k.IDs()
	if err != nil {
		return exit.Credentials.Errorf("read the process's ids: %w", err)
	}
	if have.EUID != 0 {
		if have.are(want) {
			return nil
		}
		if err := k.Unprivileged(want); err != nil {
			return exit.Setuid.Errorf("run as %s: %w", want, err)
		}
		return nil
	}
	groups := want.all()
	if err := k.Setgroups(groups); err != nil {
		return exit.Initgroups.Errorf("set the %d groups of %s: %w", len(groups), want, err)
	}
	if err := k.Setgid(want.GID); err != nil {
		return exit.Setgid.Errorf("set the group to %d: %w", want.GID, err)
	}
	if err := k.Setuid(want.UID); err != nil {
		return exit.Setuid.Errorf("set the user to %d: %w", want.UID, err)
	}
	if have, err = k.IDs(); err != nil {
		return exit.Credentials.Errorf("read the process's ids: %w", err)
	}
	if !have.are(want) {
		return exit.Credentials.Errorf("the process is %d:%d with groups %v after it was set to %s",
			have.EUID, have.EGID, have.Groups, want)
	}
	if want.UID != 0 && k.RegainRoot() {
		return exit.Credentials.Errorf("the process could become root again after it was set to %s", want)
	}
	return nil
}

// all is the list for setgroups, which begins with the group itself: without it
// a program could shed the group, and with it what is denied to it.
func (c Credentials) all() []uint32 {
	all := []uint32{c.GID}
	for _, g := range c.Groups {
		if !slices.Contains(all, g) {
			all = append(all, g)
		}
	}
	return all
}

// are tells whether the ids are those of c and none besides. Kernels sort
// groups, and some leave the group itself out of them.
func (i IDs) are(c Credentials) bool {
	for _, id := range []uint32{i.RUID, i.EUID, i.SUID} {
		if id != c.UID {
			return false
		}
	}
	for _, id := range []uint32{i.RGID, i.EGID, i.SGID} {
		if id != c.GID {
			return false
		}
	}
	have, want := Credentials{GID: i.EGID, Groups: i.Groups}.all(), c.all()
	return len(have) == len(want) && !slices.ContainsFunc(have, func(g uint32) bool { return !slices.Contains(want, g) })
}
