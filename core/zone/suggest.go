package zone

import "strings"

// Suggest is the key that was probably meant by one that is none of ours:
// docker:workdir for docker:workingdir, docker:cmd for docker:Cmd. Only keys in
// the docker and sdc namespaces are looked at; others are the owner's own.
func Suggest(key string) (meant string, ok bool) {
	prefix, name, ok := strings.Cut(key, ":")
	space := strings.ToLower(prefix)
	if !ok || name == "" || len(name) > 64 || space != "docker" && space != "sdc" || strings.HasPrefix(name, "label:") {
		return "", false
	}
	bare := fold(name)
	for _, other := range otherNames {
		if other[0] == bare {
			if other[1] == key {
				return "", false
			}
			return other[1], true
		}
	}
	best, limit := "", 1+min(len(bare)/4, 1)
	for _, k := range Keys() {
		row := k.Name
		if row == key {
			return "", false
		}
		rowSpace, rowName, cut := strings.Cut(row, ":")
		if !cut || strings.Contains(rowName, ".") {
			continue
		}
		d := distance(bare, fold(rowName), limit)
		if rowSpace != space {
			d++ // docker:hostname is sdc:hostname, but docker:uuid is not docker:id
		}
		if d <= limit && (best == "" || d < limit) {
			best = row
			limit = d
		}
	}
	return best, best != ""
}

// What others call our keys, folded: Docker's API, its command line, compose.
var otherNames = [...][2]string{
	{"workingdir", "docker:workdir"},
	{"environment", "docker:env"},
	{"envs", "docker:env"},
	{"command", "docker:cmd"},
	{"args", "docker:cmd"},
	{"terminal", "docker:tty"},
	{"stdin", "docker:open_stdin"},
	{"stdinopen", "docker:open_stdin"},
	{"interactive", "docker:open_stdin"},
	{"image", "docker:imagename"},
	{"logging", "docker:logdriver"},
	{"logopts", "docker:logconfig"},
	{"logopt", "docker:logconfig"},
	{"restart", "docker:restartpolicy"},
	{"stopgraceperiod", "docker:stoptimeout"},
	{"health", "docker:healthcheck"},
	{"groups", "docker:group_add"},
	{"addhost", "docker:extraHosts"},
	{"dns", "sdc:resolvers"},
	{"networks", "sdc:nics"},
	{"name", "sdc:alias"},
}

// fold takes away what people write differently: case, _ and -.
func fold(name string) string {
	return strings.NewReplacer("_", "", "-", "").Replace(strings.ToLower(name))
}

// distance is how many letters were left out, added, changed or swapped with
// their neighbour between a and b, and more than limit if it is more than that.
func distance(a, b string, limit int) int {
	if len(a)-len(b) > limit || len(b)-len(a) > limit {
		return limit + 1
	}
	before, last, now := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		now[0] = i
		for j := 1; j <= len(b); j++ {
			change := 1
			if a[i-1] == b[j-1] {
				change = 0
			}
			now[j] = min(last[j]+1, now[j-1]+1, last[j-1]+change)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				now[j] = min(now[j], before[j-2]+1)
			}
		}
		before, last, now = last, now, before
	}
	return last[len(b)]
}
