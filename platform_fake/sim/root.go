//go:build linux

package sim

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"dockerinit/core/image"
)

// A root is the zone's root as the keeper sees it, under construction.
type root struct {
	dir   string      // where it is mounted
	image *image.Root // the same, for names that links of the image may lead elsewhere
	upper string      // what the zone writes, where it is thrown away
}

// newRoot mounts what the zone's root is made of at work/root. Files of the image
// are not changed, unless Write says so.
func newRoot(c Config) (r root, err error) {
	if err := unix.Mount("tmpfs", c.Work, "tmpfs", unix.MS_NOSUID, "mode=0755"); err != nil {
		return r, fmt.Errorf("mount tmpfs on %s: %w", c.Work, err)
	}
	r.dir = filepath.Join(c.Work, "root")
	if err := os.Mkdir(r.dir, 0o755); err != nil {
		return r, err
	}
	switch {
	case c.Write:
		err = bind(c.Root, r.dir)
	case c.Root != "":
		r.upper = filepath.Join(c.Work, "upper")
		err = overlay(c.Root, r.dir, c.Work, "")
	default:
		r.upper = filepath.Join(c.Work, "upper")
		err = r.machine(c.Work)
	}
	if err == nil {
		r.image, err = image.Open(r.dir)
	}
	return r, err
}

// machine makes a root of this machine's own, whatever programs it has, without
// what is private on it.
func (r root) machine(work string) error {
	hidden := []string{"/tmp", "/run", "/home", "/root", os.Getenv("HOME")}
	if err := overlay("/", r.dir, work, ""); err != nil {
		hidden = append(hidden, "/var/log") // which only root could write to
		// An ordinary user gets no overlay of the whole, as things are mounted in it.
		if err := unix.Mount("tmpfs", r.dir, "tmpfs", 0, "mode=0755"); err != nil {
			return err
		}
		if err := r.directories(work); err != nil {
			return err
		}
	}
	for _, dir := range hidden {
		info, err := os.Lstat(r.dir + dir)
		if dir == "" || dir == "/" || err != nil || !info.IsDir() {
			continue
		}
		mode := "mode=0755"
		if dir == "/tmp" {
			mode = "mode=1777"
		}
		if err := unix.Mount("tmpfs", r.dir+dir, "tmpfs", 0, mode); err != nil {
			return fmt.Errorf("hide %s: %w", dir, err)
		}
	}
	return nil
}

// directories makes overlays of what programs need. What the kernel makes no
// overlay of is there, and cannot be written to.
func (r root) directories(work string) error {
	entries, err := os.ReadDir("/")
	if err != nil {
		return err
	}
	for _, e := range entries {
		from, to := "/"+e.Name(), filepath.Join(r.dir, e.Name())
		if e.Type() == fs.ModeSymlink {
			target, err := os.Readlink(from)
			if err == nil {
				err = os.Symlink(target, to)
			}
			if err != nil {
				return err
			}
			continue
		}
		if !e.IsDir() {
			continue
		}
		if err := os.Mkdir(to, 0o755); err != nil {
			return err
		}
		system := e.Name() == "lib" || strings.HasPrefix(e.Name(), "lib") ||
			slices.Contains([]string{"bin", "sbin", "etc", "usr", "var", "opt", "srv"}, e.Name())
		if !system {
			continue
		}
		if overlay(from, to, work, e.Name()) == nil {
			continue
		}
		if err := bind(from, to); err != nil {
			return err
		}
	}
	return nil
}

