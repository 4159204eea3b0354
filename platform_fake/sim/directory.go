//go:build linux

package sim

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// A Zone is one that runs on this machine, started by this user.
type Zone struct {
	UUID     string
	Alias    string
	Hostname string
	Socket   string // the keeper's
	Work     string // the keeper's directory
}

// Name is what a person calls the zone.
func (z Zone) Name() string {
	for _, name := range []string{z.Alias, z.Hostname, z.UUID} {
		if name != "" {
			return name
		}
	}
	return z.number()
}

func (z Zone) is(name string) bool {
	return name != "" && slices.Contains([]string{z.Alias, z.Hostname, z.UUID, z.number()}, name)
}

// number tells the zone from others of the same payload.
func (z Zone) number() string { return strings.TrimSuffix(filepath.Base(z.Socket), ".sock") }

// runtimeDir is where the keepers of this user have their sockets: nobody else
// can look into it.
func runtimeDir() (string, error) {
	dir := filepath.Join(os.TempDir(), fmt.Sprintf("dockerzone-%d", os.Getuid()))
	if xdg := os.Getenv("XDG_RUNTIME_DIR"); xdg != "" {
		dir = filepath.Join(xdg, "dockerzone")
	} else if os.Getuid() == 0 {
		dir = "/run/dockerzone"
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	if !isOwn(dir) {
		return "", fmt.Errorf("%s: not a directory that only this user can use", dir)
	}
	return dir, nil
}

// isOwn tells whether it is a directory that only this user can use.
func isOwn(dir string) bool {
	info, err := os.Lstat(dir)
	return err == nil && info.IsDir() && info.Mode().Perm()&0o077 == 0 && int(info.Sys().(*syscall.Stat_t).Uid) == os.Getuid()
}

// Zones are those that run. What a keeper that was killed has left is removed.
func Zones() ([]Zone, error) {
	dir, err := runtimeDir()
	if err != nil {
		return nil, err
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var zones []Zone
	for _, e := range entries {
		name, ok := strings.CutSuffix(e.Name(), ".json")
		if !ok {
			continue
		}
		file := filepath.Join(dir, e.Name())
		var z Zone
		if text, err := os.ReadFile(file); err != nil || json.Unmarshal(text, &z) != nil {
			continue // being written, or being removed
		}
		z.Socket = filepath.Join(dir, name+".sock")
		conn, err := net.DialTimeout("unix", z.Socket, time.Second)
		switch {
		case err == nil:
			conn.Close()
			zones = append(zones, z)
		case errors.Is(err, syscall.ECONNREFUSED), errors.Is(err, fs.ErrNotExist):
			z.sweep()
		}
	}
	return zones, nil
}

// sweep removes what a keeper had on the machine.
func (z Zone) sweep() {
	for _, path := range []string{z.Socket, strings.TrimSuffix(z.Socket, ".sock") + ".json"} {
		_ = os.Remove(path)
	}
	if strings.HasPrefix(filepath.Base(z.Work), workPrefix) {
		_ = os.Remove(z.Work) // empty: what was in it was mounted there
	}
}

const (
	workPrefix = "dockerzone-zone-"
	keptSuffix = "-kept" // what --keep leaves beside it
)

// newWork makes a keeper's directory, and removes what is left of others. That a
// directory is in use is told by its lock, which its keeper inherits: nothing that
// is killed can leave one locked.
func newWork(runtime string) (work string, lock *os.File, err error) {
	making, err := locked(runtime, unix.LOCK_EX) // no other looks at it before it is locked
	if err != nil {
		return "", nil, err
	}
	defer making.Close()
	if _, err := Zones(); err != nil { // which sweeps
		return "", nil, err
	}
	all, _ := filepath.Glob(filepath.Join(os.TempDir(), workPrefix+"*")) // the pattern is well-formed
	for _, old := range all {
		if strings.HasSuffix(old, keptSuffix) {
			continue
		}
		if l, err := locked(old, unix.LOCK_EX|unix.LOCK_NB); err == nil {
			_ = os.Remove(old) // empty: what was in it was mounted there
			l.Close()
		}
	}
	if work, err = os.MkdirTemp("", workPrefix); err != nil {
		return "", nil, err
	}
	if lock, err = locked(work, unix.LOCK_EX); err != nil {
		_ = os.Remove(work)
	}
	return work, lock, err
}

func locked(dir string, how int) (*os.File, error) {
	f, err := os.OpenFile(dir, os.O_RDONLY|unix.O_DIRECTORY|unix.O_NOFOLLOW, 0)
	if err != nil {
		return nil, err
	}
	if err := unix.Flock(int(f.Fd()), how); err != nil {
		f.Close()
		return nil, fmt.Errorf("lock %s: %w", dir, err)
	}
	return f, nil
}

// Find is the zone of that alias, uuid or hostname.
func Find(name string) (Zone, error) {
	zones, err := Zones()
	if err != nil {
		return Zone{}, err
	}
	var found []Zone
	var names []string
	for _, z := range zones {
		names = append(names, z.Name())
		if z.is(name) {
			found = append(found, z)
		}
	}
	switch {
	case len(found) == 1:
		return found[0], nil
	case len(found) > 1:
		var numbers []string
		for _, z := range found {
			numbers = append(numbers, z.number())
		}
		return Zone{}, fmt.Errorf("%q: %d zones are called so; name one by its number, %s", name, len(found), strings.Join(numbers, " or "))
	case len(names) == 0:
		return Zone{}, fmt.Errorf("%q: no such zone runs, nor any other", name)
	}
	return Zone{}, fmt.Errorf("%q: no such zone runs; there are %s", name, strings.Join(names, ", "))
}

// announce writes down that the zone is there.
func (z Zone) announce() error {
	text, err := json.Marshal(z)
	if err != nil {
		return err
	}
	name := strings.TrimSuffix(z.Socket, ".sock") + ".json"
	if err := os.WriteFile(name+".new", text, 0o600); err != nil {
		return err
	}
	return os.Rename(name+".new", name)
}
