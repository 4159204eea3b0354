package zone

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/hashicorp/go-multierror"

	"dockerinit/core/exit"
)

// A Problem is one thing that is wrong with the value of one key.
type Problem struct {
	Key  string
	Path string // within a JSON value, as "[1].ips[0]"; "" is the value as a whole
	Text string // key, element in words, what is wrong, what was expected
}

func (p *Problem) Error() string { return p.Text }

// A spot is a place in a key's value. Counts begin with 1, as people count; 0
// and "" are left out. The zero spot is the value as a whole.
type spot struct {
	noun  string // what the elements are: "NIC"
	index int
	name  string // the element's own name, "eth1"
	field string
	item  int // in the field's array
}

func (s spot) in(field string) spot { s.field, s.item = field, 0; return s }
func (s spot) at(i int) spot        { s.item = i + 1; return s }

// words is the place as people say it: "NIC 2 (eth1): ips element 3".
func (s spot) words() string {
	var b strings.Builder
	if s.index > 0 {
		b.WriteString(s.noun + " " + strconv.Itoa(s.index))
		if s.name != "" {
			b.WriteString(" (" + bare(s.name) + ")")
		}
	}
	if s.field != "" {
		if b.Len() > 0 {
			b.WriteString(": ")
		}
		b.WriteString(bare(s.field))
	}
	if s.item > 0 {
		b.WriteString(" element " + strconv.Itoa(s.item))
	}
	return b.String()
}

// path is the place as programs say it: "[1].ips[2]".
func (s spot) path() string {
	var path string
	if s.index > 0 {
		path = "[" + strconv.Itoa(s.index-1) + "]"
	}
	if s.field != "" {
		path += pathStep(s.field)
	}
	if s.item > 0 {
		path += "[" + strconv.Itoa(s.item-1) + "]"
	}
	return path
}

// line is one complaint: key, place, the value unless it is a secret or shown is
// empty, and what is to be said of it.
func (d *decoder) line(s spot, shown, text string) string {
	line := d.key.Name
	if words := s.words(); words != "" {
		line += ": " + words
	}
	if shown != "" && !d.key.Secret {
		line += " " + quote(shown)
	}
	return line + ": " + text
}

// problem says what is wrong at a place.
func (d *decoder) problem(code exit.Code, s spot, shown, text string) {
	if d.wrong++; d.wrong > maxTold {
		return
	}
	d.problems = multierror.Append(d.problems,
		&exit.Error{Code: code, Err: &Problem{d.key.Name, s.path(), d.line(s, shown, text)}})
}

// bad says why the text shown is not what its place takes.
func (d *decoder) bad(s spot, shown, format string, args ...any) {
	d.problem(d.code, s, shown, fmt.Sprintf(format, args...))
}

// warn says what is odd, and how it is taken.
func (d *decoder) warn(s spot, shown, format string, args ...any) {
	if d.warned++; d.warned <= maxTold {
		d.zone.Warnings = append(d.zone.Warnings, d.line(s, shown, fmt.Sprintf(format, args...)))
	}
}

// maxShown is how much of a value from outside an error repeats.
const maxShown = 64

// quote makes text safe for a line of a log, and short.
func quote(text string) string {
	if len(text) <= maxShown {
		return strconv.Quote(text)
	}
	end := maxShown
	for end > maxShown-utf8.UTFMax && !utf8.RuneStart(text[end]) {
		end--
	}
	return strconv.Quote(text[:end]) + "… (" + strconv.Itoa(len(text)) + " bytes)"
}

// bare is a name as it is where that is safe, else quoted.
func bare(name string) string {
	if name != "" && len(name) <= maxShown && plainName(name) {
		return name
	}
	return quote(name)
}

func plainName(name string) bool {
	for i := range len(name) {
		if c := name[i]; !isLetter(c) && !isDigit(c) && strings.IndexByte("_-./", c) < 0 {
			return false
		}
	}
	return true
}

func pathStep(name string) string {
	if name != "" && len(name) <= maxShown && plainName(name) && strings.IndexByte(name, '.') < 0 && strings.IndexByte(name, '/') < 0 {
		return "." + name
	}
	return "[" + quote(name) + "]"
}

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }
func isDigit(c byte) bool  { return '0' <= c && c <= '9' }
