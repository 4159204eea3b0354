package fake

import (
	"context"
	"fmt"
	"net/netip"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"

	"dockerinit/core/zone"
)

// System keeps what is mounted and the zone's name.
type System struct {
	Root    string   // the image's, in which the targets of mounts are looked up
	Network *Network // the way to NFS servers; nil: all can be reached

	mu       sync.Mutex
	brand    zone.Brand
	hostname string
	mounts   []zone.Mount
}

// Mount notes the mount. The same one again is no error. What could not be
// mounted is for the caller to say.
func (s *System) Mount(_ context.Context, m zone.Mount) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.target(m.Target); err != nil {
		return err
	}
	if err := s.source(m); err != nil {
		return err
	}
	for _, have := range s.mounts {
		switch {
		case have.Target != m.Target:
		case have.String() == m.String() && have.Source == m.Source:
			return nil
		default:
			return fmt.Errorf("there is %s already: %w", have, syscall.EBUSY)
		}
	}
	s.mounts = append(s.mounts, m)
	return nil
}

// target is a directory of the image, reached through no symbolic link: that
// may lead anywhere, so whoever mounts has to have looked.
func (s *System) target(target string) error {
	if !path.IsAbs(target) || path.Clean(target) != target {
		return fmt.Errorf("target %q: not a clean absolute path: %w", target, syscall.EINVAL)
	}
	at := s.Root
	for _, name := range strings.Split(strings.Trim(target, "/"), "/") {
		at = filepath.Join(at, name)
		info, err := os.Lstat(at)
		switch {
		case err != nil:
			return fmt.Errorf("target %q: %w", target, syscall.ENOENT)
		case info.Mode()&os.ModeSymlink != 0:
			return fmt.Errorf("target %q: through a symbolic link: %w", target, syscall.ELOOP)
		case !info.IsDir():
			return fmt.Errorf("target %q: %w", target, syscall.ENOTDIR)
		}
	}
	return nil
}

// source is one that the file system type can have.
func (s *System) source(m zone.Mount) error {
	switch m.Type {
	case "fd":
		return nil
	case "tmpfs":
		for _, o := range m.Options {
			if !tmpfsOption(o) {
				return fmt.Errorf("option %q: %w", o, syscall.EINVAL)
			}
		}
		return nil
	case "nfs":
		server, dir, ok := strings.Cut(m.Source, ":/")
		if bracketed, found := strings.CutPrefix(server, "["); found {
			server = strings.TrimSuffix(bracketed, "]")
		}
		if !ok || server == "" || strings.ContainsRune(dir, 0) {
			return fmt.Errorf("source %q: not HOST:/path: %w", m.Source, syscall.EINVAL)
		}
		if a, err := netip.ParseAddr(server); err == nil && s.Network != nil && !s.Network.Reaches(a) {
			return fmt.Errorf("server %s: %w", a, syscall.ENETUNREACH)
		}
		return nil
	default:
		return fmt.Errorf("type %q: %w", m.Type, syscall.ENODEV)
	}
}

var tmpfsFlags = []string{"rw", "ro", "exec", "noexec", "suid", "nosuid", "dev", "nodev", "atime", "noatime",
	"diratime", "nodiratime", "relatime", "norelatime", "strictatime", "sync", "async", "dirsync"}

func tmpfsOption(o string) bool {
	name, value, _ := strings.Cut(o, "=")
	switch name {
	case "size", "nr_inodes", "nr_blocks":
		digits := strings.TrimRight(strings.ToLower(value), "kmg%b")
		_, err := strconv.ParseUint(digits, 10, 64)
		return err == nil && len(value)-len(digits) <= 1
	case "mode":
		mode, err := strconv.ParseUint(value, 8, 32)
		return err == nil && mode <= 0o7777
	case "uid", "gid":
		_, err := strconv.ParseUint(value, 10, 32)
		return err == nil
	default:
		return slices.Contains(tmpfsFlags, o)
	}
}

// SetHostname sets the node name. LX has Linux' limit, illumos its own.
func (s *System) SetHostname(_ context.Context, name string) error {
	longest := 256
	if s.brand == zone.LX {
		longest = 64
	}
	if name == "" || len(name) > longest || strings.ContainsRune(name, 0) {
		return fmt.Errorf("host name of %d bytes: not from 1 to %d: %w", len(name), longest, syscall.EINVAL)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hostname = name
	return nil
}
