package payload

import (
	"errors"
	"slices"
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

// Unseen are what the host finds in the payload and the zone itself will not
// tell when it boots.
func Unseen(p *host.Payload) (unseen []host.Problem) {
	z, wrong := zone.Decode(zone.Init, Values(p))
	told := map[string]bool{}
	for _, err := range exit.Each(wrong) {
		told[place(p, z, err)] = true
	}
	for _, text := range z.Warnings {
		told[keyPlace(p, text)] = true
	}
	for _, found := range p.Check() {
		if !told[found.Path] {
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
		case found.Path == "" || had.Path != found.Path:
		case had.Warning:
			found.Hint = strings.Join(slices.DeleteFunc([]string{had.Text, had.Hint}, func(s string) bool { return s == "" }), "; ")
			*had = found
			return
		case had.Code == 0:
			had.Code = found.Code
			return
		}
	}
	*l = append(*l, found)
}

// warn takes up what the zone finds odd, where nothing is said of that place.
func (l *list) warn(found Problem) {
	found.Text = withoutKey(found)
	if found.Path == "" || !slices.ContainsFunc(*l, func(had Problem) bool { return had.Path == found.Path }) {
		*l = append(*l, found)
	}
}

// withoutKey leaves out the key at the beginning of the text, where the path
// says it.
func withoutKey(p Problem) string {
	if key := keyIn(p.Text); key != "" && p.Path != "" {
		return strings.TrimLeft(strings.TrimPrefix(p.Text, key), ": ")
	}
	return p.Text
}

// place is where in the payload a mistake is, down to the element.
func place(p *host.Payload, z *zone.Zone, err error) string {
	if found, ok := errors.AsType[*zone.Problem](err); ok {
		return p.At(found.Key, found.Path)
	}
	switch exit.CodeOf(err) {
	case exit.NotFoundInPath, exit.StatCommand, exit.CommandIsDir, exit.NotExecutable, exit.Exec:
		if len(z.Entrypoint) > 0 {
			return p.At("docker:entrypoint", "[0]")
		}
		return p.At("docker:cmd", "[0]")
	case exit.NoCommand:
		return p.Path("docker:cmd")
	}
	return keyPlace(p, err.Error())
}

// keyPlace is where the key stands that a text begins with, "" where it does not
// begin with one.
func keyPlace(p *host.Payload, text string) string {
	if key := keyIn(text); key != "" {
		return p.Path(key)
	}
	return ""
}

// keyIn is the metadata key that a text of core begins with, "" where there is
// none.
func keyIn(text string) string {
	word, _, _ := strings.Cut(text, " ")
	word = strings.TrimSuffix(word, ":")
	if _, known := zone.Find(word); !known {
		return ""
	}
	return word
}
