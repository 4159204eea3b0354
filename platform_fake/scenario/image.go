package scenario

import (
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"syscall"
)

// A File is something that an image has, or lacks, beyond what every root has.
type File struct {
	Name    string      // from the root, without a slash before it
	Mode    fs.FileMode // its type too; 0 removes what is there
	Content string      // of a regular file; the target of a link
	Size    int64       // of a sparse file, whose content comes first
}

func file(name, content string) File { return File{Name: name, Mode: 0o644, Content: content} }
func exe(name, content string) File  { return File{Name: name, Mode: 0o755, Content: content} }
func dir(name string) File           { return File{Name: name, Mode: fs.ModeDir | 0o755} }
func link(name, target string) File {
	return File{Name: name, Mode: fs.ModeSymlink | 0o777, Content: target}
}
func fifo(name string) File   { return File{Name: name, Mode: fs.ModeNamedPipe | 0o644} }
func socket(name string) File { return File{Name: name, Mode: fs.ModeSocket | 0o755} }
func gone(name string) File   { return File{Name: name} }
func sparse(name, content string, size int64) File {
	return File{Name: name, Mode: 0o644, Content: content, Size: size}
}

// write puts the files into a root, in their order. What is in their way is
// replaced; missing directories are made.
func write(root string, files []File) error {
	for _, f := range files {
		if err := f.write(filepath.Join(root, f.Name)); err != nil {
			return fmt.Errorf("image: %s: %w", f.Name, err)
		}
	}
	return nil
}

func (f File) write(path string) error {
	if f.Mode.IsDir() {
		if info, err := os.Lstat(path); err == nil && !info.IsDir() {
			if err := os.Remove(path); err != nil {
				return err
			}
		}
		if err := os.MkdirAll(path, 0o755); err != nil {
			return err
		}
		return os.Chmod(path, f.Mode)
	}
	if err := os.RemoveAll(path); err != nil || f.Mode == 0 {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	switch f.Mode.Type() {
	case fs.ModeSymlink:
		return os.Symlink(f.Content, path)
	case fs.ModeNamedPipe:
		if err := syscall.Mknod(path, syscall.S_IFIFO|uint32(f.Mode.Perm()), 0); err != nil {
			return err
		}
	case fs.ModeSocket:
		l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
		if err != nil {
			return err
		}
		l.SetUnlinkOnClose(false)
		return l.Close()
	default:
		if err := os.WriteFile(path, []byte(f.Content), 0o644); err != nil {
			return err
		}
		if f.Size > 0 {
			if err := os.Truncate(path, f.Size); err != nil {
				return err
			}
		}
	}
	return os.Chmod(path, f.Mode) // whatever the umask is
}
