package native

import (
	"strconv"
	"strings"
)

// The tools' exit statuses say little (route ends with an errno, ipadm with 1), so
// what they mean is read off their words.

// alreadyThere tells whether a tool failed because what it was to make is there:
// "Interface already exists", "Address object already exists", "entry exists".
func alreadyThere(said string) bool {
	said = strings.ToLower(said)
	return strings.Contains(said, "already exists") || strings.Contains(said, "entry exists") || strings.Contains(said, "file exists")
}

// unreachable tells whether a gateway was refused because it is on no link.
func unreachable(said string) bool { return strings.Contains(said, "Network is unreachable") }

// pids are the numbers that pgrep prints, one a line; shim.Run has joined the lines.
func pids(said string) (all []int) {
	for word := range strings.SplitSeq(said, "; ") {
		if pid, err := strconv.Atoi(word); err == nil && pid > 1 {
			all = append(all, pid)
		}
	}
	return all
}
