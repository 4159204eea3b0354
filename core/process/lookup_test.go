package process

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"dockerinit/core/exit"
	"dockerinit/core/image"
)

// makeImage makes a root. A name that ends in / is a directory, one with -> a
// link, one with | a FIFO; the others are files of that content, mode 0755.
// "NAME mode" sets another mode.
func makeImage(t testing.TB, files map[string]string) *image.Root {
	t.Helper()
	dir := t.TempDir()
	var modes []func() error
	for name, content := range files {
		name, mode, _ := strings.Cut(name, " ")
		link, target, isLink := strings.Cut(name, "->")
		file := filepath.Join(dir, link)
		must(t, os.MkdirAll(filepath.Dir(file), 0o755))
		perm := fs.FileMode(0o755)
		if mode != "" {
			_, err := fmt.Sscanf(mode, "%o", &perm)
			must(t, err)
		}
		switch {
		case isLink:
			must(t, os.Symlink(target, file))
			continue
		case strings.HasSuffix(name, "/"):
			must(t, os.MkdirAll(file, 0o755))
		case strings.HasSuffix(name, "|"):
			file = strings.TrimSuffix(file, "|")
			must(t, syscall.Mknod(file, syscall.S_IFIFO|0o755, 0))
		default:
			must(t, os.WriteFile(file, []byte(content), 0o755))
		}
		modes = append(modes, func() error { return os.Chmod(file, perm) })
	}
	for _, set := range modes {
		must(t, set())
	}
	root, err := image.Open(dir)
	must(t, err)
	t.Cleanup(func() {
		_ = root.Close()
		_ = filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
			if d != nil && d.IsDir() {
				_ = os.Chmod(p, 0o755)
			}
			return nil
		})
	})
	return root
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// outcome is a path, or code, status and text of an error, and the warnings.
func outcome(file string, warnings []string, err error) string {
	s := file
	if err != nil {
		s = fmt.Sprintf("%d %d %s", exit.CodeOf(err), exit.StatusOf(err), err)
	}
	for _, w := range warnings {
		s += "\nwarning: " + w
	}
	return s
}

// stranger owns nothing, so that only the last three bits of a mode are his.
func stranger() Credentials {
	uid, gid := uint32(os.Getuid()+5000), uint32(os.Getgid()+5000)
	return Credentials{UID: uid, GID: gid, Groups: []uint32{gid}}
}

