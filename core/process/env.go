package process

import (
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/go-multierror"

	"dockerinit/core/exit"
)

// defaultPath is Docker's.
const defaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

// EnvSources is all that an environment is made of. Nothing else goes into it:
// not dockerinit's own variables, and no USER, SHELL or PWD.
type EnvSources struct {
	Home     string   // the user's home
	Hostname string   // "": not known
	Link     []string // docker:linkEnv
	Env      []string // docker:env

	// Of dockerexec: the TERM of its caller, a default like xterm, and --env,
	// which comes on top of all.
	Term string
	Exec []string
}

// Environment builds the command's environment. A later entry of a name wins
// and stays in the first one's place; one without "=" removes the variable. A
// HOME that is missing or empty is the user's home. Errors and warnings name
// the key, the element and the variable, and never a value.
func Environment(e EnvSources) (env, warnings []string, err error) {
	v := variables{index: make(map[string]int, len(e.Link)+len(e.Env)+len(e.Exec)+4)}
	v.set("PATH", "PATH="+defaultPath)
	v.set("HOME", "HOME="+e.Home)
	if e.Hostname != "" {
		v.set("HOSTNAME", "HOSTNAME="+e.Hostname)
	}
	if e.Term == "" {
		e.Term = "xterm"
	}
	v.set("TERM", "TERM="+e.Term)
	v.add("docker:linkEnv", e.Link)
	v.add("docker:env", e.Env)
	v.add("--env", e.Exec)
	if i, ok := v.index["HOME"]; !ok || v.list[i] == "HOME=" {
		if e.Home == "" {
			e.Home = "/"
		}
		v.set("HOME", "HOME="+e.Home)
	}
	return v.all(), v.warnings, v.wrong.ErrorOrNil()
}

// variables is an environment in the making: a list, and where in it each name
// is. A removed one leaves an empty text behind.
type variables struct {
	list     []string
	index    map[string]int
	warnings []string
	wrong    *multierror.Error
}

func (v *variables) add(key string, entries []string) {
	for i, entry := range entries {
		name, _, assigns := strings.Cut(entry, "=")
		if err := checkEntry(name, entry, assigns); err != nil {
			v.wrong = multierror.Append(v.wrong, exit.InvalidValue.Errorf("%s: element %d: %w", key, i+1, err))
			continue
		}
		if assigns {
			v.set(name, entry)
		} else if !v.remove(name) {
			v.warnings = append(v.warnings, fmt.Sprintf("%s: element %d: an entry without \"=\" removes a variable, and there is none of that name", key, i+1))
		}
	}
}

// checkEntry refuses what no process can be given. Without "=" the text may be a
// value whose name was forgotten, so it is not shown.
func checkEntry(name, entry string, assigns bool) error {
	switch {
	case name == "":
		return errors.New("a variable without a name")
	case !strings.Contains(entry, "\x00"):
		return nil
	case !assigns:
		return errors.New("a NUL byte in it")
	}
	return fmt.Errorf("%s: a NUL byte in it", quote(name))
}

func (v *variables) set(name, entry string) {
	if i, ok := v.index[name]; ok {
		v.list[i] = entry
		return
	}
	v.index[name] = len(v.list)
	v.list = append(v.list, entry)
}

func (v *variables) remove(name string) bool {
	i, ok := v.index[name]
	if ok {
		v.list[i] = ""
		delete(v.index, name)
	}
	return ok
}

func (v *variables) all() []string {
	env := v.list[:0]
	for _, entry := range v.list {
		if entry != "" {
			env = append(env, entry)
		}
	}
	return env
}
