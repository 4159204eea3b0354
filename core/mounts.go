package core

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"dockerinit/core/exit"
	"dockerinit/core/zone"
)

// mounts makes what the brand needs and its kernel has not mounted.
var mounts = Step{"mounts", func(b *Boot) (todo []Action) {
	switch b.Zone.Brand {
	case zone.LX:
		todo = append(todo, b.mtab())
		// docker:tmpfs may have another one there, as in Docker.
		if !slices.ContainsFunc(b.Zone.Tmpfs, func(t zone.Tmpfs) bool { return t.Path == "/dev/shm" }) {
			todo = append(todo, b.mount(exit.MountDevShm, b.shm()))
		}
	case zone.JoyentMinimal:
		todo = append(todo, b.mount(exit.MountDevFd, zone.Mount{Type: "fd", Source: "fd", Target: "/dev/fd"}))
	}
	return append(todo, b.tmpfs(false)...)
}}

// tmpfs are the mounts of docker:tmpfs: those on a volume, which would cover them,
// or the others.
func (b *Boot) tmpfs(onVolume bool) (todo []Action) {
	for _, t := range b.Zone.Tmpfs {
		below := slices.ContainsFunc(b.Zone.Volumes, func(v zone.Volume) bool {
			return strings.HasPrefix(t.Path, v.Mountpoint+"/")
		})
		if below == onVolume {
			m := zone.Mount{Type: "tmpfs", Source: "tmpfs", Target: t.Path, Options: tmpfsOptions(t.Options)}
			todo = append(todo, b.mount(exit.MountTmpfs, m))
		}
	}
	return todo
}

// tmpfsOptions are Docker's: noexec, nosuid and nodev, unless the options say
// the opposite (an s6 image needs exec on its /run).
func tmpfsOptions(asked string) (options []string) {
	words := strings.FieldsFunc(asked, func(r rune) bool { return r == ',' })
	for _, safe := range []string{"noexec", "nosuid", "nodev"} {
		if !slices.Contains(words, safe) && !slices.Contains(words, strings.TrimPrefix(safe, "no")) {
			options = append(options, safe)
		}
	}
	return append(options, words...)
}

// shm is world-writable as Docker's is, and as large as memory unless a size is
// asked for: that is how LX zones have always had it.
func (b *Boot) shm() zone.Mount {
	options := []string{"mode=1777"}
	if b.Zone.ShmSize > 0 {
		options = append(options, fmt.Sprintf("size=%d", b.Zone.ShmSize))
	}
	return zone.Mount{Type: "tmpfs", Source: "shm", Target: "/dev/shm", Options: options}
}

// mtab is a warning: a directory or a read-only root in its place is the
// image's own business, and the mounts are made all the same.
func (b *Boot) mtab() Action {
	return Action{
		What:     "link /etc/mtab to /proc/mounts",
		Optional: true,
		Do: func(context.Context) error {
			_, err := b.image.EnsureSymlink("/etc/mtab", "/proc/mounts")
			return err
		},
	}
}

// mount makes the mount point, inside the image, and mounts on it. Links on the
// way are followed within the image, as Docker does: /var/run is one in most. But
// none leads onto what is the platform's, and what is mounted there goes through
// none.
func (b *Boot) mount(code exit.Code, m zone.Mount) Action {
	return Action{
		What: "mount " + m.String(),
		Code: code,
		Do: func(ctx context.Context) error {
			if _, err := b.image.MkdirAll(m.Target, 0o755); err != nil {
				return exit.Mkdir.Wrap(err)
			}
			real, err := b.image.Resolve(m.Target)
			if err != nil {
				return err
			}
			if real != m.Target && zone.Reserved(m.Target)+zone.Reserved(real) != "" {
				return code.Errorf("%s is a link to %s in this image", m.Target, real)
			}
			// Docker would mount the second over the first, which not every kernel does.
			if m.Type == "tmpfs" && slices.Contains(b.temporary, real) {
				b.warn(b.step, fmt.Sprintf("mount tmpfs on %s: %s is one already, by another name: that one's options hold", m.Target, real))
				return nil
			}
			m.Target = real
			if err := b.System.Mount(ctx, m); err != nil {
				return err
			}
			if m.Type == "tmpfs" {
				b.temporary = append(b.temporary, real)
			}
			return nil
		},
	}
}
