package image

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// S-9: while names are walked, another process swaps a directory for a link that
// leads out of the root, or for a FIFO. Whatever a call says, what lies outside
// is neither read nor written, and nothing hangs.
func TestS9Races(t *testing.T) {
	root, dir := plant(t, "file a/b/f inside", "dir a/c")
	outside := filepath.Join(filepath.Dir(dir), "outside")
	for _, kind := range []string{"dir b", "file b/f outside", "file sdc.log outside"} {
		word, rest, _ := strings.Cut(kind, " ")
		name, text, _ := strings.Cut(rest, " ")
		if err := plantOne(word, outside, name, text); err != nil {
			t.Fatal(err)
		}
	}
	before := tree(t, outside)

	calls := map[string]func() error{
		"Open": func() error {
			b, err := root.ReadFile("/a/b/f", 100)
			if err == nil && string(b) != "inside" {
				t.Errorf("Open read %q", b)
			}
			return err
		},
		"Resolve": func() error {
			path, err := root.Resolve("/a/b/f")
			if err == nil && path != "/a/b/f" && path != "/outside/b/f" {
				t.Errorf("Resolve said %s", path)
			}
			return err
		},
		"MkdirAll": func() error {
			_, err := root.MkdirAll("/a/made/"+time.Now().Format("05.000000000"), 0o755)
			return err
		},
		"CreateLog and Rename": func() error {
			f, err := root.CreateLog("/a/b/sdc.log")
			if err != nil {
				return err
			}
			f.Close()
			return root.Rename("/a/b", "sdc.log", "sdc.old")
		},
		"EnsureSymlink": func() error {
			_, err := root.EnsureSymlink("/a/b/mtab", time.Now().String())
			return err
		},
	}
	stop := make(chan struct{})
	var swapper sync.WaitGroup
	swapper.Go(func() { swap(t, dir, stop) })
	for name, call := range calls {
		worked := 0
		soon(t, func() {
			// Longer on a machine so busy that the swapper was always in the way.
			for begun := time.Now(); time.Since(begun) < 150*time.Millisecond || worked == 0 && time.Since(begun) < 30*time.Second; {
				if call() == nil {
					worked++
				}
			}
		})
		if worked == 0 {
			t.Errorf("%s never worked, so that nothing was tried", name)
		}
	}
	close(stop)
	swapper.Wait()
	if after := tree(t, outside); after != before {
		t.Errorf("outside was\n%s\nand is now\n%s", before, after)
	}
}

// S-4: what was a file a moment ago is a FIFO or a link to one when it is opened.
func TestS4RaceWithAFIFO(t *testing.T) {
	root, dir := plant(t, "file f inside", "file kept inside", "fifo p")
	in := func(name string) string { return filepath.Join(dir, name) }
	stop := make(chan struct{})
	var swapper sync.WaitGroup
	swapper.Go(func() {
		for turn := 0; ; turn++ {
			select {
			case <-stop:
				return
			default:
			}
			err := os.Link(in("p"), in("next"))
			if turn%2 == 0 {
				err = errors.Join(os.Remove(in("next")), os.Symlink("p", in("next")))
			}
			err = errors.Join(err, os.Rename(in("next"), in("f")),
				os.Link(in("kept"), in("next")), os.Rename(in("next"), in("f")))
			if err != nil {
				t.Errorf("the swapper itself: %v", err)
				return
			}
		}
	})
	worked := 0
	soon(t, func() {
		for end := time.Now().Add(300 * time.Millisecond); time.Now().Before(end); {
			b, err := root.ReadFile("/f", 100)
			switch {
			case err == nil && string(b) == "inside":
				worked++
			case err == nil:
				t.Errorf("read %q", b)
			case !errors.Is(err, ErrNotRegular) && !errors.Is(err, ErrChanged) && !errors.Is(err, os.ErrNotExist):
				t.Error(err)
			}
		}
	})
	close(stop)
	swapper.Wait()
	if worked == 0 {
		t.Error("the file was never read, so that nothing was tried")
	}
}

// swap makes of the directory a, in turn, a link out of the root and a FIFO.
func swap(t *testing.T, dir string, stop chan struct{}) {
	a, spare := filepath.Join(dir, "a"), filepath.Join(dir, "spare")
	for turn := 0; ; turn++ {
		select {
		case <-stop:
			return
		default:
		}
		err := os.Rename(a, spare)
		if turn%2 == 0 {
			err = errors.Join(err, os.Symlink("../outside", a))
		} else {
			err = errors.Join(err, syscall.Mknod(a, syscall.S_IFIFO|0o644, 0))
		}
		time.Sleep(time.Duration(turn%50) * time.Microsecond)
		// MkdirAll may have found nothing there for a moment, and made it.
		for os.Rename(spare, a) != nil {
			if e := os.RemoveAll(a); e != nil && !errors.Is(e, os.ErrExist) {
				t.Errorf("the swapper itself: %v", e)
				return
			}
		}
		if err != nil && !errors.Is(err, os.ErrExist) {
			t.Errorf("the swapper itself: %v", err)
			return
		}
		time.Sleep(time.Duration(turn%50) * time.Microsecond)
	}
}
