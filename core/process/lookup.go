package process

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"syscall"

	"dockerinit/core/exit"
	"dockerinit/core/image"
)

// A Look is where a command is looked for, and for whom.
type Look struct {
	Programs    *image.Root // where absolute names lead; nil: the same as Root
	Root        *image.Root // the image, in which the working directory is
	Dir         string      // the working directory
	Name        string      // the command as the user wrote it
	Env         []string    // the command's own environment, for its PATH
	Credentials Credentials // who is going to execute it

	// Machines are the processors whose programs run here, as diagnoses name
	// them: "x86_64", "i386". Empty: those of the machine this was built for.
	Machines []string

	// handlers tells whether the kernel executes formats that were registered
	// with it; nil asks the kernel.
	handlers func() bool
}

// Bounds of a search in PATH. An element more costs a system call or two; an
// image with a larger PATH is told so.
const (
	maxPath     = 64 << 10
	maxElements = 512
)

// Lookup finds the command's file. The path that it returns is for execve: an
// absolute one, or one relative to the working directory, for the kernel to
// resolve from there.
//
// A name with a slash is taken as it is. Any other is searched for in PATH as
// the command's environment has it; without one nothing is found, as in runc.
// What the user may not execute is passed over in PATH, and an error otherwise.
// All of it is judged by mode, owner and groups, before anything is final. An ACL
// that says something else is not looked at, which the message tells.
func Lookup(l Look) (file string, warnings []string, err error) {
	if l.Root == nil && l.Programs == nil {
		return "", nil, exit.StatCommand.Errorf("%.300q: %w", l.Name, ErrNoImage)
	}
	if strings.Contains(l.Name, "/") {
		return l.Name, nil, l.named()
	}
	return l.search()
}

// named judges a command that was given by its path.
func (l Look) named() error {
	info, err := l.stat(l.Name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if link, lerr := l.lstat(l.Name); lerr == nil && link.Mode()&fs.ModeSymlink != 0 {
			return exit.StatCommand.Errorf("%.300q: is a symbolic link that leads to nothing", l.Name)
		}
		return exit.StatCommand.Errorf("%.300q: %w%s", l.Name, plain(err), l.within())
	case errors.Is(err, syscall.ENOTDIR):
		return exit.StatCommand.Errorf("%.300q: what stands before a slash in it is not a directory", l.Name)
	case errors.Is(err, fs.ErrPermission):
		return exit.NotExecutable.Errorf("%.300q: %w", l.Name, plain(err))
	case err != nil:
		return exit.Exec.Errorf("%.300q: %w", l.Name, plain(err))
	case info.IsDir():
		return exit.CommandIsDir.Errorf("%.300q: is a directory", l.Name)
	}
	if why := l.forbidden(l.Name, info); why != "" {
		return exit.NotExecutable.Errorf("%.300q: %s", l.Name, why)
	}
	return nil
}

// search goes through PATH.
func (l Look) search() (file string, warnings []string, err error) {
	elements, problem := l.elements()
	if problem != "" {
		warnings = append(warnings, problem)
	}
	var relative []string
	passed := "" // the first that was there and could not be taken
	for i, dir := range elements {
		if l.Name == "" {
			break // the directories themselves
		}
		candidate := dir + "/" + l.Name
		if dir == "" {
			candidate = "./" + l.Name
		}
		if !strings.HasPrefix(dir, "/") {
			relative = append(relative, fmt.Sprint(i+1))
		}
		info, err := l.stat(candidate)
		why := ""
		switch {
		case err != nil && missing(err):
			continue
		case err != nil:
			why = plain(err).Error()
		case info.IsDir():
			why = "is a directory"
		default:
			why = l.forbidden(candidate, info)
		}
		if why == "" {
			return candidate, append(warnings, inWorkdir(relative)...), nil
		}
		if passed == "" {
			passed = fmt.Sprintf("; %.300q %s", candidate, why)
		}
	}
	warnings = append(warnings, inWorkdir(relative)...)
	switch {
	case l.Name == "":
		return "", warnings, exit.NotFoundInPath.Errorf(`"": the command is an empty word`)
	case len(elements) == 0:
		return "", warnings, exit.NotFoundInPath.Errorf("%.300q: the environment has no PATH to look it up in", l.Name)
	}
	return "", warnings, exit.NotFoundInPath.Errorf("%.300q: not found in any of the %d directories of PATH%s",
		l.Name, len(elements), passed)
}

