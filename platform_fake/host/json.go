package host

import (
	"math"
	"slices"
	"strconv"
	"strings"
)

// A value is one JSON value as the document has it: members keep their order,
// which the zone gets to see in sdc:routes, and numbers their digits.
type value struct {
	kind   kind
	text   string // a string's text, a number's digits, "true" or "false"
	list   []*value
	fields []field
	offset int // where it begins in the document
}

type field struct {
	name  string
	value *value
}

type kind int

const (
	null kind = iota
	boolean
	number
	text
	list
	object
)

// String is the kind as it is said to people.
func (k kind) String() string {
	return [...]string{"null", "a boolean", "a number", "a string", "an array", "an object"}[k]
}

func textValue(s string) *value   { return &value{kind: text, text: s} }
func boolValue(b bool) *value     { return &value{kind: boolean, text: strconv.FormatBool(b)} }
func listOf(all ...*value) *value { return &value{kind: list, list: all} }

// is tells whether v is there and of the kind.
func (v *value) is(k kind) bool { return v != nil && v.kind == k }

// get is the member of that name; nil where v is no object or has none.
func (v *value) get(name string) *value {
	if v == nil {
		return nil
	}
	for _, f := range v.fields {
		if f.name == name {
			return f.value
		}
	}
	return nil
}

// str is the member's text; "" where it is no string.
func (v *value) str(name string) string {
	if m := v.get(name); m.is(text) {
		return m.text
	}
	return ""
}

// yes tells whether the member is the boolean true.
func (v *value) yes(name string) bool {
	m := v.get(name)
	return m.is(boolean) && m.text == "true"
}

// at is the element at that index; nil where there is none.
func (v *value) at(i int) *value {
	if !v.is(list) || i < 0 || i >= len(v.list) {
		return nil
	}
	return v.list[i]
}

// set puts the member where it was, or at the end.
func (v *value) set(name string, to *value) {
	for i := range v.fields {
		if v.fields[i].name == name {
			v.fields[i].value = to
			return
		}
	}
	v.fields = append(v.fields, field{name, to})
}

// setDefault puts the member where there is none.
func (v *value) setDefault(name string, to *value) {
	if v.get(name) == nil {
		v.set(name, to)
	}
}

func (v *value) remove(name string) {
	v.fields = slices.DeleteFunc(v.fields, func(f field) bool { return f.name == name })
}

// clone is a deep copy.
func (v *value) clone() *value {
	if v == nil {
		return nil
	}
	c := *v
	c.list, c.fields = nil, nil
	for _, e := range v.list {
		c.list = append(c.list, e.clone())
	}
	for _, f := range v.fields {
		c.fields = append(c.fields, field{f.name, f.value.clone()})
	}
	return &c
}

// json is the value as JSON.stringify writes it.
func (v *value) json() string { return string(v.appendJSON(nil)) }

func (v *value) appendJSON(to []byte) []byte {
	switch v.kind {
	case text:
		return appendQuoted(to, v.text)
	case number:
		return append(to, v.number()...)
	case boolean:
		return append(to, v.text...)
	case list:
		to = append(to, '[')
		for i, e := range v.list {
			if i > 0 {
				to = append(to, ',')
			}
			to = e.appendJSON(to)
		}
		return append(to, ']')
	case object:
		to = append(to, '{')
		for i, f := range v.fields {
			if i > 0 {
				to = append(to, ',')
			}
			to = append(appendQuoted(to, f.name), ':')
			to = f.value.appendJSON(to)
		}
		return append(to, '}')
	default:
		return append(to, "null"...)
	}
}

// appendQuoted quotes as JSON.stringify does: control characters alone are
// escaped, the five with a letter of their own by it.
func appendQuoted(to []byte, s string) []byte {
	const hex = "0123456789abcdef"
	letters := map[byte]byte{'\b': 'b', '\t': 't', '\n': 'n', '\f': 'f', '\r': 'r', '"': '"', '\\': '\\'}
	to = append(to, '"')
	for i := range len(s) {
		c := s[i]
		if letter, ok := letters[c]; ok {
			to = append(to, '\\', letter)
		} else if c < ' ' {
			to = append(to, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		} else {
			to = append(to, c)
		}
	}
	return append(to, '"')
}

// number is a number as JavaScript writes it: 1.0 is 1, 1e3 is 1000. What it
// cannot hold becomes null, as in JSON.stringify.
func (v *value) number() string {
	f, _ := strconv.ParseFloat(v.text, 64)
	size := math.Abs(f)
	switch {
	case math.IsInf(f, 0):
		return "null"
	case f == 0:
		return "0"
	case size >= 1e21 || size < 1e-6:
		mantissa, exponent, _ := strings.Cut(strconv.FormatFloat(f, 'e', -1, 64), "e")
		return mantissa + "e" + exponent[:1] + strings.TrimLeft(exponent[1:], "0")
	default:
		return strconv.FormatFloat(f, 'f', -1, 64)
	}
}
