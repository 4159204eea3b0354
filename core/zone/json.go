package zone

import (
	"iter"
	"math"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// A value is the text of one JSON value, without white space around it, from a
// document that has passed check. So nothing here can fail, and nothing is
// copied or built before it is asked for. "" is a value that is not there.
type value string

// A kind is what a value is, in the words of an error.
type kind string

const (
	isText    kind = "text"
	isNumber  kind = "a number"
	isBoolean kind = "a boolean"
	isNull    kind = "null"
	isArray   kind = "an array"
	isObject  kind = "an object"
)

func (v value) kind() kind {
	switch v[0] {
	case '"':
		return isText
	case '[':
		return isArray
	case '{':
		return isObject
	case 't', 'f':
		return isBoolean
	case 'n':
		return isNull
	}
	return isNumber
}

// text is the content of a text.
func (v value) text() string { return unquote(string(v[1 : len(v)-1])) }

// elements are those of an array, counted from 0.
func (v value) elements() iter.Seq2[int, value] {
	return func(yield func(int, value) bool) {
		s := string(v)
		i := space(s, 1)
		for n := 0; s[i] != ']'; n++ {
			end := skip(s, i)
			if !yield(n, value(s[i:end])) {
				return
			}
			if i = space(s, end); s[i] == ',' {
				i = space(s, i+1)
			}
		}
	}
}

// members are those of an object, in the order of the text.
func (v value) members() iter.Seq2[string, value] {
	return func(yield func(string, value) bool) {
		s := string(v)
		i := space(s, 1)
		for s[i] != '}' {
			end := skip(s, i)
			name := value(s[i:end]).text()
			i = space(s, space(s, end)+1)
			end = skip(s, i)
			if !yield(name, value(s[i:end])) {
				return
			}
			if i = space(s, end); s[i] == ',' {
				i = space(s, i+1)
			}
		}
	}
}

// skip is where the value that begins at i ends.
func skip(s string, i int) int {
	depth := 0
	for i < len(s) {
		switch s[i] {
		case '"':
			for i++; s[i] != '"'; i++ {
				if s[i] == '\\' {
					i++
				}
			}
		case '[', '{':
			depth++
		case ']', '}':
			depth--
		default:
			if depth == 0 {
				for i < len(s) && strings.IndexByte(",]} \t\n\r", s[i]) < 0 {
					i++
				}
				return i
			}
		}
		if i++; depth == 0 {
			return i
		}
	}
	return i
}

func space(s string, i int) int {
	for i < len(s) && (s[i] == ' ' || s[i] == '\t' || s[i] == '\n' || s[i] == '\r') {
		i++
	}
	return i
}

// unquote resolves the escapes of a checked string's inside.
func unquote(raw string) string {
	first := strings.IndexByte(raw, '\\')
	if first < 0 {
		return raw
	}
	text := make([]byte, first, len(raw))
	copy(text, raw)
	for i := first; i < len(raw); {
		if raw[i] != '\\' {
			text = append(text, raw[i])
			i++
			continue
		}
		switch c := raw[i+1]; c {
		case 'u':
			r := hex4(raw, i+2)
			i += 6
			if utf16.IsSurrogate(r) {
				r = utf16.DecodeRune(r, hex4(raw, i+2))
				i += 6
			}
			text = utf8.AppendRune(text, r)
			continue
		case 'b':
			text = append(text, '\b')
		case 'f':
			text = append(text, '\f')
		case 'n':
			text = append(text, '\n')
		case 'r':
			text = append(text, '\r')
		case 't':
			text = append(text, '\t')
		default:
			text = append(text, c)
		}
		i += 2
	}
	return string(text)
}

// hex4 is the number of the four hexadecimal digits at i, -1 if they are none.
func hex4(s string, i int) rune {
	if i+4 > len(s) {
		return -1
	}
	var r rune
	for _, c := range []byte(s[i : i+4]) {
		digit := hexDigit(c)
		if digit < 0 {
			return -1
		}
		r = r<<4 | rune(digit)
	}
	return r
}

func hexDigit(c byte) int {
	switch {
	case '0' <= c && c <= '9':
		return int(c - '0')
	case 'a' <= c && c <= 'f':
		return int(c-'a') + 10
	case 'A' <= c && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}

// number is where the JSON number that begins at i ends, -1 if there is none.
func number(s string, i int) int {
	digits := func() bool {
		start := i
		for i < len(s) && '0' <= s[i] && s[i] <= '9' {
			i++
		}
		return i > start
	}
	if i < len(s) && s[i] == '-' {
		i++
	}
	if i < len(s) && s[i] == '0' {
		i++
	} else if !digits() {
		return -1
	}
	if i < len(s) && s[i] == '.' {
		if i++; !digits() {
			return -1
		}
	}
	if i < len(s) && (s[i] == 'e' || s[i] == 'E') {
		if i++; i < len(s) && (s[i] == '+' || s[i] == '-') {
			i++
		}
		if !digits() {
			return -1
		}
	}
	return i
}

// whole is the whole number that text is, written in any way that JSON knows:
// 1500, 1.5e3. Where it is none, why says so.
func whole(text string) (n int64, why string) {
	if number(text, 0) != len(text) || text == "" {
		return 0, "not a number"
	}
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return n, ""
	}
	f, err := strconv.ParseFloat(text, 64)
	switch {
	case err != nil || f < math.MinInt64 || f >= math.MaxInt64:
		return 0, "out of range"
	case f != math.Trunc(f):
		return 0, "not a whole number"
	}
	return int64(f), ""
}