// elements are the directories of PATH. The last setting of a name counts.
func (l Look) elements() (all []string, problem string) {
	value := ""
	for _, e := range l.Env {
		if v, ok := strings.CutPrefix(e, "PATH="); ok {
			value = v
		}
	}
	if value == "" {
		return nil, ""
	}
	if len(value) > maxPath {
		// What was cut off in the middle is no directory that anybody named.
		problem = fmt.Sprintf("PATH: only the first %d bytes are searched", maxPath)
		end := strings.LastIndexByte(value[:maxPath], ':')
		if end < 0 {
			return nil, problem
		}
		value = value[:end]
	}
	all = strings.SplitN(value, ":", maxElements+1)
	if len(all) > maxElements {
		all = all[:maxElements]
		problem = fmt.Sprintf("PATH: only the first %d directories are searched", maxElements)
	}
	return all, problem
}

// inWorkdir is the warning that Docker makes an error of: a search that depends
// on the working directory. Existing zones rely on it.
func inWorkdir(elements []string) []string {
	if len(elements) == 0 {
		return nil
	}
	const most = 8
	more := ""
	if len(elements) > most {
		elements, more = elements[:most], " and others"
	}
	return []string{fmt.Sprintf("PATH: element %s%s is empty or relative and means the working directory",
		strings.Join(elements, ", "), more)}
}

// forbidden says why the user may not execute the file; "" where he may.
func (l Look) forbidden(name string, info fs.FileInfo) string {
	if !info.Mode().IsRegular() {
		return "is not a regular file"
	}
	if dir := l.unsearchable(name); dir != "" {
		return fmt.Sprintf("is in %.300q, which %s may not search by its mode; %s", dir, l.Credentials, noACL)
	}
	if l.Credentials.may(info) {
		return ""
	}
	owner := ""
	if uid, gid, _, ok := image.Owner(info); ok {
		owner = fmt.Sprintf(", owner %d:%d", uid, gid)
	}
	unseen := ""
	if l.Credentials.UID != 0 { // whom no ACL helps
		unseen = "; " + noACL
	}
	return fmt.Sprintf("may not be executed by %s (mode %04o%s%s)", l.Credentials, info.Mode().Perm(), owner, unseen)
}

const noACL = "ACLs are not looked at"

// unsearchable is the first directory on the way to name that the user may not
// search. Behind links, only directories of an absolute path are looked at: the
// way to the working directory itself has been gone by then.
func (l Look) unsearchable(name string) string {
	if l.Credentials.UID == 0 {
		return ""
	}
	ways := []string{path.Clean(name)}
	if !path.IsAbs(name) {
		ways[0] = "./" + ways[0]
	} else {
		if real, err := l.root(name).Resolve(name); err == nil && real != ways[0] {
			ways = append(ways, real)
		}
	}
	for _, way := range ways {
		for i, c := range way {
			if c != '/' {
				continue
			}
			dir := way[:max(i, 1)]
			if info, err := l.stat(dir); err == nil && !l.Credentials.may(info) {
				return dir
			}
		}
	}
	return ""
}

// may judges the x bits, which for a directory mean that it may be searched.
// Exactly one of the three counts, so an owner can be denied what others may.
func (c Credentials) may(info fs.FileInfo) bool {
	mode := info.Mode().Perm()
	if c.UID == 0 {
		return info.IsDir() || mode&0o111 != 0
	}
	uid, gid, _, ok := image.Owner(info)
	switch {
	case !ok:
		return mode&0o111 != 0
	case uid == c.UID:
		return mode&0o100 != 0
	case c.member(gid):
		return mode&0o010 != 0
	}
	return mode&0o001 != 0
}

func (c Credentials) member(gid uint32) bool {
	for _, g := range c.Groups {
		if g == gid {
			return true
		}
	}
	return gid == c.GID
}

// root is where a path leads, and place what it is called there.
func (l Look) root(name string) *image.Root {
	if path.IsAbs(name) && l.Programs != nil || l.Root == nil {
		return l.Programs
	}
	return l.Root
}

func (l Look) place(name string) string {
	if path.IsAbs(name) {
		return name
	}
	// Not path.Join: x/../y is not y where x is a link, and x/ asks for a directory.
	return "/" + l.Dir + "/" + name
}

func (l Look) stat(name string) (fs.FileInfo, error)  { return l.root(name).Stat(l.place(name)) }
func (l Look) lstat(name string) (fs.FileInfo, error) { return l.root(name).Lstat(l.place(name)) }

func (l Look) within() string {
	if path.IsAbs(l.Name) {
		return ""
	}
	return fmt.Sprintf(" in %q", path.Join("/", l.Dir))
}

// missing tells whether a directory of PATH simply has no such file.
func missing(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) || errors.Is(err, syscall.ENAMETOOLONG)
}

// plain is an error of the image without the name, which the caller gives as
// the user knows it.
func plain(err error) error {
	if p, ok := errors.AsType[*fs.PathError](err); ok {
		return p.Err
	}
	return err
}
