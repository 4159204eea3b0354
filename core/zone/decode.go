package zone

import (
	"fmt"
	"iter"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/hashicorp/go-multierror"

	"dockerinit/core/exit"
)

// Decode turns what the host said into a Zone. It judges the keys that the
// reader reads and no others, and returns everything that is wrong with them as
// one *multierror.Error in the order of Keys: each a *Problem with its exit
// code. The zone is there even then, with all that could be understood, so that
// a plan can show it.
func Decode(reader Reader, values map[string]string) (*Zone, error) {
	d := decoder{values: values, zone: &Zone{
		Umask: 0o022,
		Supervise: Supervise{
			StopSignal:  SIGTERM,
			StopTimeout: 10 * time.Second,
			Restart:     Restart{Policy: "no"},
		},
		Host: HostValues{RestartPolicy: Restart{Policy: "no"}},
	}}
	for i := range Keys {
		if key := &Keys[i]; key.Readers&reader != 0 && key.decode != nil {
			d.begin(key)
			key.decode(&d, values[key.Name])
			d.end()
		}
	}
	return d.zone, d.problems.ErrorOrNil()
}

// A Problem is one thing that is wrong with the value of one key.
type Problem struct {
	Key  string
	Path string // within a JSON value, as "[1].ips[0]"; "" is the value as a whole
	Text string // key, element in words, what is wrong, what was expected
}

func (p *Problem) Error() string { return p.Text }

// A million elements can be wrong; more lines than this about one key help nobody.
const maxTold = 20

// A decoder works through the keys, one after the other.
type decoder struct {
	values   map[string]string
	zone     *Zone
	problems *multierror.Error
	nics     []spot // where each of zone.Network.NICs stands

	key    *Key
	code   exit.Code // what a bad value of this key ends with
	wrong  int       // problems and warnings of this key so far
	warned int
}

func (d *decoder) begin(key *Key) {
	d.key, d.code, d.wrong, d.warned = key, exit.InvalidValue, 0, 0
}

func (d *decoder) end() {
	if more := d.wrong - maxTold; more > 0 {
		text := fmt.Sprintf("%s: and %d more", d.key.Name, more)
		d.problems = multierror.Append(d.problems, &exit.Error{Code: d.code, Err: &Problem{d.key.Name, "", text}})
	}
	if more := d.warned - maxTold; more > 0 {
		d.zone.Warnings = append(d.zone.Warnings, fmt.Sprintf("%s: and %d more", d.key.Name, more))
	}
}

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

// mistyped says that v is not of the kind that its place takes.
func (d *decoder) mistyped(s spot, v value, want kind) {
	text := fmt.Sprintf("%s where %s is expected", v.kind(), want)
	d.problem(exit.ParseJSON, s, "", text)
}

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
