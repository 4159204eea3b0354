package zone

import (
	"fmt"
	"iter"
	"strings"

	"github.com/hashicorp/go-multierror"

	"dockerinit/core/exit"
)

// json is the document, if it is well-formed and of that kind. An empty text is
// as good as an absent one.
func (d *decoder) json(text string, want kind) (v value, ok bool) {
	if text == "" {
		return "", false
	}
	if f := check(text, d.key.Secret); f != nil {
		d.wrong++
		d.problems = multierror.Append(d.problems, &exit.Error{Code: exit.ParseJSON, Err: &Problem{
			d.key.Name, f.path, d.key.Name + ": " + f.where + f.what + "; expected is " + d.key.Format}})
		return "", false
	}
	v = value(strings.Trim(text, " \t\n\r"))
	if v.kind() != want {
		d.problem(exit.ParseJSON, spot{}, "", fmt.Sprintf("%s; expected is %s", v.kind(), d.key.Format))
		return "", false
	}
	return v, true
}

// objects are the elements of an array of objects, those that are objects.
func (d *decoder) objects(text, noun string) iter.Seq2[spot, value] {
	return func(yield func(spot, value) bool) {
		array, ok := d.json(text, isArray)
		if !ok {
			return
		}
		for i, v := range array.elements() {
			at := spot{noun: noun, index: i + 1}
			if v.kind() != isObject {
				d.mistyped(at, v, isObject)
			} else if !yield(at, v) {
				return
			}
		}
	}
}

// fields are the members of an object by the names that it may have, "" where
// one is absent. Other names are the host's business, unless they differ from
// one of ours by upper and lower case alone: then the writer meant ours.
func (d *decoder) fields(at spot, object value, names []string) []value {
	found := make([]value, len(names))
next:
	for name, v := range object.members() {
		for i, known := range names {
			if name == known {
				found[i] = v
				continue next
			}
		}
		for _, known := range names {
			if strings.EqualFold(name, known) {
				d.problem(exit.ParseJSON, at.in(name), "", "unknown; it is written "+quote(known))
			}
		}
	}
	return found
}

// text is a member that must be text where it is there.
func (d *decoder) text(at spot, v value) (text string, ok bool) {
	if v == "" {
		return "", false
	}
	if v.kind() != isText {
		d.mistyped(at, v, isText)
		return "", false
	}
	return v.text(), true
}

// truth is a member that must be a boolean where it is there. The text of one
// is taken too: payloads are written by hand.
func (d *decoder) truth(at spot, v value) bool {
	switch v {
	case "", "false", `"false"`:
		return false
	case "true", `"true"`:
		return true
	}
	d.mistyped(at, v, isBoolean)
	return false
}

// integer is a member that must be a whole number where it is there.
func (d *decoder) integer(at spot, v value) (n int64, ok bool) {
	if v == "" {
		return 0, false
	}
	if v.kind() != isNumber {
		d.mistyped(at, v, isNumber)
		return 0, false
	}
	n, why := whole(string(v))
	if why != "" {
		d.bad(at, string(v), "%s", why)
	}
	return n, why == ""
}

// texts are the elements of an array of texts. An element of another type is a
// problem and left out.
func (d *decoder) texts(at spot, array value) iter.Seq2[spot, string] {
	return func(yield func(spot, string) bool) {
		for i, v := range array.elements() {
			here := at.at(i)
			if at == (spot{}) {
				here = spot{noun: "element", index: i + 1}
			}
			if text, ok := d.text(here, v); ok && !yield(here, text) {
				return
			}
		}
	}
}

// mistyped says that v is not of the kind that its place takes.
func (d *decoder) mistyped(s spot, v value, want kind) {
	text := fmt.Sprintf("%s where %s is expected", v.kind(), want)
	d.problem(exit.ParseJSON, s, "", text)
}