func TestLookup(t *testing.T) {
	root := makeImage(t, map[string]string{
		"bin/run": "#!/bin/sh\n", "usr/bin/run": "#!/bin/sh\n", "bin/plain 644": "x", "bin/dir/": "",
		"bin/fifo|": "", "bin/dangling->nowhere": "", "bin/loop->loop": "", "bin/alt->/etc/alternatives/tool": "",
		"etc/alternatives/tool->/usr/bin/run": "", "usr/bin/plain 755": "x", "usr/bin/mine 700": "x",
		"closed/ 700": "", "open->/closed/tool": "", "srv/app": "x", "srv/sub/tool": "x", "srv/plain 600": "x",
		"srv/.run": "x", "usr/bin/-dash": "x",
	})
	must(t, os.WriteFile(filepath.Join(root.Name(), "closed/tool"), nil, 0o755))
	who := stranger()
	asRoot := Credentials{}
	long := "/" + strings.Repeat("x", 600)

	for _, c := range []struct {
		behaviour string
		who       Credentials
		name      string
		path      string
		want      string
	}{
		{"X3 an absolute path is taken as it is", who, "/bin/run", "", "/bin/run"},
		{"X3 a relative path begins at the workdir", who, "./app", "/bin", "./app"},
		{"X3 a path without a leading dot too", who, "sub/tool", "/bin", "sub/tool"},
		{"X3 a path may leave the workdir", who, "../bin/run", "", "../bin/run"},
		{"X3 what does not exist ends as 127", who, "/bin/none", "", `25 127 "/bin/none": no such file or directory`},
		{"X3 a missing relative path says from where", who, "./none", "", `25 127 "./none": no such file or directory in "/srv"`},
		{"X3 a file in the place of a directory ends as 127", who, "/bin/run/x", "",
			`25 127 "/bin/run/x": what stands before a slash in it is not a directory`},
		{"X3 a file is no directory", who, "/bin/run/", "", `25 127 "/bin/run/": what stands before a slash in it is not a directory`},
		{"X3 a directory ends as 126", who, "/bin/dir", "", `26 126 "/bin/dir": is a directory`},
		{"X3 a file without x ends as 126", who, "/bin/plain", "", `27 126 "/bin/plain": may not be executed by ` +
			fmt.Sprintf("%s (mode 0644, owner %d:%d; ACLs are not looked at)", who, os.Getuid(), os.Getgid())},
		{"S-13 a FIFO is not waited for", who, "/bin/fifo", "", `27 126 "/bin/fifo": is not a regular file`},
		{"a dangling link is called one", who, "/bin/dangling", "", `25 127 "/bin/dangling": is a symbolic link that leads to nothing`},
		{"a loop of links is called one", who, "/bin/loop", "", `3 126 "/bin/loop": too many levels of symbolic links`},
		{"absolute links stay in the image", who, "/bin/alt", "", "/bin/alt"},

		{"X4 the first in PATH wins", who, "run", "/usr/bin:/bin", "/usr/bin/run"},
		{"X4 directories that are not there are passed over", who, "run", "/none:/bin/run:/bin", "/bin/run"},
		{"X4 what is not executable is passed over", who, "plain", "/bin:/usr/bin", "/usr/bin/plain"},
		{"X4 a directory is passed over", who, "dir", "/bin", `17 127 "dir": not found in any of the 1 directories of PATH; "/bin/dir" is a directory`},
		{"X4 only a match that may not be executed is 127 and told", who, "plain", "/bin", `17 127 "plain": not found in any of the 1 directories of PATH; ` +
			fmt.Sprintf(`"/bin/plain" may not be executed by %s (mode 0644, owner %d:%d; ACLs are not looked at)`, who, os.Getuid(), os.Getgid())},
		{"X4 nothing found is 127", who, "none", "/bin:/usr/bin", `17 127 "none": not found in any of the 2 directories of PATH`},
		{"X5 an empty word is 127", who, "", "/bin", `17 127 "": the command is an empty word`},
		{"a dot is no command", who, ".", "/bin", `17 127 ".": not found in any of the 1 directories of PATH; "/bin/." is a directory`},
		{"S-28 a dash is nothing special", who, "-dash", "/usr/bin", "/usr/bin/-dash"},
		{"S-14 a NUL byte finds nothing", who, "a\x00b", "/bin", `17 127 "a\x00b": not found in any of the 1 directories of PATH; "/bin/a\x00b" invalid argument`},

		{"no PATH finds nothing", who, "run", "", `17 127 "run": the environment has no PATH to look it up in`},
		{"X6 an empty element is the workdir", who, "app", ":/bin", "./app\nwarning: PATH: element 1 is empty or relative and means the working directory"},
		{"X6 a relative element begins at the workdir", who, "tool", "/bin:sub", "sub/tool\nwarning: PATH: element 2 is empty or relative and means the working directory"},
		{"X6 elements after the match are not searched", who, "run", "/bin::sub", "/bin/run"},
		{"X6 elements are named in the warning though nothing is found", who, "none", "/bin::sub",
			`17 127 "none": not found in any of the 3 directories of PATH` + "\nwarning: PATH: element 2, 3 is empty or relative and means the working directory"},

		{"X7 root may execute what has any x bit", asRoot, "/usr/bin/mine", "", "/usr/bin/mine"},
		{"X7 root may not execute what has none", asRoot, "/bin/plain", "", `27 126 "/bin/plain": may not be executed by 0:0 (mode 0644` +
			fmt.Sprintf(", owner %d:%d)", os.Getuid(), os.Getgid())},
		{"X7 the owner's x bit is not everybody's", who, "mine", "/usr/bin", `17 127 "mine": not found in any of the 1 directories of PATH; ` +
			fmt.Sprintf(`"/usr/bin/mine" may not be executed by %s (mode 0700, owner %d:%d; ACLs are not looked at)`, who, os.Getuid(), os.Getgid())},
		{"X7 the way must be open to the user", who, "/closed/tool", "", fmt.Sprintf(`27 126 "/closed/tool": is in "/closed", which %s may not search by its mode; ACLs are not looked at`, who)},
		{"X7 behind a link too", who, "/open", "", fmt.Sprintf(`27 126 "/open": is in "/closed", which %s may not search by its mode; ACLs are not looked at`, who)},
		{"X7 root may search everything", asRoot, "/closed/tool", "", "/closed/tool"},

		{"an absurd name is an error, and not repeated in full", who, long, "", `3 126 "` + long[:300] + `": file name too long`},
		{"an absurd PATH is searched to a bound", who, "run", strings.Repeat("/none:", 1000) + "/bin",
			`17 127 "run": not found in any of the 512 directories of PATH` + "\nwarning: PATH: only the first 512 directories are searched"},
		{"an endless element is not searched", who, "run", strings.Repeat("x", 1<<20),
			`17 127 "run": the environment has no PATH to look it up in` + "\nwarning: PATH: only the first 65536 bytes are searched"},
		{"an element that is cut is not searched", who, "run", "/bin:" + strings.Repeat("x", 1<<20),
			"/bin/run\nwarning: PATH: only the first 65536 bytes are searched"},
	} {
		t.Run(c.behaviour, func(t *testing.T) {
			env := []string{"A=1", "PATH=/decoy", "PATH=" + c.path}
			if c.behaviour == "no PATH finds nothing" {
				env = []string{"PATHS=/bin"}
			}
			got := outcome(Lookup(Look{Root: root, Dir: "/srv", Name: c.name, Env: env, Credentials: c.who}))
			if got != c.want {
				t.Errorf("got  %.400s\nwant %.400s", got, c.want)
			}
		})
	}
}

