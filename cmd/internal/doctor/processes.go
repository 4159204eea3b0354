//go:build linux

package doctor

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A process is one as /proc tells. man 5 proc
type process struct {
	pid, parent int
	name        string
	zombie      bool
	threads     int
	uid         int
}

func (p process) String() string { return fmt.Sprintf("%d (%s)", p.pid, p.name) }

func (p *Place) processes() ([]process, error) {
	entries, err := os.ReadDir(filepath.Join(p.Root, "proc"))
	if err != nil {
		return nil, err
	}
	var all []process
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil || pid == os.Getpid() && pid != 1 {
			continue
		}
		if one, ok := p.process(pid); ok {
			all = append(all, one)
		}
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("%s: no processes in it", filepath.Join(p.Root, "proc"))
	}
	slices.SortFunc(all, func(a, b process) int { return a.pid - b.pid })
	return all, nil
}

// process is not ok where it has ended meanwhile.
func (p *Place) process(pid int) (one process, ok bool) {
	// The name is in parentheses, and may have some itself.
	text, err := os.ReadFile(p.proc(pid, "stat"))
	open, shut := strings.IndexByte(string(text), '('), strings.LastIndexByte(string(text), ')')
	if err != nil || open < 0 || shut < open {
		return one, false
	}
	fields := strings.Fields(string(text[shut+1:]))
	if len(fields) < 18 {
		return one, false
	}
	one = process{pid: pid, name: string(text[open+1 : shut]), zombie: fields[0] == "Z"}
	one.parent, _ = strconv.Atoi(fields[1])
	one.threads, _ = strconv.Atoi(fields[17])
	one.uid = -1
	if id, _, ok := strings.Cut(p.status(pid)["Uid"], "\t"); ok {
		one.uid, _ = strconv.Atoi(id)
	}
	return one, true
}

func (p *Place) proc(pid int, name string) string {
	return filepath.Join(p.Root, "proc", strconv.Itoa(pid), name)
}

// status are the lines of /proc/PID/status.
func (p *Place) status(pid int) map[string]string {
	text, _ := os.ReadFile(p.proc(pid, "status")) // of one that has ended: nothing
	lines := map[string]string{}
	for line := range strings.Lines(string(text)) {
		if name, value, ok := strings.Cut(line, ":"); ok {
			lines[name] = strings.TrimSpace(value)
		}
	}
	return lines
}

// limit is a soft limit of a process, as "Max open files"; not ok where it has none.
func (p *Place) limit(pid int, name string) (most int, ok bool) {
	text, _ := os.ReadFile(p.proc(pid, "limits")) // of one that has ended: nothing
	for line := range strings.Lines(string(text)) {
		if rest, found := strings.CutPrefix(line, name); found {
			if fields := strings.Fields(rest); len(fields) > 0 {
				most, err := strconv.Atoi(fields[0])
				return most, err == nil
			}
		}
	}
	return 0, false
}

// again is how long something has to be so to be a finding.
const again = 150 * time.Millisecond

func pause(ctx context.Context) {
	select {
	case <-time.After(again):
	case <-ctx.Done():
	}
}

// zombies are children that have ended and that nobody waits for. Every child is
// one for a moment.
func (p *Place) zombies(ctx context.Context, c *Check) {
	pause(ctx)
	of := map[int][]string{} // by parent
	n := 0
	for _, one := range p.all {
		if one.zombie {
			if now, ok := p.process(one.pid); ok && now.zombie {
				of[now.parent] = append(of[now.parent], now.String())
				n++
			}
		}
	}
	c.saw("%d of %d processes", n, len(p.all))
	for _, pid := range slices.Sorted(maps.Keys(of)) {
		parent, ok := p.process(pid)
		who, hint := "process "+parent.String(), "they go when it waits for them, or ends: it is the program's own fault"
		switch {
		case !ok:
			who, hint = "a process outside of the zone", "they are of a command like docker exec that is under way"
		case pid == 1:
			hint = "docker:init = true in internal_metadata has dockerinit as process 1, which waits for every child"
		}
		c.odd(hint, "%s does not wait for its children that have ended, which are %d: %s", who, len(of[pid]), some(of[pid]))
	}
}

// some are the first few of many.
func some(all []string) string {
	if len(all) > 5 {
		return strings.Join(all[:5], ", ") + " …"
	}
	return strings.Join(all, ", ")
}

// Signals by their number, in the masks of /proc. man 7 signal
const sigTERM = 15

var shells = []string{"sh", "ash", "bash", "busybox", "dash", "ksh", "zsh"}

// first tells whether the first process can be told to stop: the kernel keeps
// signals from it that it does not catch.
func (p *Place) first(ctx context.Context, c *Check) {
	one, ok := p.process(1)
	if !ok {
		c.grave("is this a zone, and /proc mounted in it?", "process 1 is not to be seen")
		return
	}
	status := p.status(1)
	has := func(mask string) bool {
		bits, err := strconv.ParseUint(status[mask], 16, 64)
		return err == nil && bits&(1<<(sigTERM-1)) != 0
	}
	// A shell blocks all signals while it starts a child.
	for range 5 {
		if !has("SigBlk") {
			break
		}
		pause(ctx)
		status = p.status(1)
	}
	const hint = "exec the program in the place of the shell, or have it catch TERM; docker:init = true in internal_metadata has dockerinit as process 1, which passes signals on"
	what := ""
	switch {
	case status["SigCgt"] == "": // this kernel does not tell
	case has("SigCgt") && !has("SigBlk"):
		c.saw("%s, which catches TERM", one)
		return
	case has("SigBlk"):
		what = "blocks TERM"
	case has("SigIgn"):
		what = "ignores TERM"
	default:
		what = "does not catch TERM, so that the kernel keeps it away"
	}
	c.saw("%s", one)
	if what == "" {
		return
	}
	if slices.Contains(shells, one.name) {
		c.odd(hint, "process %s is a shell that %s: a stop takes all of its timeout, and then everything is killed", one, what)
	} else {
		c.odd(hint, "process %s %s: a stop takes all of its timeout, and then everything is killed", one, what)
	}
}

// descriptors finds processes that are close to their limit of open files.
func (p *Place) descriptors(_ context.Context, c *Check) {
	closest, share := "", 0.0
	unseen := 0
	for _, one := range p.all {
		if one.zombie {
			continue
		}
		open, err := os.ReadDir(p.proc(one.pid, "fd"))
		most, ok := p.limit(one.pid, "Max open files")
		if err != nil || !ok || most == 0 {
			unseen++
			continue
		}
		n := float64(len(open))
		if s := n / float64(most); s >= share {
			closest, share = fmt.Sprintf("process %s has %d of %d", one, len(open), most), s
		}
		c.full(n, float64(most), "does it close what it opens? ls -l /proc/"+strconv.Itoa(one.pid)+"/fd shows what they are; docker:ulimits has nofile", "process %s has %d of the %d descriptors that it may have", one, len(open), most)
	}
	switch {
	case closest == "":
		c.saw("no process lets itself be looked at")
	case unseen > 0:
		c.saw("the most of its limit: %s; %d do not let themselves be looked at", closest, unseen)
	default:
		c.saw("the most of its limit: %s", closest)
	}
}
