package image

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// FuzzResolve makes an image of links and directories from one text, each line
// "NAME TARGET" (a link) or "NAME" (a directory), and resolves a name in it. The
// result has no link in it and is in the root, and what is outside is not seen.
func FuzzResolve(f *testing.F) {
	f.Add("a /b\nb/c\n", "/a/c")
	f.Add("a b\nb a\n", "/a")
	f.Add("a ../../outside\n", "/a/f")
	f.Add("a/b /\na/c ../a\nd/e/f\n", "/a/b/a/c/b/d/e/f/../../..")
	f.Add("usr/bin/vi /etc/alternatives/vi\netc/alternatives/vi /usr/bin/vim\nusr/bin/vim", "usr/bin/vi")
	f.Add("a b/\nb\n", "//a//.//")
	f.Add("a .\nb ..\n", "/a/a/a/b/b/a")
	f.Fuzz(func(t *testing.T, farm, name string) {
		if len(farm) > 512 || len(name) > 512 {
			return
		}
		root, dir := plant(t)
		defer root.Close()
		outside := filepath.Join(filepath.Dir(dir), "outside")
		if err := os.WriteFile(filepath.Join(outside, "f"), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		secret, err := os.Stat(filepath.Join(outside, "f"))
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(farm) {
			grow(dir, strings.TrimSuffix(line, "\n"))
		}

		path, err := root.Resolve(name)
		info, serr := root.Stat(name)
		if (err == nil) != (serr == nil) {
			t.Fatalf("Resolve says %v, Stat %v", err, serr)
		}
		if err == nil {
			resolved(t, dir, path)
			if real, err := os.Lstat(dir + path); err != nil || !os.SameFile(real, info) {
				t.Errorf("%s is not what Stat has seen: %v", path, err)
			}
			if os.SameFile(info, secret) {
				t.Errorf("%s leads to what is outside", name)
			}
		}
		if _, err := root.MkdirAll(name, 0o755); err == nil {
			if now, err := root.Resolve(name); err != nil {
				t.Errorf("made, and then: %v", err)
			} else {
				resolved(t, dir, now)
			}
		}
		if got, want := tree(t, outside), "file /f 600 \n"; got != want {
			t.Errorf("outside there is now %s", got)
		}
	})
}

// grow plants one line of the farm, unless it does not fit there.
func grow(dir, line string) {
	name, target, link := strings.Cut(line, " ")
	path := filepath.Join(dir, filepath.Clean("/"+name))
	// The farm itself must not be planted through its links.
	for parent := filepath.Dir(path); len(parent) > len(dir); parent = filepath.Dir(parent) {
		if info, err := os.Lstat(parent); err == nil && !info.IsDir() {
			return
		}
	}
	if link {
		_ = os.MkdirAll(filepath.Dir(path), 0o755)
		_ = os.Symlink(target, path)
		return
	}
	_ = os.MkdirAll(path, 0o755)
}

// resolved fails where path is not a clean path in dir, free of links.
func resolved(t *testing.T, dir, path string) {
	t.Helper()
	if path != filepath.Clean("/"+path) {
		t.Fatalf("%q is not a clean path", path)
	}
	at := dir
	for part := range strings.SplitSeq(strings.Trim(path, "/"), "/") {
		at = filepath.Join(at, part)
		info, err := os.Lstat(at)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode()&os.ModeSymlink != 0 {
			t.Fatalf("%s in %s is a link", part, path)
		}
	}
}
