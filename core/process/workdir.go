package process

import (
	"path"
	"strings"
	"unicode"

	"dockerinit/core/exit"
)

// Workdir is the directory that a specification means, which is from
// docker:workdir or dockerexec's --workdir: "/" where it is empty, an
// absolute path without "." and "..", and the home in the place of "~" at the
// start. "~name" is a directory of that name. Whether it exists is not looked at.
func Workdir(from, spec, home string) (string, error) {
	dir := spec
	if rest, ok := strings.CutPrefix(spec, "~"); ok && (rest == "" || rest[0] == '/') {
		dir = home + rest
	}
	// It is shown in logs and given to system calls; nobody means one with these.
	if strings.ContainsFunc(dir, unicode.IsControl) {
		if dir != spec {
			return "", exit.InvalidValue.Errorf("%s %s: control characters in %s", from, quote(spec), quote(dir))
		}
		return "", exit.InvalidValue.Errorf("%s %s: control characters are not taken", from, quote(spec))
	}
	return path.Clean("/" + dir), nil
}
