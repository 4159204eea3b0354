package payload

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"dockerinit/core/exit"
	"dockerinit/core/zone"
	"dockerinit/platform_fake/host"
)

// A Problem is one mistake in a payload, at the place where it was written.
type Problem struct {
	Path    string `json:"path,omitempty"` // where in the payload
	Code    int    `json:"code,omitempty"` // of the FATAL line that a boot would give
	Text    string `json:"text"`           // what is wrong
	Hint    string `json:"hint,omitempty"` // what was probably meant
	Warning bool   `json:"warning"`        // the zone boots all the same
}

// Problems are what the host finds in the payload, and what the zone then finds
// in its values, with each mistake told once: errors first. z is what the zone
// has understood.
func Problems(p *host.Payload, z *zone.Zone, wrong []error, warnings []string) []Problem {
	var all list
	for _, found := range p.Check() {
		all = append(all, Problem{Path: found.Path, Text: found.Text, Hint: found.Hint, Warning: found.Warning})
	}
	for _, err := range wrong {
		if exit.CodeOf(err) == exit.NoCommand && slices.ContainsFunc(wrong, commandRefused) {
			continue // it only follows
		}
		all.fail(Problem{Path: place(p, z, err), Code: int(exit.CodeOf(err)), Text: err.Error()})
	}
	for _, text := range warnings {
		found := Problem{Path: keyPlace(p, text), Text: text, Warning: true}
		if keyIn(text) == "docker:workingdir" {
			found.Hint = "meant: docker:workdir"
		}
		all.warn(found)
	}
	slices.SortStableFunc(all, func(a, b Problem) int { return severity(a) - severity(b) })
	return all
}

// commandRefused tells whether the zone does not hear its command, for all that
// there is one.
func commandRefused(err error) bool {
	key := keyIn(err.Error())
	return exit.CodeOf(err) == exit.MetadataFailed && (key == "docker:entrypoint" || key == "docker:cmd")
}

// Unseen are what the host finds in the payload and the zone itself will not
// tell when it boots.
func Unseen(p *host.Payload) (unseen []host.Problem) {
	values, refused := Values(p)
	z, wrong := zone.Decode(zone.Init, values)
	if refused != nil {
		wrong, z.Warnings = refused, nil // the boot ends before it looks at any value
	}
	var told []string
	for _, err := range exit.Each(wrong) {
		told = append(told, place(p, z, err))
	}
	for _, text := range z.Warnings {
		told = append(told, keyPlace(p, text))
	}
	for _, found := range p.Check() {
		if !slices.ContainsFunc(told, func(path string) bool { return same(found.Path, path) }) {
			unseen = append(unseen, found)
		}
	}
	return unseen
}

func severity(p Problem) int {
	if p.Warning {
		return 1
	}
	return 0
}

type list []Problem

// fail takes up what the zone would end with. What the host has found wrong at
// the same place is the same mistake: it stays as it is, in the payload's words,
// and gets the code. What the host has only found odd there explains it.
func (l *list) fail(found Problem) {
	found.Text = withoutKey(found)
	for i := range *l {
		had := &(*l)[i]
		switch {
		case !same(had.Path, found.Path):
		case had.Warning:
			found.Hint = cmp.Or(had.Hint, had.Text)
			*had = found
			return
		case had.Code == 0:
			had.Code = found.Code
			return
		}
	}
	*l = append(*l, found)
}

// same tells whether what the zone found is at the place that the host named.
// The zone is given the older form of addresses and gateways as the newer one.
func same(hosts, zones string) bool {
	if hosts == zones {
		return zones != ""
	}
	for _, form := range []struct{ older, newer string }{{".ip", ".ips[0]"}, {".netmask", ".ips[0]"}, {".gateway", ".gateways[0]"}} {
		nic, older := strings.CutSuffix(hosts, form.older)
		other, newer := strings.CutSuffix(zones, form.newer)
		if older && newer && nic == other {
			return true
		}
	}
	return false
}

// warn takes up what the zone finds odd, where nothing is said of that place.
func (l *list) warn(found Problem) {
	found.Text = withoutKey(found)
	if found.Path == "" || !slices.ContainsFunc(*l, func(had Problem) bool { return same(had.Path, found.Path) }) {
		*l = append(*l, found)
	}
}

// withoutKey leaves out the key at the beginning of the text, where the path
// says it.
func withoutKey(p Problem) string {
	if key := keyIn(p.Text); key != "" && p.Path != "" {
		rest := strings.TrimPrefix(p.Text, key)
		if strings.HasPrefix(rest, "[") {
			_, rest, _ = strings.Cut(rest, "]")
		}
		return strings.TrimLeft(rest, ": ")
	}
	return p.Text
}

// place is where in the payload a mistake is, down to the element.
func place(p *host.Payload, z *zone.Zone, err error) string {
	switch exit.CodeOf(err) {
	case exit.NoCommand:
		return `internal_metadata["docker:cmd"]`
	case exit.NotFoundInPath, exit.StatCommand, exit.CommandIsDir, exit.NotExecutable, exit.Exec:
		if len(z.Entrypoint) > 0 {
			return p.At("docker:entrypoint", "[0]")
		}
		return p.At("docker:cmd", "[0]")
	}
	if found, ok := errors.AsType[*zone.Problem](err); ok {
		return p.At(found.Key, found.Path)
	}
	return keyPlace(p, err.Error())
}

// namespaces is told of as a whole, and asked for by its elements.
const namespaces = "sdc:internal_metadata_namespaces"

// A beginning is what texts of core begin with: a key, an element as people
// count ("sdc:routes: route 1"), and of that a field and its own element ("NIC 1
// (eth0): gateways element 2").
var beginning = regexp.MustCompile(`^([^ ]*[^ :]):?` +
	`(?: (?:NIC|route|volume|element) (\d+)(?: \([^)]*\))?(?:: (\w+)(?: element (\d+))?(?::| "))?)?`)

// keyPlace is where the key and the element stand that a text begins with, ""
// where it does not begin with a key.
func keyPlace(p *host.Payload, text string) string {
	key := keyIn(text)
	switch key {
	case "":
		return ""
	case namespaces:
		return "docker" // what adds the one that is missed
	}
	m := beginning.FindStringSubmatch(text)
	if n, err := strconv.Atoi(m[2]); err == nil {
		inner := fmt.Sprintf("[%d]", n-1)
		if m[3] != "" {
			inner += "." + m[3]
		}
		if n, err := strconv.Atoi(m[4]); err == nil {
			inner += fmt.Sprintf("[%d]", n-1)
		}
		return p.At(key, inner)
	}
	return p.Path(key)
}

// keyIn is the metadata key that a text of core begins with, "" where there is
// none.
func keyIn(text string) string {
	m := beginning.FindStringSubmatch(text)
	if m == nil {
		return ""
	}
	if _, known := zone.Find(m[1]); !known && m[1] != namespaces {
		return ""
	}
	return m[1]
}
