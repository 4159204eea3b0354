//go:build linux

package doctor

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// limits finds memory and processes that run out: the zone's own, as its kernel
// tells them, and those of a control group where this one is mounted.
func (p *Place) limits(_ context.Context, c *Check) {
	var seen []string
	memory := p.meminfo()
	total, available := memory["MemTotal"], memory["MemAvailable"]
	if available == 0 {
		available = memory["MemFree"] // LX has no other
	}
	if total > 0 {
		seen = append(seen, fmt.Sprintf("%d of %d MiB of memory are used", (total-available)>>10, total>>10))
		c.full(float64(total-available), float64(total), "max_physical_memory of the zone; who has most: ps aux --sort -rss", "%d of the %d MiB of memory are used", (total-available)>>10, total>>10)
	}
	if total := memory["SwapTotal"]; total > 0 {
		used := total - memory["SwapFree"]
		c.full(float64(used), float64(total), "max_swap of the zone", "%d of the %d MiB of swap are used", used>>10, total>>10)
	}
	const group = "sys/fs/cgroup" // man 7 cgroups
	if used, most := p.number(group, "memory.current"), p.number(group, "memory.max"); most > 0 {
		c.full(float64(used), float64(most), "the memory limit of the container", "%d of the %d MiB of the control group are used", used>>20, most>>20)
	}

	threads := 0
	by := map[int]int{} // by user
	for _, one := range p.all {
		threads += one.threads
		by[one.uid] += one.threads
	}
	text := fmt.Sprintf("%d threads", threads)
	if most := p.number(group, "pids.max"); most > 0 {
		text += fmt.Sprintf(" of %d", most)
		c.full(float64(p.number(group, "pids.current")), float64(most), "the limit of processes of the container", "%d of the %d processes that the container may have are there", p.number(group, "pids.current"), most)
	}
	c.saw("%s", strings.Join(append(seen, text), "; "))
	if most, ok := p.limit(1, "Max processes"); ok {
		for uid, n := range by {
			if uid > 0 { // root is not limited
				c.full(float64(n), float64(most), "docker:ulimits has nproc; max_lwps is the zone's", "user %d has %d of the %d threads that it may have", uid, n, most)
			}
		}
	}
}

// meminfo are the lines of /proc/meminfo, in KiB.
func (p *Place) meminfo() map[string]int {
	text, _ := os.ReadFile(filepath.Join(p.Root, "proc/meminfo")) // without it nothing is known
	lines := map[string]int{}
	for line := range strings.Lines(string(text)) {
		if name, value, ok := strings.Cut(line, ":"); ok {
			lines[name], _ = strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(value), " kB"))
		}
	}
	return lines
}

// number is that in a file of a control group: 0 where there is none, or "max".
func (p *Place) number(dir, name string) int {
	text, _ := os.ReadFile(filepath.Join(p.Root, dir, name))
	n, _ := strconv.Atoi(strings.TrimSpace(string(text)))
	return n
}