// In the fake zone programs are the machine's, and the workdir is the image's.
func TestLookupOfTwoRoots(t *testing.T) {
	programs := makeImage(t, map[string]string{"bin/tool": "x"})
	root := makeImage(t, map[string]string{"srv/app": "x", "srv/bin/tool": "x", "bin/other": "x"})
	for _, c := range []struct{ behaviour, name, want string }{
		{"an absolute path is the machine's", "/bin/tool", "/bin/tool"},
		{"an absolute path is not the image's", "/bin/other", `25 127 "/bin/other": no such file or directory`},
		{"PATH is the machine's", "tool", "/bin/tool"},
		{"a relative path is the image's", "./app", "./app"},
	} {
		got := outcome(Lookup(Look{Programs: programs, Root: root, Dir: "/srv", Name: c.name, Env: []string{"PATH=/bin"}}))
		if got != c.want {
			t.Errorf("%s:\ngot  %s\nwant %s", c.behaviour, got, c.want)
		}
	}
	if _, _, err := Lookup(Look{Name: "x"}); exit.CodeOf(err) != exit.StatCommand {
		t.Errorf("no root at all: %v", err)
	}
}

// X7: exactly one of the three bits counts.
func TestMay(t *testing.T) {
	who := Credentials{UID: 33, GID: 44, Groups: []uint32{44, 55}}
	for _, c := range []struct {
		behaviour string
		uid, gid  uint32
		mode      fs.FileMode
		want      bool
	}{
		{"the owner by his bit", 33, 1, 0o100, true},
		{"an owner without it may not, though others may", 33, 44, 0o011, false},
		{"the group by its bit", 1, 44, 0o010, true},
		{"a group without it may not, though others may", 1, 44, 0o101, false},
		{"a supplementary group counts", 1, 55, 0o010, true},
		{"others by theirs", 1, 1, 0o001, true},
		{"others not by the owner's", 1, 1, 0o110, false},
	} {
		if got := who.may(info{c.mode, c.uid, c.gid}); got != c.want {
			t.Errorf("%s: %v", c.behaviour, got)
		}
	}
	if !(Credentials{}).may(info{fs.ModeDir, 1, 1}) {
		t.Error("root may not search a directory")
	}
}

type info struct {
	mode     fs.FileMode
	uid, gid uint32
}

func (i info) Name() string       { return "file" }
func (i info) Size() int64        { return 0 }
func (i info) Mode() fs.FileMode  { return i.mode }
func (i info) ModTime() time.Time { return time.Time{} }
func (i info) IsDir() bool        { return i.mode.IsDir() }
func (i info) Sys() any           { return &syscall.Stat_t{Uid: i.uid, Gid: i.gid} }

func FuzzLookup(f *testing.F) {
	for _, name := range []string{"run", "/bin/run", "./app", "", ".", "..", "a/../b", "/", "//", "\x00", strings.Repeat("a/", 5000)} {
		f.Add(name)
	}
	root := makeImage(f, map[string]string{"bin/run": "x", "srv/app": "x", "srv/up->../../../..": ""})
	f.Fuzz(func(t *testing.T, name string) {
		l := Look{Root: root, Dir: "/srv", Name: name, Env: []string{"PATH=/bin:"}, Credentials: stranger()}
		checkLook(t, l)
	})
}

func FuzzPATH(f *testing.F) {
	for _, path := range []string{"", ":", "/bin", "/bin:", "::", "sub:../bin", "/none:/bin/run:.", "\x00:/bin", strings.Repeat(":", 70000)} {
		f.Add(path)
	}
	root := makeImage(f, map[string]string{"bin/run": "x", "srv/run": "x", "srv/sub/run 600": "x"})
	f.Fuzz(func(t *testing.T, path string) {
		checkLook(t, Look{Root: root, Dir: "/srv", Name: "run", Env: []string{"PATH=" + path}, Credentials: stranger()})
	})
}

// checkLook asserts what holds of every look-up: found is a regular file, not
// found has one of four codes, and no text has a line end in it.
func checkLook(t *testing.T, l Look) {
	file, warnings, err := Lookup(l)
	if strings.ContainsAny(outcome("", nil, err)+strings.Join(warnings, ""), "\n\x00\x1b") {
		t.Errorf("a control byte in %q %q", err, warnings)
	}
	if err == nil {
		info, err := l.stat(file)
		if err != nil || !info.Mode().IsRegular() {
			t.Errorf("found %q, which is %v, %v", file, info, err)
		}
		if err := Diagnose(l, file); err == nil {
			t.Errorf("%q is a program", file)
		}
		return
	}
	switch code := exit.CodeOf(err); code {
	case exit.StatCommand, exit.CommandIsDir, exit.NotExecutable, exit.NotFoundInPath, exit.Exec:
	default:
		t.Errorf("code %d: %v", code, err)
	}
}

func BenchmarkLookup(b *testing.B) {
	root := makeImage(b, map[string]string{"bin/run": "x", "usr/local/sbin/": "", "usr/bin/": ""})
	l := Look{Root: root, Dir: "/", Name: "run", Credentials: stranger(),
		Env: []string{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}}
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := Lookup(l); err != nil {
			b.Fatal(err)
		}
	}
}
