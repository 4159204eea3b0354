//go:build linux

package doctor

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// A mount is a line of /proc/mounts. man 5 fstab
type mount struct {
	source, dir, kind string
	options           []string
}

// theirs are directories of the host's, which are read-only or no disks.
var theirs = []string{"/native", "/.zonecontrol", "/usr/vm", "/proc", "/sys", "/dev", "/system"}

// mounts finds disks that are full, read-only, or do not answer.
func (p *Place) mounts(ctx context.Context, c *Check) {
	all, err := p.mounted()
	if err != nil {
		c.grave("is /proc mounted?", "%v", err)
		return
	}
	fullest, share := "", -1.0
	for _, m := range all {
		host := slices.ContainsFunc(theirs, func(dir string) bool { return m.dir == dir || strings.HasPrefix(m.dir, dir+"/") })
		if host && m.dir != "/dev/shm" {
			continue
		}
		usage, err := p.usage(ctx, m.dir)
		switch {
		case err != nil && m.isNFS():
			c.grave("the server at "+m.source+": does it answer from this zone, and does it export this?", "%s of %s: %v", m.dir, m.source, err)
			continue
		case err != nil:
			c.grave("", "%s: %v", m.dir, err)
			continue
		}
		if !usage.dir { // files of the host, such as /etc/hosts
			continue
		}
		if slices.Contains(m.options, "ro") {
			hint := "was it meant? a volume is where docker:nfsvolumes says readonly"
			if m.dir == "/" {
				hint = "the command and dockerinit can write nothing; the zone's file system has it so in the global zone"
			}
			c.find(m.dir == "/", hint, "%s is read-only", m.dir)
		}
		if usage.blocks > 0 {
			if s := 1 - usage.free/usage.blocks; s > share {
				fullest, share = fmt.Sprintf("%s with %.0f%%", m.dir, 100*s), s
			}
			c.full(usage.blocks-usage.free, usage.blocks, "who needs it: du -xk "+m.dir+" | sort -n; quota of the zone", "%s is %.0f%% full, %s are left", m.dir, 100*(1-usage.free/usage.blocks), size(usage.free))
		}
		c.full(usage.files-usage.filesFree, usage.files, "many small files: find "+m.dir+" -xdev | wc -l", "%s has used %.0f of its %.0f files (inodes)", m.dir, usage.files-usage.filesFree, usage.files)
	}
	c.saw("%d mounted; the fullest: %s", len(all), fullest)
}

func (m mount) isNFS() bool { return strings.HasPrefix(m.kind, "nfs") }

// mounted are what is mounted, of several at one place the one on top.
func (p *Place) mounted() (all []mount, err error) {
	text, err := os.ReadFile(filepath.Join(p.Root, "proc/self/mounts"))
	if err != nil {
		return nil, err
	}
	for line := range strings.Lines(string(text)) {
		f := strings.Fields(line)
		if len(f) < 4 {
			continue
		}
		m := mount{unescape(f[0]), unescape(f[1]), f[2], strings.Split(f[3], ",")}
		all = slices.DeleteFunc(all, func(below mount) bool { return below.dir == m.dir })
		all = append(all, m)
	}
	return all, nil
}

var octal = regexp.MustCompile(`\\[0-7]{3}`)

func unescape(s string) string {
	return octal.ReplaceAllStringFunc(s, func(code string) string {
		n, _ := strconv.ParseUint(code[1:], 8, 8) // the pattern is octal
		return string([]byte{byte(n)})
	})
}

type usage struct {
	dir                            bool
	blocks, free, files, filesFree float64 // bytes, and inodes; 0: not counted
}

// patience is how long a file system or a resolver is waited for.
const patience = 2 * time.Second

// usage gives up on a file system that does not answer; who asked it stays.
func (p *Place) usage(ctx context.Context, dir string) (usage, error) {
	type answer struct {
		usage
		err error
	}
	told := make(chan answer, 1)
	go func() {
		name := filepath.Join(p.Root, dir)
		info, err := os.Stat(name)
		var st unix.Statfs_t
		if err == nil {
			err = unix.Statfs(name, &st)
		}
		if err != nil {
			told <- answer{err: err}
			return
		}
		block := float64(st.Frsize)
		if block == 0 {
			block = float64(st.Bsize)
		}
		// What root keeps for itself is not counted, as df does it.
		u := usage{dir: info.IsDir(), blocks: block * float64(st.Blocks-st.Bfree+st.Bavail), free: block * float64(st.Bavail), files: float64(st.Files), filesFree: float64(st.Ffree)}
		told <- answer{usage: u}
	}()
	select {
	case a := <-told:
		return a.usage, a.err
	case <-ctx.Done():
		return usage{}, ctx.Err()
	case <-time.After(patience):
		return usage{}, fmt.Errorf("it does not answer within %v", patience)
	}
}

func size(bytes float64) string {
	if bytes >= 1<<30 {
		return fmt.Sprintf("%.1f GiB", bytes/(1<<30))
	}
	return fmt.Sprintf("%.0f MiB", bytes/(1<<20))
}
