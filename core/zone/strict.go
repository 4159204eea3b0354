package zone

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// maxDepth is how deep arrays and objects may stand in each other. The deepest
// value that a host sends has three levels.
const maxDepth = 64

// A fault is the first place where a text is not the JSON that we take.
type fault struct {
	path  string // as a program says it: "[1].ips[0]"
	where string // as a person says it: `element 2: "ips": element 1: `
	what  string
}

// check reads doc as one JSON value. It is stricter than encoding/json: a name
// that appears twice, bytes that are no UTF-8, half a surrogate pair and more
// than maxDepth levels are faults too, because two programs may read such a
// text differently and one of them decides who the command runs as. A fault
// never quotes a value, and of a secret document no name either.
func check(doc string, secret bool) *fault {
	if strings.HasPrefix(doc, "\ufeff") {
		return &fault{what: "it begins with a byte order mark"}
	}
	c := checker{doc: doc, secret: secret}
	c.space()
	if c.pos == len(doc) {
		return &fault{what: "there is nothing but white space"}
	}
	if f := c.value(1); f != nil {
		return f
	}
	if c.space(); c.pos < len(doc) {
		return c.fault("text after the end of the value")
	}
	return nil
}

type checker struct {
	doc    string
	pos    int
	secret bool
}

func (c *checker) fault(what string) *fault {
	return &fault{what: what + " at byte " + strconv.Itoa(c.pos+1)}
}

func (c *checker) space() { c.pos = space(c.doc, c.pos) }

// peek is the byte to be read next, 0 at the end: a NUL is a fault everywhere.
func (c *checker) peek() byte {
	if c.pos < len(c.doc) {
		return c.doc[c.pos]
	}
	return 0
}

func (c *checker) value(depth int) *fault {
	switch b := c.peek(); {
	case (b == '[' || b == '{') && depth > maxDepth:
		return c.fault(fmt.Sprintf("more than %d levels", maxDepth))
	case b == '[':
		return c.array(depth)
	case b == '{':
		return c.object(depth)
	case b == '"':
		_, f := c.string()
		return f
	case b == '-' || '0' <= b && b <= '9':
		end := number(c.doc, c.pos)
		if end < 0 {
			return c.fault("no number")
		}
		c.pos = end
		return nil
	}
	for _, word := range [...]string{"true", "false", "null"} {
		if strings.HasPrefix(c.doc[c.pos:], word) {
			c.pos += len(word)
			return nil
		}
	}
	return c.unexpected()
}

func (c *checker) unexpected() *fault {
	if c.pos >= len(c.doc) {
		return &fault{what: "it ends too early"}
	}
	return c.fault("unexpected character")
}

func (c *checker) array(depth int) *fault {
	c.pos++
	if c.space(); c.peek() == ']' {
		c.pos++
		return nil
	}
	for n := 0; ; n++ {
		c.space()
		if f := c.value(depth + 1); f != nil {
			f.path = "[" + strconv.Itoa(n) + "]" + f.path
			f.where = "element " + strconv.Itoa(n+1) + ": " + f.where
			return f
		}
		c.space()
		switch c.peek() {
		case ',':
			c.pos++
		case ']':
			c.pos++
			return nil
		default:
			return c.unexpected()
		}
	}
}

func (c *checker) object(depth int) *fault {
	c.pos++
	if c.space(); c.peek() == '}' {
		c.pos++
		return nil
	}
	var names nameSet
	for n := 0; ; n++ {
		if c.space(); c.peek() != '"' {
			return c.unexpected()
		}
		start := c.pos
		raw, f := c.string()
		if f != nil {
			return f
		}
		name := unquote(raw)
		if !names.add(name) {
			c.pos = start
			return c.fault("the name " + c.show(name, n) + " for the second time")
		}
		if c.space(); c.peek() != ':' {
			return c.unexpected()
		}
		c.pos++
		c.space()
		if f := c.value(depth + 1); f != nil {
			f.path = c.step(name) + f.path
			f.where = c.show(name, n) + ": " + f.where
			return f
		}
		c.space()
		switch c.peek() {
		case ',':
			c.pos++
		case '}':
			c.pos++
			return nil
		default:
			return c.unexpected()
		}
	}
}

func (c *checker) show(name string, n int) string {
	if c.secret {
		return "member " + strconv.Itoa(n+1)
	}
	return quote(name)
}

func (c *checker) step(name string) string {
	if c.secret {
		return ".*"
	}
	return pathStep(name)
}

// string reads a string and returns what stands between its quotes.
func (c *checker) string() (raw string, f *fault) {
	c.pos++
	start := c.pos
	ascii := true
	for c.pos < len(c.doc) {
		switch b := c.doc[c.pos]; {
		case b == '"':
			raw = c.doc[start:c.pos]
			if !ascii && !utf8.ValidString(raw) {
				c.pos = start
				return "", c.fault("no valid UTF-8 in the text that begins")
			}
			c.pos++
			return raw, nil
		case b == '\\':
			if f := c.escape(); f != nil {
				return "", f
			}
		case b < ' ':
			return "", c.fault("a control character in a text")
		default:
			ascii = ascii && b < utf8.RuneSelf
			c.pos++
		}
	}
	return "", c.unexpected()
}

func (c *checker) escape() *fault {
	if c.pos+1 >= len(c.doc) {
		c.pos = len(c.doc)
		return c.unexpected()
	}
	if c.doc[c.pos+1] != 'u' {
		if strings.IndexByte(`"\/bfnrt`, c.doc[c.pos+1]) < 0 {
			return c.fault("an unknown escape")
		}
		c.pos += 2
		return nil
	}
	r := hex4(c.doc, c.pos+2)
	if r < 0 {
		return c.fault(`\u without four hexadecimal digits`)
	}
	if !utf16.IsSurrogate(r) {
		c.pos += 6
		return nil
	}
	if !strings.HasPrefix(c.doc[c.pos+6:], `\u`) || utf16.DecodeRune(r, hex4(c.doc, c.pos+8)) == utf8.RuneError {
		return c.fault("half a surrogate pair")
	}
	c.pos += 12
	return nil
}

// A nameSet is the names of one object. Nearly all objects have few, for which
// looking through a list is cheaper than a map.
type nameSet struct {
	few  [16]string
	n    int
	many map[string]struct{}
}

func (s *nameSet) add(name string) (added bool) {
	if s.many != nil {
		if _, there := s.many[name]; there {
			return false
		}
		s.many[name] = struct{}{}
		return true
	}
	for _, other := range s.few[:s.n] {
		if other == name {
			return false
		}
	}
	if s.n < len(s.few) {
		s.few[s.n] = name
		s.n++
		return true
	}
	s.many = make(map[string]struct{}, 2*len(s.few))
	for _, other := range s.few {
		s.many[other] = struct{}{}
	}
	s.many[name] = struct{}{}
	return true
}