// overlay mounts from on to, and keeps what is written apart, in work.
func overlay(from, to, work, part string) error {
	upper, scratch := filepath.Join(work, "upper", part), filepath.Join(work, "scratch", strings.ReplaceAll(part, "/", "_")+".")
	for _, dir := range []string{upper, scratch} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return err
		}
	}
	info, err := os.Stat(from)
	if err != nil {
		return err
	}
	// The merged directory is the upper one where modes are concerned.
	if err := os.Chmod(upper, info.Mode().Perm()|info.Mode()&fs.ModeSticky); err != nil {
		return err
	}
	escape := strings.NewReplacer(`\`, `\\`, ":", `\:`, ",", `\,`)
	options := fmt.Sprintf("lowerdir=%s,upperdir=%s,workdir=%s", escape.Replace(from), escape.Replace(upper), escape.Replace(scratch))
	if inUserNamespace() {
		options += ",userxattr" // those that an ordinary user may set
	}
	if err := unix.Mount("overlay", to, "overlay", 0, options); err != nil {
		return fmt.Errorf("overlay of %s: %w", from, err)
	}
	return nil
}

func bind(from, to string) error {
	if err := unix.Mount(from, to, "", unix.MS_BIND|unix.MS_REC, ""); err != nil {
		return fmt.Errorf("bind %s on %s: %w", from, to, err)
	}
	return nil
}

// mount mounts a file system of the kernel's at a directory of the root, which is
// made where there is none.
func (r root) mount(kind, dir string, flags uintptr, options string) (path string, err error) {
	if path, err = r.mkdir(dir); err != nil {
		return "", err
	}
	if err := unix.Mount(kind, path, kind, flags, options); err != nil {
		return "", fmt.Errorf("mount %s on %s: %w", kind, dir, err)
	}
	return path, nil
}

// mkdir makes a directory of the root, and tells its path for the keeper.
func (r root) mkdir(dir string) (string, error) {
	if _, err := r.image.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	path, err := r.image.Resolve(dir)
	return filepath.Join(r.dir, path), err
}

// cover puts a file over one of the root, as the host mounts its own.
func (r root) cover(name, content, work string) error {
	target, err := r.file(name)
	if err != nil {
		return err
	}
	source := filepath.Join(work, strings.ReplaceAll(strings.Trim(name, "/"), "/", "_"))
	if err := os.WriteFile(source, []byte(content), 0o644); err != nil {
		return err
	}
	return bind(source, target)
}

// file is a regular file of the root. A missing one is made empty, and what is
// neither file nor directory is replaced by that: a link would lead the host out of
// the image, and a FIFO hold it up.
func (r root) file(name string) (path string, err error) {
	dir, err := r.mkdir(filepath.Dir(name))
	if err != nil {
		return "", err
	}
	path = filepath.Join(dir, filepath.Base(name))
	info, err := os.Lstat(path)
	switch {
	case err == nil && info.IsDir():
		return "", fmt.Errorf("%s: a directory, where the host has a file", name)
	case err == nil && info.Mode().IsRegular():
		return path, nil
	case err == nil:
		err = os.Remove(path)
	case errors.Is(err, fs.ErrNotExist):
		err = nil
	}
	if err == nil {
		var f *os.File
		if f, err = os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644); err == nil {
			err = f.Close()
		}
	}
	if broken, ok := errors.AsType[*fs.PathError](err); ok {
		err = fmt.Errorf("%s %s: %w", broken.Op, name, broken.Err) // as the zone has it
	}
	return path, err
}

// foreign explains an error of a root with files that the kernel does not let an
// ordinary user change, because their owner is nobody in the user namespace.
func foreign(err error) error {
	refused := errors.Is(err, unix.EACCES) || errors.Is(err, unix.EPERM) || errors.Is(err, unix.EOVERFLOW)
	if !refused || !inUserNamespace() {
		return err
	}
	return fmt.Errorf("%w: files of the image belong to users that the zone has not; give the image to this user, or run it as root", err)
}

// readonly is for what the host lets the zone look at only.
func readonly(path string) error {
	if err := unix.Mount("", path, "", unix.MS_REMOUNT|unix.MS_BIND|unix.MS_RDONLY|unix.MS_NOSUID|unix.MS_NODEV, ""); err != nil {
		return fmt.Errorf("make %s read-only: %w", path, err)
	}
	return nil
}

// inUserNamespace tells whether this is another one than the machine's own, which
// has all ids as they are. man 7 user_namespaces
func inUserNamespace() bool {
	mapping, err := os.ReadFile("/proc/self/uid_map")
	return err == nil && !slices.Equal(strings.Fields(string(mapping)), []string{"0", "0", "4294967295"})
}

var errNoProgram = errors.New("not there: make build puts it beside dockerzone; --dockerinit names another")
